/** What alerting promises, checked on what happened in a day: by what the world knows, not by what the product says of itself where that can be had. */
import type { AlertRecord, AlertTransition } from '../../../alerts/alerting.ts';
import type { Notification, NotifiedAlert } from '../../channel.ts';
import type { DayResult, Sent } from './day.ts';
import { escalationPromises } from './escalation-promises.ts';
import { coveredBy, isExplained, livedThroughJump } from './mutes-of-day.ts';
import { CHANNELS } from './shape.ts';

/** Messages of one channel, duplicates under one id taken once. */
function distinct(sent: readonly Sent[], channel: string): readonly Sent[] {
  const seen = new Set<string>();
  return sent.filter(
    ({ channel: own, notification }) => own === channel && !seen.has(notification.id) && seen.add(notification.id) !== undefined,
  );
}

interface Told extends NotifiedAlert {
  readonly reason: Notification['reason'];
  readonly atMs: number;
}

function toldOf(messages: readonly Sent[], alertId: string): readonly Told[] {
  return messages.flatMap(({ notification, atMs }) =>
    notification.alerts.filter(({ id }) => id === alertId).map((alert) => ({ ...alert, reason: notification.reason, atMs })),
  );
}

const instanceOf = ({ labels }: Pick<AlertRecord, 'labels'>): string => labels['instance'] ?? '';

/** Every firing is told with its end, or has a reason. */
function* endsAndReasons(day: DayResult, channel: string, messages: readonly Sent[]): Generator<string> {
  for (const alert of day.alerts) {
    const { id, transitions, resolvedAtMs, message } = alert;
    const told = toldOf(messages, id);
    const heard = transitions.filter(({ kind, muted }) => kind === 'fired' && muted === undefined);
    const name = `${channel}: alert ${id} (${message})`;
    const isTold = day.shape.isTold(channel, instanceOf(alert));
    // What begins and ends in quiet hours is told to nobody.
    const isQuietThroughout =
      day.shape.isQuiet(channel, heard[0]?.atMs ?? 0) && day.shape.isQuiet(channel, resolvedAtMs ?? 0) && told.length === 0;
    if (resolvedAtMs === undefined) yield `${name} never ended`;
    if (heard.length > 0 && told.length === 0 && isTold && !isQuietThroughout) yield `${name} was never told`;
    if (heard.length === 0 && told.length > 0) yield `${name} was muted throughout, and told`;
    if (told.length > 0 && told.at(-1)?.status !== 'resolved') yield `${name} was told to fire and not to end`;
    if (!isTold && told.some(({ reason }) => reason === 'new')) yield `${name} was told to a channel that its route does not lead to`;
  }
}

/** What says that nobody was told because of a silence or of another alert is so. */
function* trueReasons(day: DayResult): Generator<string> {
  const lie = (alert: AlertRecord, { muted, atMs }: AlertTransition): boolean =>
    muted === 'silenced' ? !coveredBy(day, alert, atMs) : muted === 'inhibited' && !isExplained(day, alert, atMs);
  for (const alert of day.alerts)
    for (const transition of alert.transitions)
      if (!livedThroughJump(day, alert) && transition.kind === 'fired' && lie(alert, transition))
        yield `alert ${alert.id} (${alert.message}) is said to be ${transition.muted} and was not`;
}

/** Nobody hears first of an alert that a silence or another alert covered from its beginning until then. */
function* covers(day: DayResult, channel: string, messages: readonly Sent[]): Generator<string> {
  for (const alert of day.alerts) {
    const [first] = toldOf(messages, alert.id);
    if (first === undefined || livedThroughJump(day, alert)) continue;
    const moments = [alert.firedAtMs, ...day.evaluatedAtMs.filter((atMs) => atMs > alert.firedAtMs && atMs <= first.atMs)];
    if (moments.every((atMs) => coveredBy(day, alert, atMs) || isExplained(day, alert, atMs)))
      yield `${channel}: alert ${alert.id} (${alert.message}) was covered until it was told`;
  }
}

/** Nothing is said twice, but for repetitions at their time; and nothing but what is critical or was not taken is said in quiet hours. */
function* repetitions(day: DayResult, channel: string, messages: readonly Sent[]): Generator<string> {
  // An alert whose severity changes may go from one group to another.
  const cameBack = (alertId: string, fromMs: number, toMs: number): boolean =>
    day.alerts.some(
      ({ id, transitions }) => id === alertId && transitions.some(({ kind, atMs }) => kind === 'changed' && atMs > fromMs && atMs <= toMs),
    );
  const keyOf = ({ notification: { groupKey } }: Sent, { id }: NotifiedAlert): string => `${groupKey} ${id}`;
  const known = new Map<string, { readonly state: string; readonly by: Sent }>();
  for (const sent of messages) {
    const { notification, atMs } = sent;
    const { id, title, reason, alerts } = notification;
    const name = `${channel}: ${id} at ${new Date(atMs).toISOString()} (${title})`;
    const isUrgent = reason === 'escalated' || alerts.some((alert) => alert.severity === 'critical');
    if (day.shape.isQuiet(channel, atMs) && !isUrgent) yield `${name} was told in quiet hours`;
    const stateOf = (alert: NotifiedAlert): string => `${alert.status} ${alert.severity}`;
    const hasNews = alerts.some((alert) => known.get(keyOf(sent, alert))?.state !== stateOf(alert));
    if (!hasNews && reason !== 'escalated') {
      const before = alerts.map((alert) => known.get(keyOf(sent, alert))?.by).filter((one) => one !== undefined);
      const gapMs = Math.min(...before.map((one) => Math.max(sent.monotonicMs - one.monotonicMs, sent.atMs - one.atMs)));
      const repeatMs = Math.min(...alerts.map((alert) => day.shape.repeatMsOf(instanceOf(alert)) ?? Infinity));
      if (gapMs < repeatMs - 1) yield `${name} says again what was told ${gapMs} ms before`;
    }
    for (const alert of alerts) {
      const before = known.get(keyOf(sent, alert));
      const isAgain = alert.status === 'resolved' && before?.state.startsWith('resolved') === true;
      if (isAgain && !cameBack(alert.id, before.by.atMs, atMs)) yield `${name} tells an end twice`;
      known.set(keyOf(sent, alert), { state: stateOf(alert), by: sent });
    }
  }
  for (const [key, { state, by }] of known)
    // Automatic groups may come together in one message and end apart.
    if (state.startsWith('firing') && day.shape.repeatMsOf(instanceOf(by.notification.alerts[0] ?? { labels: {} })) !== undefined)
      yield `${channel}: ${key} was told to fire in its group and not to end there`;
}

/** A message that leaves again after a crash is the same under the same id. */
function* ids(sent: readonly Sent[], channel: string): Generator<string> {
  const byId = Map.groupBy(
    sent.filter((one) => one.channel === channel),
    ({ notification }) => notification.id,
  );
  for (const [id, copies] of byId)
    if (new Set(copies.map(({ notification }) => JSON.stringify(notification.alerts))).size > 1)
      yield `${channel}: ${id} names two messages`;
}

/** What was promised and not kept, one sentence each; empty when all was. */
export function brokenPromises(day: DayResult): readonly string[] {
  const byChannel = CHANNELS.flatMap((channel) => {
    const messages = distinct(day.sent, channel);
    return [
      ...endsAndReasons(day, channel, messages),
      ...covers(day, channel, messages),
      ...repetitions(day, channel, messages),
      ...escalationPromises(day, channel, messages),
      ...ids(day.sent, channel),
    ];
  });
  return [...byChannel, ...trueReasons(day)];
}
