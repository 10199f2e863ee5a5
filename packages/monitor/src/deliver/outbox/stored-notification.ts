import { severityRank } from '../../model/severity.ts';
import type { GroupOrigin, Notification, NotifiedAlert } from '../channel.ts';
import { severityOf } from '../notification-view.ts';

/** What matters of the message in an outbox row: the news of one group at one moment. */
export interface StoredNotification {
  readonly title: string;
  readonly reason: Notification['reason'];
  readonly alerts: readonly NotifiedAlert[];
  /** Absent in rows of older versions. */
  readonly origin?: GroupOrigin;
  /** The route's own times; without them the group is damped and the channel's budget asked. */
  readonly pace?: Pace;
  /** The route it came by; absent in rows of older versions. */
  readonly routeId?: string;
}

/** When a group of a route with its own times speaks. */
export interface Pace {
  /** Between the first news of a group and its first message. */
  readonly waitMs: number;
  /** Between a message and the next with news. */
  readonly intervalMs: number;
  /** Between a message and its repetition while nothing changes, > 0. */
  readonly repeatMs: number;
}

/** A waiting message, read back. */
export interface WaitingNotification extends StoredNotification {
  readonly id: string;
  readonly groupKey: string;
  readonly createdAtMs: number;
}

/** How JSON writes halves of surrogate pairs and control characters. */
const UNSENDABLE = /\\u(?:d[89a-f]|00)/;

/** Receivers refuse whole messages for half a surrogate pair or a control character in a label. */
function sendable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/(?![\t\n])[\p{Cs}\p{Cc}]/gu, '\uFFFD') : value;
}

/** @throws SyntaxError | TypeError for a row that is not a message. */
export function parseStored(json: string): StoredNotification {
  const stored = JSON.parse(json, UNSENDABLE.test(json) ? sendable : undefined) as StoredNotification;
  const { title, reason, alerts, origin, pace, routeId } = stored;
  return {
    title,
    reason,
    // JSON has no `undefined`: an alert that still fires has no such key.
    alerts: alerts.map((alert) => ({ ...alert, resolvedAtMs: alert.resolvedAtMs })),
    ...(origin === undefined ? {} : { origin }),
    ...(pace === undefined ? {} : { pace }),
    ...(routeId === undefined ? {} : { routeId }),
  };
}

/** The last known state of every alert that any of the messages speaks of; those that fire and are worse come first. */
export function latestAlerts(messages: readonly Pick<StoredNotification, 'alerts'>[]): readonly NotifiedAlert[] {
  const latest = new Map<string, NotifiedAlert>();
  for (const { alerts } of messages) for (const alert of alerts) latest.set(alert.id, alert);
  return [...latest.values()].sort(
    (a, b) =>
      Number(b.status === 'firing') - Number(a.status === 'firing') ||
      severityRank(b.severity) - severityRank(a.severity) ||
      a.firedAtMs - b.firedAtMs,
  );
}

const beganAtMs = ({ firedAtMs, activeAtMs = firedAtMs }: NotifiedAlert): number => activeAtMs;

/** The alert that all others probably follow from: the one that began first; of several, the worst. */
export function likelyRoot(alerts: readonly NotifiedAlert[]): NotifiedAlert | undefined {
  return alerts.toSorted((a, b) => beganAtMs(a) - beganAtMs(b) || severityRank(b.severity) - severityRank(a.severity))[0];
}

function placeOf({ labels }: NotifiedAlert): string {
  return labels['service'] ?? labels['job'] ?? labels['instance'] ?? 'this host';
}

/** The title of several messages in one: how many, where, and what it probably follows from. */
function digestTitle(alerts: readonly NotifiedAlert[], reason: Notification['reason']): string {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const root = likelyRoot(firing.length > 0 ? firing : alerts);
  if (root === undefined) return 'No alerts';
  const prefix = firing.length === 0 ? 'Resolved: ' : reason === 'escalated' ? 'Nobody acknowledged: ' : '';
  if (alerts.length === 1) return `${prefix}${root.message}`;
  const counts = firing.length === 0 ? `${alerts.length} alerts` : `${firing.length} of ${alerts.length} alerts firing`;
  const places = new Set(alerts.map(placeOf)).size;
  return `${prefix}${counts}${places > 1 ? ` in ${places} places` : ''}, first: ${root.message} (${placeOf(root)})`;
}

/**
 * One message that speaks for all of `waiting` (oldest first, at least one). Its id is that of the newest, so a retry of the same news has the same
 * id and a message with more news has another.
 */
export function combine(waiting: readonly WaitingNotification[], deliveredLate: boolean): Notification {
  const newest = waiting.at(-1) as WaitingNotification;
  const alerts = latestAlerts(waiting);
  const status = alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
  const reason = newest.reason !== 'resolved' || status === 'resolved' ? newest.reason : 'changed';
  const groups = new Set(waiting.map(({ groupKey }) => groupKey));
  return {
    id: newest.id,
    groupKey: groups.size === 1 ? newest.groupKey : 'several',
    ...(groups.size === 1 && newest.origin !== undefined ? { origin: newest.origin } : {}),
    title: waiting.length === 1 ? newest.title : digestTitle(alerts, reason),
    severity: severityOf(alerts),
    status,
    reason: status === 'resolved' && reason !== 'test' ? 'resolved' : reason,
    alerts,
    createdAtMs: newest.createdAtMs,
    deliveredLate,
  };
}
