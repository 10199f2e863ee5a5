import { severityRank, type Severity } from '../../model/severity.ts';

export interface LadderStep {
  /** Since the alert fired, > 0, each step later than the one before. */
  readonly afterMs: number;
  /** Names of the channels that are told; absent: those of the alert and those marked for escalations. */
  readonly channels?: readonly string[];
}

/** Who is told when nobody takes an alert. An acknowledgement ends it; a silence or an explaining alert holds it. */
export interface Ladder {
  /** At least one. */
  readonly steps: readonly LadderStep[];
  /** Between repetitions of the last step, > 0; absent: no repetition. */
  readonly repeatMs?: number;
  /** Less severe alerts are not escalated. */
  readonly minimumSeverity: Severity;
}

export const DEFAULT_LADDER: Ladder = { steps: [{ afterMs: 900_000 }], minimumSeverity: 'critical' };

/** When the escalation with this number (0 is the first) is due, in ms since the alert fired; `Infinity` when there are no more. */
export function escalationAfterMs({ steps, repeatMs }: Ladder, level: number): number {
  const step = steps[level];
  if (step !== undefined) return step.afterMs;
  const last = steps.at(-1);
  if (last === undefined || repeatMs === undefined) return Infinity;
  return last.afterMs + (level - steps.length + 1) * repeatMs;
}

/** The step that an alert which was escalated `level` times stands on; `undefined` before the first. */
export function stepOf({ steps }: Ladder, level: number): LadderStep | undefined {
  return level <= 0 ? undefined : steps[Math.min(level, steps.length) - 1];
}

/** The number of escalations a firing alert has come to; those missed while nobody evaluated are taken at once, told as one. */
export function levelAt(ladder: Ladder, alert: { readonly severity: Severity; readonly level: number; readonly firedMs: number }): number {
  if (severityRank(alert.severity) < severityRank(ladder.minimumSeverity)) return alert.level;
  let { level } = alert;
  while (level < ladder.steps.length && alert.firedMs >= escalationAfterMs(ladder, level)) level++;
  if (level < ladder.steps.length || ladder.repeatMs === undefined) return level;
  const last = escalationAfterMs(ladder, ladder.steps.length - 1);
  return Math.max(level, ladder.steps.length + Math.floor((alert.firedMs - last) / ladder.repeatMs));
}
