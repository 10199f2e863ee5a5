import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { AlertRecord } from '@bellwether/server/api';
import { clockText, dateTimeText, durationText } from '../format/time.ts';
import { useDashboard } from '../state/context.ts';
import { SeverityBadge } from './severity.tsx';

const SHOWN = 5;

function Row({ record }: { readonly record: AlertRecord }): JSX.Element {
  const firedAtMs = Date.parse(record.fired_at);
  const resolvedAtMs = record.resolved_at === null ? undefined : Date.parse(record.resolved_at);
  return (
    <li>
      <SeverityBadge level={record.severity} hidesWord />
      <span class="history-message">{record.message}</span>
      <time dateTime={record.fired_at} title={dateTimeText(firedAtMs)}>
        {clockText(firedAtMs, { seconds: false })}
      </time>
      <span class="history-outcome">{resolvedAtMs === undefined ? 'firing' : `resolved in ${durationText(resolvedAtMs - firedAtMs)}`}</span>
    </li>
  );
}

/** The latest alerts that ended, with the time each took; fetched when the set of active alerts changes. */
export function AlertHistory(): JSX.Element | null {
  const { api, frame } = useDashboard();
  const records = useSignal<readonly AlertRecord[] | undefined>(undefined);
  const active = useComputed(() => frame.value?.alerts.map(({ id }) => id).join(' '));
  useEffect(() => {
    if (active.value === undefined) return;
    api.alertHistory(SHOWN * 2).then(
      (list) => (records.value = list.filter(({ resolved_at }) => resolved_at !== null).slice(0, SHOWN)),
      () => {},
    );
  }, [active.value]);
  if (records.value === undefined || records.value.length === 0) return null;
  return (
    <div class="history">
      <h3>Recently resolved</h3>
      <ul>
        {records.value.map((record) => (
          <Row key={record.id} record={record} />
        ))}
      </ul>
    </div>
  );
}
