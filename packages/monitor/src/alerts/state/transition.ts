import type { AlertChange } from '../alerting.ts';
import { isActive } from './next-state.ts';
import type { TrackedAlert } from './tracked-alert.ts';

export interface TransitionContext {
  readonly nowMs: number;
  readonly isSilenced: (alert: TrackedAlert) => boolean;
  readonly escalateAfterMs: number;
}

export interface Stepped {
  /** The alert afterwards; it is inactive when it has ended. */
  readonly alert: TrackedAlert;
  /** What somebody may have to hear of. */
  readonly change: AlertChange['kind'] | undefined;
}

function changeOf(before: TrackedAlert | undefined, after: TrackedAlert, context: TransitionContext): AlertChange['kind'] | undefined {
  const wasActive = before !== undefined && isActive(before.state);
  if (!isActive(after.state)) return wasActive ? 'resolved' : undefined;
  if (!wasActive) return 'fired';
  if (!after.wasNotified && !context.isSilenced(after)) return 'fired';
  return before.severity === after.severity ? undefined : 'changed';
}

/** Whether a critical alert has waited long enough for somebody to take it. Once per alert; an acknowledgement or a silence stops it. */
function isEscalationDue(alert: TrackedAlert, context: TransitionContext): boolean {
  return (
    alert.severity === 'critical' &&
    alert.acknowledgedBy === undefined &&
    alert.escalationLevel === 0 &&
    isActive(alert.state) &&
    context.nowMs - alert.state.firedAtMs >= context.escalateAfterMs &&
    !context.isSilenced(alert)
  );
}

/** What the step from `before` to `after` is worth telling. Pure; every rule, of whichever kind, passes here. */
export function transition(before: TrackedAlert | undefined, after: TrackedAlert, context: TransitionContext): Stepped {
  let alert = after;
  let change = changeOf(before, alert, context);
  if (change === undefined && isEscalationDue(alert, context)) {
    alert = { ...alert, escalationLevel: 1 };
    change = 'escalated';
  }
  if (change === 'fired') alert = { ...alert, wasNotified: !context.isSilenced(alert) };
  return { alert, change };
}
