import { severityRank, type Severity } from '../model/severity.ts';
import type { Notification, NotifiedAlert } from './channel.ts';

/** One alert as receivers read it: the contract's fields and more. Instants are ISO 8601, UTC. */
export interface AlertView {
  readonly id: string;
  readonly metric_name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly threshold: number;
  readonly current_value: number;
  readonly severity: string;
  readonly message: string;
  readonly status: string;
  readonly timestamp: string;
  readonly fired_at: string;
  readonly resolved_at: string | null;
}

/**
 * Body of a webhook. `type` is `alert.firing`, `alert.resolved` or `test`; `alerts` lists the most severe first, `alerts_total` counts them all,
 * since a long list is cut. `id` stays the same over retries.
 */
export interface NotificationView {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly group_key: string;
  readonly title: string;
  readonly severity: string;
  readonly status: string;
  readonly reason: string;
  readonly delivered_late: boolean;
  readonly alerts_total: number;
  readonly alerts: readonly AlertView[];
}

/** Firing before resolved, then most severe first, then newest. A new array. */
export function byUrgency(alerts: readonly NotifiedAlert[]): NotifiedAlert[] {
  const firing = (alert: NotifiedAlert): number => (alert.status === 'firing' ? 1 : 0);
  return [...alerts].sort(
    (a, b) => firing(b) - firing(a) || severityRank(b.severity) - severityRank(a.severity) || b.firedAtMs - a.firedAtMs,
  );
}

/** The most severe of those that fire, or of all when none does. */
export function severityOf(alerts: readonly NotifiedAlert[]): Severity {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  return (firing.length > 0 ? firing : alerts).reduce<Severity>(
    (worst, { severity }) => (severityRank(severity) > severityRank(worst) ? severity : worst),
    'low',
  );
}

export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function alertView(alert: NotifiedAlert): AlertView {
  return {
    id: alert.id,
    metric_name: alert.metricName,
    labels: alert.labels,
    threshold: alert.threshold,
    current_value: alert.currentValue,
    severity: alert.severity,
    message: alert.message,
    status: alert.status,
    timestamp: iso(alert.resolvedAtMs ?? alert.firedAtMs),
    fired_at: iso(alert.firedAtMs),
    resolved_at: alert.resolvedAtMs === undefined ? null : iso(alert.resolvedAtMs),
  };
}

/** Characters of JSON that listed alerts may take together: labels have no limit, receivers take about a megabyte. */
const LISTED_CHARS = 900_000;

/** As many from the start as a receiver takes, one at least. */
export function fitting<T>(views: readonly T[]): readonly T[] {
  let room = LISTED_CHARS;
  const end = views.findIndex((view, i) => (room -= JSON.stringify(view).length) < 0 && i > 0);
  return end === -1 ? views : views.slice(0, end);
}

/** @param limit Alerts listed at most. */
export function notificationView(notification: Notification, limit: number): NotificationView {
  return {
    id: notification.id,
    type: notification.reason === 'test' ? 'test' : `alert.${notification.status}`,
    timestamp: iso(notification.createdAtMs),
    group_key: notification.groupKey,
    title: notification.title,
    severity: notification.severity,
    status: notification.status,
    reason: notification.reason,
    delivered_late: notification.deliveredLate,
    alerts_total: notification.alerts.length,
    alerts: fitting(byUrgency(notification.alerts).slice(0, limit).map(alertView)),
  };
}

/** When one alert began and ended, in words: `since 2026-01-01T00:00:00.000Z` or `from … to … (42 s)`. */
export function spanOf(alert: NotifiedAlert): string {
  if (alert.resolvedAtMs === undefined) return `since ${iso(alert.firedAtMs)}`;
  const seconds = Math.round((alert.resolvedAtMs - alert.firedAtMs) / 1000);
  return `from ${iso(alert.firedAtMs)} to ${iso(alert.resolvedAtMs)} (${seconds} s)`;
}

/** Labels on one line, `a=b, c=d`; empty without labels. */
export function labelLine(alert: NotifiedAlert): string {
  return Object.entries(alert.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
