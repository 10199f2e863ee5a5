import type { Severity } from '../../model/severity.ts';
import { breachMessage, learnedMessage } from '../../rules/message.ts';
import { breachOf, type Threshold } from '../../rules/thresholds.ts';
import type { ActiveAlert } from '../alerting.ts';
import type { HoldTimes } from '../state/next-state.ts';
import type { Reading } from './take-readings.ts';

/** Why a value is remarkable, ready to be shown. */
export interface Verdict {
  readonly severity: Severity;
  readonly threshold: number;
  readonly message: string;
  readonly cause: 'static' | 'learned';
}

/**
 * Judges one reading. A configured limit always wins; a learned one speaks only where no configured one is crossed, and then as `low`.
 * @returns `undefined` for an ordinary value.
 */
export function judge(
  reading: Reading,
  limits: { readonly threshold: Threshold | undefined; readonly learned: number | undefined },
): Verdict | undefined {
  const { metric, value, unit } = reading;
  const breach = limits.threshold === undefined ? undefined : breachOf(metric, value, limits.threshold);
  if (breach !== undefined) {
    return { severity: breach.severity, threshold: breach.limit, message: breachMessage(metric, { value, unit, breach }), cause: 'static' };
  }
  if (limits.learned === undefined || value <= limits.learned) return undefined;
  return {
    severity: 'low',
    threshold: Number(limits.learned.toPrecision(6)),
    message: learnedMessage(metric, { value, unit, limit: limits.learned }),
    cause: 'learned',
  };
}

/**
 * Configured limits speak at once and end at the second good evaluation in a row; learned ones wait for a few evaluations, for they know
 * less.
 */
export function holdTimes(verdict: { readonly cause: ActiveAlert['cause'] }, intervalMs: number): HoldTimes {
  return { holdMs: verdict.cause === 'learned' ? 3 * intervalMs : 0, keepFiringMs: Math.min(intervalMs, 5000) };
}
