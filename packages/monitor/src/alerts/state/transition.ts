import type { AlertChange } from '../alerting.ts';
import type { FindLadder } from '../escalation/find-ladder.ts';
import { climbAt, climbOn } from '../escalation/ladder.ts';
import { isActive } from './next-state.ts';
import type { TrackedAlert } from './tracked-alert.ts';

export interface TransitionContext {
  readonly nowMs: number;
  /** Whether nobody is to be told of it. */
  readonly isMuted: (alert: TrackedAlert) => boolean;
  readonly ladder: FindLadder;
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
  if (!after.wasNotified && !context.isMuted(after)) return 'fired';
  const told = after.toldSeverity ?? before.severity;
  return before.severity !== after.severity || (told !== after.severity && !context.isMuted(after)) ? 'changed' : undefined;
}

/** The alert after an escalation that is due by now, if one is. An acknowledgement, a silence or an alert that explains it stops it. */
function escalated(alert: TrackedAlert, { nowMs, ladder, isMuted }: TransitionContext): TrackedAlert | undefined {
  const { severity, escalationLevel: level, climb, state, acknowledgedBy } = alert;
  if (!isActive(state) || acknowledgedBy !== undefined) return undefined;
  const next = climbOn(ladder(alert), { severity, level, climb }, nowMs - state.firedAtMs);
  return next === undefined || isMuted(alert) ? undefined : { ...alert, escalationLevel: next.level, climb: next.climb };
}

/** Alerts of before climbs were written with them: whom they told is what their ladder says now. */
function withClimb(alert: TrackedAlert, { ladder }: TransitionContext): TrackedAlert {
  if (alert.escalationLevel === 0 || alert.climb !== undefined) return alert;
  return { ...alert, climb: climbAt(ladder(alert), alert.escalationLevel) };
}

function asTold(alert: TrackedAlert, isTold: boolean): TrackedAlert {
  return isTold ? { ...alert, wasNotified: true, toldSeverity: alert.severity } : alert;
}

/** What the step from `before` to `after` is worth telling. Pure; every rule, of whichever kind, passes here. */
export function transition(before: TrackedAlert | undefined, after: TrackedAlert, context: TransitionContext): Stepped {
  let alert = withClimb(after, context);
  let change = changeOf(before, alert, context);
  const climbed = change === undefined ? escalated(alert, context) : undefined;
  if (climbed !== undefined) {
    alert = climbed;
    change = 'escalated';
  }
  if (change === 'fired' || change === 'changed') alert = asTold(alert, !context.isMuted(alert));
  return { alert, change };
}
