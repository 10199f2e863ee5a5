/**
 * inactive → pending → firing → recovering → inactive. `pending` keeps a short breach quiet; `recovering` holds an alert open so that a
 * flapping metric sends one notification, not fifty. Pure: time is an argument, every timer is data that survives a restart. The same machine
 * moves thresholds and Prometheus's rules, whose `for` is `holdMs` and whose `keep_firing_for` is `keepFiringMs`.
 */
export type AlertState =
  | { readonly phase: 'inactive' }
  | { readonly phase: 'pending'; readonly sinceMs: number }
  | { readonly phase: 'firing'; readonly activeAtMs: number; readonly firedAtMs: number }
  | { readonly phase: 'recovering'; readonly sinceMs: number; readonly activeAtMs: number; readonly firedAtMs: number };

export interface HoldTimes {
  /** A breach must last this long before the alert fires, ≥ 0. 0 fires at the first breach. */
  readonly holdMs: number;
  /** A firing alert must be free of breaches this long before it resolves, ≥ 0. 0 resolves at the first good value. */
  readonly keepFiringMs: number;
}

export const INACTIVE: AlertState = Object.freeze({ phase: 'inactive' });

/** State after an evaluation at `nowMs`. A clock that jumped backwards starts the hold anew instead of stretching it. */
export function nextState(state: AlertState, breached: boolean, nowMs: number, hold: HoldTimes): AlertState {
  switch (state.phase) {
    case 'inactive':
      if (!breached) return state;
      return hold.holdMs <= 0 ? { phase: 'firing', activeAtMs: nowMs, firedAtMs: nowMs } : { phase: 'pending', sinceMs: nowMs };
    case 'pending':
      if (!breached) return INACTIVE;
      if (nowMs < state.sinceMs) return { phase: 'pending', sinceMs: nowMs };
      return nowMs - state.sinceMs >= hold.holdMs ? { phase: 'firing', activeAtMs: state.sinceMs, firedAtMs: nowMs } : state;
    case 'firing':
      if (breached) return state;
      return hold.keepFiringMs <= 0 ? INACTIVE : { ...state, phase: 'recovering', sinceMs: nowMs };
    default:
      if (breached) return { phase: 'firing', activeAtMs: state.activeAtMs, firedAtMs: state.firedAtMs };
      if (nowMs < state.sinceMs) return { ...state, sinceMs: nowMs };
      return nowMs - state.sinceMs >= hold.keepFiringMs ? INACTIVE : state;
  }
}

/** Whether people should see the alert: it fires, or is only just recovering. */
export function isActive(state: AlertState): state is Extract<AlertState, { readonly firedAtMs: number }> {
  return state.phase === 'firing' || state.phase === 'recovering';
}

/** Since when the breach lasts; `undefined` without one. */
export function activeSince(state: AlertState): number | undefined {
  if (state.phase === 'inactive') return undefined;
  return state.phase === 'pending' ? state.sinceMs : state.activeAtMs;
}
