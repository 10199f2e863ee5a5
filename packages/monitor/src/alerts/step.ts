import type { IdSource } from '../base/ids.ts';
import type { Threshold } from '../rules/thresholds.ts';
import type { AlertChange } from './alerting.ts';
import { holdTimes, judge, type Verdict } from './judge.ts';
import { INACTIVE, isActive, nextState } from './next-state.ts';
import type { Reading } from './take-readings.ts';
import type { TrackedAlert } from './tracked-alert.ts';

export interface StepContext {
  /** `undefined`: the series has no fresh value, which ends a breach. */
  readonly reading: Reading | undefined;
  readonly threshold: Threshold | undefined;
  readonly learned: number | undefined;
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly newId: IdSource;
  readonly isSilenced: (alert: TrackedAlert) => boolean;
  readonly escalateAfterMs: number;
}

export interface Stepped {
  /** The alert afterwards; `undefined` when there is none. */
  readonly alert: TrackedAlert | undefined;
  /** What somebody may have to hear of. */
  readonly change: AlertChange['kind'] | undefined;
}

function newAlert(reading: Reading, context: StepContext): TrackedAlert {
  return {
    id: context.newId(),
    key: reading.key,
    metricName: reading.metric,
    labels: reading.labels,
    threshold: 0,
    currentValue: reading.value,
    severity: 'low',
    message: '',
    cause: 'learned',
    updatedAtMs: context.nowMs,
    acknowledgedBy: undefined,
    escalationLevel: 0,
    state: INACTIVE,
    wasNotified: false,
  };
}

function withVerdict(alert: TrackedAlert, verdict: Verdict | undefined, context: StepContext): TrackedAlert {
  const currentValue = context.reading?.value ?? alert.currentValue;
  return { ...alert, ...verdict, currentValue, updatedAtMs: context.nowMs };
}

function changeOf(before: TrackedAlert | undefined, after: TrackedAlert, context: StepContext): AlertChange['kind'] | undefined {
  const wasActive = before !== undefined && isActive(before.state);
  if (!isActive(after.state)) return wasActive ? 'resolved' : undefined;
  if (!wasActive) return 'fired';
  if (!after.wasNotified && !context.isSilenced(after)) return 'fired';
  return before.severity === after.severity ? undefined : 'changed';
}

/** Whether a critical alert has waited long enough for somebody to take it. Once per alert; an acknowledgement or a silence stops it. */
function isEscalationDue(alert: TrackedAlert, context: StepContext): boolean {
  return (
    alert.severity === 'critical' &&
    alert.acknowledgedBy === undefined &&
    alert.escalationLevel === 0 &&
    isActive(alert.state) &&
    context.nowMs - alert.state.firedAtMs >= context.escalateAfterMs &&
    !context.isSilenced(alert)
  );
}

/** One evaluation of one series: what becomes of its alert, and what is worth telling. Pure. */
export function step(before: TrackedAlert | undefined, context: StepContext): Stepped {
  const { reading, nowMs, intervalMs } = context;
  const verdict = reading === undefined ? undefined : judge(reading, context);
  if (before === undefined && (reading === undefined || verdict === undefined)) return { alert: undefined, change: undefined };
  const start = before ?? newAlert(reading as Reading, context);
  const state = nextState(start.state, verdict !== undefined, nowMs, holdTimes(verdict ?? start, intervalMs));
  let alert = { ...withVerdict(start, verdict, context), state };
  let change = changeOf(before, alert, context);
  if (change === undefined && isEscalationDue(alert, context)) {
    alert = { ...alert, escalationLevel: 1 };
    change = 'escalated';
  }
  if (change === 'fired') alert = { ...alert, wasNotified: !context.isSilenced(alert) };
  return { alert, change };
}
