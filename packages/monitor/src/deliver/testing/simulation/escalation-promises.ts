import type { AlertRecord } from '../../../alerts/alerting.ts';
import type { Ladder } from '../../../alerts/escalation/ladder.ts';
import { severityRank } from '../../../model/severity.ts';
import type { DayResult, Sent, Span } from './day.ts';
import { coveredBy, isExplained, livedThroughJump } from './mutes-of-day.ts';
import { MINUTE } from './shape.ts';

/** A receiver that is back is tried again within this long. */
const RETRIED_WITHIN_MS = 6 * MINUTE;

interface Step {
  readonly level: number;
  readonly channel: string;
}

/** When the escalation with this number (0 is the first) is due, in ms since the alert fired; `Infinity` when there are no more. */
function escalationAfterMs({ steps, repeatMs }: Ladder, level: number): number {
  const step = steps[level];
  if (step !== undefined) return step.afterMs;
  const last = steps.at(-1);
  if (last === undefined || repeatMs === undefined) return Infinity;
  return last.afterMs + (level - steps.length + 1) * repeatMs;
}

/** When the alert stands on the step: from its time until the next one's, the alert's end, or somebody takes it. */
function timeOf(day: DayResult, alert: AlertRecord, level: number): Span {
  const afterMs = (one: number): number => alert.firedAtMs + escalationAfterMs(day.shape.ladder, one);
  const taken = day.acknowledged.filter(({ alertId }) => alertId === alert.id).map(({ atMs }) => atMs);
  return { fromMs: afterMs(level), toMs: Math.min(alert.resolvedAtMs ?? Infinity, ...taken, afterMs(level + 1)) };
}

/** Whether the alert was looked at on that step while nobody had taken it, nothing covered it, and the channel could be reached. */
function isDue(day: DayResult, alert: AlertRecord, { level, channel }: Step): boolean {
  const { fromMs, toMs } = timeOf(day, alert, level);
  const endMs = alert.resolvedAtMs ?? Infinity;
  const wasBadEnough = alert.transitions
    .filter(({ kind }) => kind === 'fired' || kind === 'changed')
    .every(({ severity }) => severityRank(severity) >= severityRank(day.shape.ladder.minimumSeverity));
  if (!wasBadEnough) return false;
  // The evaluation that tells of it at last, after a silence, say, leaves its escalation to the next.
  const toldAtMs = alert.transitions.find(({ kind, muted }) => kind === 'fired' && muted === undefined)?.atMs ?? Infinity;
  const isFree = (atMs: number): boolean => !coveredBy(day, alert, atMs) && !isExplained(day, alert, atMs);
  return day.evaluatedAtMs.some(
    (atMs) =>
      // A rule is evaluated as of the last of its instants, which are a minute apart.
      atMs - MINUTE >= Math.max(fromMs, toldAtMs) &&
      atMs < toMs &&
      !day.startedAtMs.some((startedAtMs) => startedAtMs <= atMs && startedAtMs > atMs - MINUTE) &&
      isFree(atMs) &&
      isFree(atMs - MINUTE) &&
      !day.outages.some((outage) => outage.channel === channel && outage.fromMs <= endMs && outage.toMs + RETRIED_WITHIN_MS >= atMs),
  );
}

/** Who does not take an alert is told again, and whoever stands on the next step is; who took it has peace. */
export function* escalationPromises(day: DayResult, channel: string, messages: readonly Sent[]): Generator<string> {
  for (const alert of day.alerts) {
    if (livedThroughJump(day, alert)) continue;
    const name = `${channel}: alert ${alert.id} (${alert.message})`;
    const escalations = messages.filter(
      ({ notification: { reason, alerts } }) => reason === 'escalated' && alerts.some(({ id }) => id === alert.id),
    );
    for (const [level, { channels = [] }] of day.shape.ladder.steps.entries()) {
      const isFor = channels.length > 0 ? channels.includes(channel) : day.shape.isTold(channel, alert.labels['instance'] ?? '');
      const { fromMs, toMs } = timeOf(day, alert, level);
      const wasTold = escalations.some(({ atMs }) => atMs >= fromMs && atMs <= toMs + MINUTE);
      if (isFor && !wasTold && isDue(day, alert, { level, channel })) yield `${name} was not escalated (step ${level + 1})`;
    }
    const takenAtMs = day.acknowledged.find(({ alertId, isAnswered }) => isAnswered && alertId === alert.id)?.atMs ?? Infinity;
    const alone = escalations.filter(({ notification }) => notification.alerts.length === 1);
    if (alone.some(({ notification }) => notification.createdAtMs > takenAtMs)) yield `${name} was escalated after somebody took it`;
  }
}
