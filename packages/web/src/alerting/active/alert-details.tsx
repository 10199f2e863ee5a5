import type { ComponentChildren, JSX } from 'preact';
import type { Alert, AlertTransition } from '@bellwether/server/api';
import { quantityText } from '../../format/number.ts';
import { dateTimeText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { Problem } from '../problem.tsx';

const CAUSES: Readonly<Record<Alert['cause'], string>> = {
  static: 'A configured threshold is crossed.',
  learned: 'The learned limit of this metric is crossed.',
  rule: 'A rule of a group says so.',
  no_data: 'Its expression gives nothing.',
  error: 'Its expression fails.',
  pushed: 'Another program judged it and sent it here.',
};

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function SilencedBy({ alert }: { readonly alert: Alert }): JSX.Element {
  const api = useAlertingApi();
  const ids = alert.silenced_by;
  const { value: silences, problem } = useFetched(() => api.silences(), ids.join(), 30_000);
  const value = silences?.filter(({ id }) => ids.includes(id));
  return (
    <Fact name="Silenced by">
      <Problem text={problem} />
      {value?.length === 0 && 'a silence that has just changed'}
      <ul>
        {value?.map(({ id, comment, author, ends_at }) => (
          <li key={id}>
            {comment === '' ? 'A silence without a comment' : `“${comment}”`} by {author}, until {dateTimeText(Date.parse(ends_at))}
          </li>
        ))}
      </ul>
    </Fact>
  );
}

function ExplainedBy({ id }: { readonly id: string }): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => api.alert(id), id, 30_000);
  return (
    <Fact name="Explained by">
      <Problem text={problem} />
      {value?.message ?? ''}
      <span class="muted"> Nobody is told of this alert while that one fires.</span>
    </Fact>
  );
}

function said({ kind, by, value, reason }: AlertTransition, unit: string): string {
  const detail = by ?? reason?.replaceAll('_', ' ') ?? (value === null ? '' : quantityText(value, unit));
  return detail === '' ? kind : `${kind}: ${detail}`;
}

function Course({ alert, unit }: { readonly alert: Alert; readonly unit: string }): JSX.Element {
  const api = useAlertingApi();
  const load = async (): Promise<readonly AlertTransition[]> => {
    const { alerts } = await api.history({ metric: alert.metric_name, from: alert.timestamp, limit: 100 });
    return alerts.find(({ id }) => id === alert.id)?.transitions ?? [];
  };
  const { value, problem } = useFetched(load, alert.id, 30_000);
  return (
    <Fact name="So far">
      <Problem text={problem} />
      <ol class="course">
        {value?.slice(-10).map((transition) => (
          <li key={`${transition.at} ${transition.kind}`}>
            <time dateTime={transition.at}>{dateTimeText(Date.parse(transition.at))}</time> {said(transition, unit)}
          </li>
        ))}
      </ol>
    </Fact>
  );
}

/** Why an alert fires, what keeps it quiet, and what became of it so far. */
export function AlertDetails({ alert }: { readonly alert: Alert }): JSX.Element {
  const { frame } = useDashboard();
  const unit = frame.value?.summary[alert.metric_name]?.unit ?? '';
  const hasThreshold = alert.cause === 'static' || alert.cause === 'learned';
  return (
    <dl class="facts">
      <Fact name="Cause">{CAUSES[alert.cause]}</Fact>
      <Fact name="Value">
        {quantityText(alert.current_value, unit)}
        {hasThreshold && `, threshold ${quantityText(alert.threshold, unit)}`}
      </Fact>
      {alert.silenced && <SilencedBy alert={alert} />}
      {alert.inhibited_by !== null && <ExplainedBy id={alert.inhibited_by} />}
      <Course alert={alert} unit={unit} />
    </dl>
  );
}
