import type { Notification, NotifiedAlert } from './channel.ts';
import { byUrgency } from './notification-view.ts';
import { likelyRoot } from './outbox/stored-notification.ts';

function placeOf({ labels }: NotifiedAlert): string {
  return JSON.stringify([labels['job'], labels['instance']]);
}

function saidOf(alerts: readonly NotifiedAlert[]): NotifiedAlert | undefined {
  const urgent = byUrgency(alerts);
  const firing = urgent.filter(({ status }) => status === 'firing');
  return new Set(firing.map(placeOf)).size > 1 ? likelyRoot(firing) : urgent[0];
}

/**
 * One line that says what is the matter: the sentence of the most urgent alert (of what the others probably follow from, when several places suffer), how many there are and of whom; how long it took when all is over.
 * `2 alerts on shop-1: CPU usage is 93.0%, exceeding threshold of 90.0`.
 */
export function titleOf({ alerts, reason }: Pick<Notification, 'alerts' | 'reason'>, subject: string): string {
  const first = saidOf(alerts);
  if (first === undefined) return `Nothing to tell of ${subject}`;
  const firing = alerts.filter((alert) => alert.status === 'firing').length;
  const count = (number: number): string => (number === 1 ? '1 alert' : `${number} alerts`);
  if (firing === 0) {
    const lastedMs = (first.resolvedAtMs ?? first.firedAtMs) - first.firedAtMs;
    const lasted = alerts.length === 1 ? ` after ${Math.round(lastedMs / 1000)} s` : '';
    return `Resolved${lasted}: ${alerts.length === 1 ? `alert` : count(alerts.length)} on ${subject}: ${first.message}`;
  }
  const resolved = alerts.length - firing;
  const also = resolved === 0 ? '' : ` (${resolved} resolved)`;
  return `${reason === 'escalated' ? 'Nobody has taken ' : ''}${count(firing)} on ${subject}${also}: ${first.message}`;
}
