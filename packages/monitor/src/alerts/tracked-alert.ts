import { seriesKey, type Labels } from '../model/labels.ts';
import type { AlertRow } from '../store/state-tables.ts';
import type { ActiveAlert } from './alerting.ts';
import type { AlertState } from './next-state.ts';

/** An alert from its first breach to its end, with what must survive a restart. */
export interface TrackedAlert extends Omit<ActiveAlert, 'silenced' | 'firedAtMs'> {
  /** Metric and labels: at most one alert for each. */
  readonly key: string;
  readonly state: AlertState;
  /** Whether anybody was told; an alert that began under a silence is told when the silence ends. */
  readonly wasNotified: boolean;
}

export function rowOf(alert: TrackedAlert, nowMs: number): AlertRow {
  const { id, metricName, labels, key: _, ...rest } = alert;
  return { id, rule: metricName, labels_json: JSON.stringify(labels), state_json: JSON.stringify(rest), updated_at_ms: nowMs };
}

export function alertOf(row: AlertRow): TrackedAlert {
  const labels = JSON.parse(row.labels_json) as Labels;
  const rest = JSON.parse(row.state_json) as Omit<TrackedAlert, 'id' | 'metricName' | 'labels' | 'key' | 'acknowledgedBy'> & {
    readonly acknowledgedBy?: string;
  };
  return { ...rest, acknowledgedBy: rest.acknowledgedBy, id: row.id, metricName: row.rule, labels, key: seriesKey(row.rule, labels) };
}
