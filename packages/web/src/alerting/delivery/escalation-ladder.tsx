import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Escalations } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { durationText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAlertingApi } from '../alerting-api.ts';
import { Problem } from '../problem.tsx';

const SIZE = 10;

function Steps({ ladder }: { readonly ladder: Escalations }): JSX.Element {
  const { steps, minimum_severity: least, repeat_seconds: repeat } = ladder;
  if (steps.length === 0) {
    return (
      <p class="muted">
        No step: an alert that nobody takes is not told again. Write <code>escalation</code> in the configuration file.
      </p>
    );
  }
  return (
    <>
      <p class="muted">For alerts from {least} up that nobody acknowledges:</p>
      <ol class="steps">
        {steps.map(({ after_seconds, channels }) => (
          <li key={after_seconds}>
            after <b>{durationText(after_seconds * 1000)}</b> to {channels === null ? 'the channels of the alert' : channels.join(', ')}
          </li>
        ))}
      </ol>
      <p class="muted">
        {repeat === null ? 'The last step is not repeated.' : `The last step comes again every ${durationText(repeat * 1000)}.`}
      </p>
    </>
  );
}

function Climber({ alert, steps }: { readonly alert: Escalations['alerts'][number]; readonly steps: number }): JSX.Element {
  const { nowMs } = useDashboard();
  const next = alert.next_at === null ? 'no further step' : `next ${inText(Date.parse(alert.next_at) - nowMs.value)}`;
  return (
    <li>
      <SeverityBadge level={alert.severity} hidesWord />
      <div>
        {alert.message}
        <p class="muted">
          {alert.level === 0 ? 'Before the first step' : `Step ${Math.min(alert.level, steps)} of ${steps}`}, {next}
        </p>
      </div>
    </li>
  );
}

const inText = (lengthMs: number): string => (lengthMs < 1000 ? 'now' : `in ${durationText(lengthMs)}`);

/** Who is told when nobody takes an alert, and which alerts are on the way. */
export function EscalationLadder(): JSX.Element {
  const api = useAlertingApi();
  const { value, problem } = useFetched(() => api.escalations(), '');
  const offset = useSignal(0);
  const climbers = value?.steps.length === 0 ? [] : (value?.alerts ?? []);
  return (
    <Card id="escalation" title="Escalation">
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={2} label="Loading the escalation ladder" />}
      {value !== undefined && (
        <>
          <Steps ladder={value} />
          <h3>Alerts on the way</h3>
          {climbers.length === 0 && <p class="muted">None: every alert is taken, or below the ladder’s severity.</p>}
          <ul class="covered">
            {climbers.slice(offset.value, offset.value + SIZE).map((alert) => (
              <Climber key={alert.id} alert={alert} steps={value.steps.length} />
            ))}
          </ul>
          <Pager label="Alerts on the way" offset={offset.value} size={SIZE} total={climbers.length} onMove={(to) => (offset.value = to)} />
        </>
      )}
    </Card>
  );
}
