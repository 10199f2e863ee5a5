import type { Notification, NotifiedAlert } from '../../channel.ts';
import type { DayResult, Sent } from './day.ts';

/** Messages of one channel, duplicates under one id taken once. */
function distinct(sent: readonly Sent[], channel: string): readonly Sent[] {
  const seen = new Set<string>();
  return sent.filter(
    ({ channel: own, notification }) => own === channel && !seen.has(notification.id) && seen.add(notification.id) !== undefined,
  );
}

function toldOf(messages: readonly Sent[], alertId: string): readonly (NotifiedAlert & { readonly reason: Notification['reason'] })[] {
  return messages.flatMap(({ notification }) =>
    notification.alerts.filter(({ id }) => id === alertId).map((alert) => ({ ...alert, reason: notification.reason })),
  );
}

/** What was promised and not kept, one sentence each; empty when all was. */
export function brokenPromises({ sent, alerts }: DayResult): readonly string[] {
  const broken: string[] = [];
  for (const channel of ['pager', 'chat']) {
    const messages = distinct(sent, channel);
    for (const { id, transitions, resolvedAtMs, message } of alerts) {
      const told = toldOf(messages, id);
      const fired = transitions.filter(({ kind }) => kind === 'fired');
      const wasHeard = fired.some(({ muted }) => muted === undefined);
      const name = `${channel}: alert ${id} (${message})`;
      if (resolvedAtMs === undefined) broken.push(`${name} never ended`);
      if (wasHeard && told.length === 0) broken.push(`${name} was never told`);
      if (!wasHeard && told.length > 0) broken.push(`${name} was muted throughout, and told`);
      if (told.length > 0 && told.at(-1)?.status !== 'resolved') broken.push(`${name} was told to fire and not to end`);
      const repeated = told.some(({ status, severity, reason }, i) => {
        const before = told[i - 1];
        return (
          before !== undefined && reason === 'new' && before.status === status && before.severity === severity && status === 'resolved'
        );
      });
      if (repeated) broken.push(`${name} was told to end twice`);
    }
    const byId = Map.groupBy(
      sent.filter((one) => one.channel === channel),
      ({ notification }) => notification.id,
    );
    for (const [id, copies] of byId)
      if (new Set(copies.map(({ notification }) => JSON.stringify(notification.alerts))).size > 1)
        broken.push(`${channel}: ${id} names two messages`);
  }
  return broken;
}
