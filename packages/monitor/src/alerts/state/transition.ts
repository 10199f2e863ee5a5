import type { AlertChange } from '../alerting.ts';
import { levelAt, type Ladder } from '../escalation/ladder.ts';
import { isActive } from './next-state.ts';
import type { TrackedAlert } from './tracked-alert.ts';

export interface TransitionContext {
  readonly nowMs: number;
  /** Whether nobody is to be told of it. */
  readonly isMuted: (alert: TrackedAlert) => boolean;
  readonly ladder: Ladder;
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

/** How often the alert has been escalated by now. An acknowledgement, a silence or an alert that explains it stops it. */
function escalationLevel(alert: TrackedAlert, { nowMs, ladder, isMuted }: TransitionContext): number {
  const { severity, escalationLevel: level, state, acknowledgedBy } = alert;
  if (!isActive(state) || acknowledgedBy !== undefined) return level;
  const due = levelAt(ladder, { severity, level, firedMs: nowMs - state.firedAtMs });
  return due > level && !isMuted(alert) ? due : level;
}

function asTold(alert: TrackedAlert, isTold: boolean): TrackedAlert {
  return isTold ? { ...alert, wasNotified: true, toldSeverity: alert.severity } : alert;
}

/** What the step from `before` to `after` is worth telling. Pure; every rule, of whichever kind, passes here. */
export function transition(before: TrackedAlert | undefined, after: TrackedAlert, context: TransitionContext): Stepped {
  let alert = after;
  let change = changeOf(before, alert, context);
  const level = change === undefined ? escalationLevel(alert, context) : alert.escalationLevel;
  if (level > alert.escalationLevel) {
    alert = { ...alert, escalationLevel: level };
    change = 'escalated';
  }
  if (change === 'fired' || change === 'changed') alert = asTold(alert, !context.isMuted(alert));
  return { alert, change };
}
