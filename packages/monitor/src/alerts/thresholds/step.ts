import type { IdSource } from '../../base/ids.ts';
import type { Threshold } from '../../rules/thresholds.ts';
import { INACTIVE, nextState } from '../state/next-state.ts';
import { keptAlert, THRESHOLDS, type TrackedAlert } from '../state/tracked-alert.ts';
import { transition, type Stepped, type TransitionContext } from '../state/transition.ts';
import { holdTimes, judge, type Verdict } from './judge.ts';
import type { Reading } from './take-readings.ts';

export interface StepContext extends TransitionContext {
  /** `undefined`: the series has no fresh value, which ends a breach. */
  readonly reading: Reading | undefined;
  readonly threshold: Threshold | undefined;
  readonly learned: number | undefined;
  readonly intervalMs: number;
  readonly newId: IdSource;
}

function newAlert(reading: Reading, context: StepContext): TrackedAlert {
  return {
    id: context.newId(),
    key: reading.key,
    ruleId: THRESHOLDS,
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

/** One evaluation of one series against its limits; `undefined` when there was no alert and is none. Pure. */
export function step(before: TrackedAlert | undefined, context: StepContext): Stepped | undefined {
  const { reading, nowMs, intervalMs } = context;
  const verdict = reading === undefined ? undefined : judge(reading, context);
  if (before === undefined && (reading === undefined || verdict === undefined)) return undefined;
  const start = before ?? newAlert(reading as Reading, context);
  const state = nextState(start.state, verdict !== undefined, nowMs, holdTimes(verdict ?? start, intervalMs));
  return transition(before, keptAlert(before, { ...withVerdict(start, verdict, context), state }), context);
}
