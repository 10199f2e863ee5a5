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
export interface TrackedAlert extends Omit<ActiveAlert, 'silenced' | 'silencedBy' | 'inhibitedBy' | 'firedAtMs' | 'activeAtMs' | 'ruleId'> {
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

/**
 * What is to be kept of an alert that was looked at: the known object where nothing but the time of looking differs, so that lists and memory stay as
 * they are, and known texts where they say the same.
 */
export function keptAlert(known: TrackedAlert | undefined, found: TrackedAlert): TrackedAlert {
  if (known === undefined) return { ...found, key: inOnePiece(found.key) };
  const hasSameTexts = sameTexts(known.annotations, found.annotations);
  if (hasSameTexts && SHOWN.every((field) => Object.is(known[field], found[field]))) return known;
  return hasSameTexts && known.annotations !== undefined ? { ...found, annotations: known.annotations } : found;
}

/** A key is put together from its parts, and as a rope of them it would take three times the memory for as long as the alert lasts. */
function inOnePiece(key: string): string {
  return key.split('\0').join('\0');
}

/** Everything but the texts, which are compared by themselves, what makes an alert this one, and `updatedAtMs`. */
const SHOWN = [
  'state',
  'currentValue',
  'threshold',
  'severity',
  'message',
  'cause',
  'group',
  'acknowledgedBy',
  'escalationLevel',
  'climb',
  'wasNotified',
  'endsAtMs',
] as const;

function sameTexts(one: Labels | undefined, other: Labels | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
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
    key: inOnePiece(alertKey(row.rule, labels)),
  };
}
