import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import type { AlertRecord } from '@bellwether/server/api';
import { SeverityBadge } from '../../alerts/severity.tsx';
import { quantityText } from '../../format/number.ts';
import { dateTimeText, durationText } from '../../format/time.ts';
import { useDashboard } from '../../state/context.ts';
import { useFetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { useAlertingApi } from '../alerting-api.ts';
import { LabelList } from '../label-list.tsx';
import { Problem } from '../problem.tsx';
import type { RuleEntryProps } from './rule-entry.tsx';

const SIZE = 10;
const VALUES = 5;

function FiringTable({ name, records }: { readonly name: string; readonly records: readonly AlertRecord[] }): JSX.Element {
  const offset = useSignal(0);
  if (records.length === 0) return <p class="muted">It did not fire in this time.</p>;
  return (
    <>
      <div class="scroll whole-page" role="region" aria-label={`${name}: firings`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Fired</th>
              <th scope="col">Lasted</th>
              <th scope="col">Severity</th>
              <th scope="col">Acknowledged by</th>
              <th scope="col">Labels</th>
            </tr>
          </thead>
          <tbody>
            {records.slice(offset.value, offset.value + SIZE).map((record) => (
              <tr key={`${record.id} ${record.fired_at}`}>
                <th scope="row">{dateTimeText(Date.parse(record.fired_at))}</th>
                <td>{record.resolution_seconds === null ? 'still fires' : durationText(record.resolution_seconds * 1000)}</td>
                <td>
                  <SeverityBadge level={record.severity} />
                </td>
                <td>{record.acknowledged_by ?? 'nobody'}</td>
                <td>
                  <LabelList labels={record.labels} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager label={`Firings of ${name}`} offset={offset.value} size={SIZE} total={records.length} onMove={(to) => (offset.value = to)} />
    </>
  );
}

function Values({ metric }: { readonly metric: string }): JSX.Element | null {
  const api = useAlertingApi();
  const { frame } = useDashboard();
  const { value, problem } = useFetched(() => api.alerts({ metric, limit: VALUES }), metric);
  const unit = frame.value?.summary[metric]?.unit ?? '';
  if (problem !== '') return <Problem text={problem} />;
  if (value === undefined || value.total === 0) return null;
  return (
    <>
      <h4>Value now</h4>
      <ul class="values">
        {value.alerts.map((alert) => (
          <li key={alert.id}>
            <b>{quantityText(alert.current_value, unit)}</b> <LabelList labels={alert.labels} />
          </li>
        ))}
      </ul>
      {value.total > VALUES && <p class="muted">and {value.total - VALUES} more</p>}
    </>
  );
}

/** What a rule asks, the values of its alerts now, and its firings in the window: the twin of its bar. */
export function RuleDetails({ row, records, window: [startMs] }: Omit<RuleEntryProps, 'figures'>): JSX.Element {
  const inWindow = records.filter(({ resolved_at }) => resolved_at === null || Date.parse(resolved_at) >= startMs);
  return (
    <div class="rule-details">
      <p>
        <code>{row.text}</code>
      </p>
      {row.facts.length > 0 && (
        <dl class="facts">
          {row.facts.map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {row.kind !== 'recording' && (
        <>
          <Values metric={row.name} />
          <h4>Firings</h4>
          <FiringTable name={row.name} records={inWindow} />
        </>
      )}
    </div>
  );
}
