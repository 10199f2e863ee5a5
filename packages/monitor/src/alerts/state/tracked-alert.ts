import { seriesKey, type Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import type { AlertRow } from '../../store/state-tables.ts';
import type { ActiveAlert } from '../alerting.ts';
import type { AlertState } from './next-state.ts';

/** Thresholds are one rule in this respect: alert state is kept by rule. */
export const THRESHOLDS = 'thresholds';
/** So are alerts that others push. */
export const PUSHED = 'pushed';

/** An alert from its first breach to its end, with what must survive a restart. */
export interface TrackedAlert extends Omit<ActiveAlert, 'silenced' | 'inhibitedBy' | 'firedAtMs' | 'activeAtMs'> {
  /** Name and labels: at most one alert for each within a rule. */
  readonly key: string;
  readonly ruleId: string;
  readonly state: AlertState;
  /** Whether anybody was told; an alert that began under a silence is told when the silence ends. */
  readonly wasNotified: boolean;
  /** How severe it was when it was last told: what changed under a silence is told when the silence ends. */
  readonly toldSeverity?: Severity;
  /** When a pushed alert ends unless it is pushed again. */
  readonly endsAtMs?: number;
}

export function alertKey(name: string, labels: Labels): string {
  return seriesKey(name, labels);
}

export function rowOf(alert: TrackedAlert, nowMs: number): AlertRow {
  const { id, metricName, labels, key: _, ...rest } = alert;
  return { id, rule: metricName, labels_json: JSON.stringify(labels), state_json: JSON.stringify(rest), updated_at_ms: nowMs };
}

type Stored = Omit<TrackedAlert, 'id' | 'metricName' | 'labels' | 'key'>;

export function alertOf(row: AlertRow): TrackedAlert {
  const labels = JSON.parse(row.labels_json) as Labels;
  const rest = JSON.parse(row.state_json) as Partial<Stored> & Omit<Stored, 'acknowledgedBy' | 'ruleId'>;
  return {
    ...rest,
    ruleId: rest.ruleId ?? THRESHOLDS,
    acknowledgedBy: rest.acknowledgedBy,
    // Alerts of before rules had groups know no beginning but their firing.
    state: 'firedAtMs' in rest.state ? { ...rest.state, activeAtMs: rest.state.activeAtMs ?? rest.state.firedAtMs } : rest.state,
    id: row.id,
    metricName: row.rule,
    labels,
    key: alertKey(row.rule, labels),
  };
}
