import type { AlertState } from '../state/next-state.ts';

export interface RestoreOptions {
  /** When the rule was last evaluated before the restart. */
  readonly downAtMs: number;
  readonly nowMs: number;
  readonly holdMs: number;
  /** @default 0, see decision 30 */
  readonly gracePeriodMs?: number;
  /** @default 3,600,000 */
  readonly outageToleranceMs?: number;
}

/**
 * A pending alert after a restart, by Prometheus's rules for its `for` state: time in which nobody looked does not count, an outage longer than
 * the tolerance begins the hold anew, and one that has little left to wait still waits for the grace period. Firing alerts go on as they are.
 */
export function restoreHold(state: AlertState, options: RestoreOptions): AlertState {
  const { downAtMs, nowMs, holdMs, gracePeriodMs = 0, outageToleranceMs = 3_600_000 } = options;
  if (state.phase !== 'pending') return state;
  const isTooOld = nowMs - downAtMs > outageToleranceMs || downAtMs < state.sinceMs || downAtMs > nowMs;
  if (isTooOld || holdMs < gracePeriodMs) return { phase: 'pending', sinceMs: nowMs };
  const remainingMs = holdMs - (downAtMs - state.sinceMs);
  if (remainingMs <= 0) return state;
  if (remainingMs < gracePeriodMs) return { phase: 'pending', sinceMs: nowMs + gracePeriodMs - holdMs };
  return { phase: 'pending', sinceMs: state.sinceMs + (nowMs - downAtMs) };
}
