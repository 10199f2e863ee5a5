import { severityRank } from '../../model/severity.ts';
import { severityOf } from '../notification-view.ts';
import type { MutedMessage } from '../routing/routing.ts';
import { isFollowUp, type Told, type WaitingRow } from './outbox.ts';
import { DAMPING_WINDOW_MS, groupDueAtMs } from './pace.ts';
import { latestAlerts, type Pace, type WaitingNotification } from './stored-notification.ts';

/** What one message speaks for: the rows it settles, and the news it is made of, oldest first. */
export interface Batch {
  readonly rows: readonly WaitingRow[];
  readonly news: readonly WaitingNotification[];
}

const LATE_MS = 60_000;
const LATE_AFTER_FAILURE_MS = 5000;

/** The pace that its route gives the group, if any. */
export function paceOf({ news }: Batch): Pace | undefined {
  return news.at(-1)?.pace;
}

/** Whether it asks neither the damping nor the budget of the channel: nobody took an alert in time, or its route has a pace of its own. */
export function isExempt(batch: Batch): boolean {
  return batch.news.at(-1)?.reason === 'escalated' || paceOf(batch) !== undefined;
}

/** Whether something critical fires in it. */
export function isCritical({ news }: Batch): boolean {
  return latestAlerts(news).some(({ status, severity }) => status === 'firing' && severity === 'critical');
}

/** Several groups in one. */
export function digest(batches: readonly Batch[]): Batch {
  const byTime = (a: { readonly at: number }, b: { readonly at: number }): number => a.at - b.at;
  const rows = batches.flatMap((batch) => batch.rows).map((row) => ({ row, at: row.created_at_ms }));
  const news = batches.flatMap((batch) => batch.news).map((one) => ({ one, at: one.createdAtMs }));
  return { rows: rows.sort(byTime).map(({ row }) => row), news: news.sort(byTime).map(({ one }) => one) };
}

/**
 * Whether the channel already knows the state of every alert. An escalation or a repetition is always news.
 * @param wasMuted Whether nobody wanted to hear of it when it happened: what began and ended so is no news.
 */
export function hasNoNews(
  { news }: Batch,
  { told, wasMuted }: { readonly told: readonly Told[]; readonly wasMuted: (news: WaitingNotification) => boolean },
): boolean {
  if (news.length === 0) return true;
  if (news.some(({ reason }) => reason === 'escalated' || reason === 'repeat')) return false;
  const known = new Map(latestAlerts(told).map((alert) => [alert.id, alert]));
  const heard = new Set(news.filter((one) => !wasMuted(one)).flatMap(({ alerts }) => alerts.map(({ id }) => id)));
  return latestAlerts(news).every(({ id, status, severity }) => {
    const before = known.get(id);
    if (before === undefined && status === 'resolved') return !heard.has(id);
    return before?.status === status && before.severity === severity;
  });
}

/** Whether all of it must wait: nobody took an alert in time never does. */
export function isMutedNow(batch: Batch, channel: string, isMuted: (message: MutedMessage) => boolean): boolean {
  if (batch.news.some(({ reason }) => reason === 'escalated')) return false;
  const severity = severityOf(latestAlerts(batch.news));
  return batch.news.every(({ routeId = '' }) => isMuted({ channel, routeId, severity }));
}

const WEEK_MS = 604_800_000;

/** How far back the past of a group matters for what it may say now. @param wasMuted Whether any of it waited for the end of quiet hours. */
export function pastNeededMs(batches: readonly Batch[], wasMuted: boolean): number {
  if (wasMuted) return WEEK_MS;
  return Math.max(DAMPING_WINDOW_MS, ...batches.map((batch) => (paceOf(batch)?.intervalMs ?? 0) + (paceOf(batch)?.repeatMs ?? 0)));
}

/** When the group may speak. @param told What it was told before, oldest first. */
export function dueAtMs(batch: Batch, told: readonly Told[]): number {
  const [first] = batch.news;
  const newestAtMs = batch.news.at(-1)?.createdAtMs ?? 0;
  const pace = paceOf(batch);
  if (isFollowUp(batch.rows[0]?.group_key ?? '') || worsensUnpaced(batch, told)) return 0;
  if (pace === undefined) {
    const recent = told.filter(({ atMs }) => atMs >= newestAtMs - DAMPING_WINDOW_MS);
    return groupDueAtMs([...new Set(recent.map(({ atMs }) => atMs))], newestAtMs);
  }
  const isOpen = latestAlerts(told).some(({ status }) => status === 'firing');
  if (!isOpen) return (first?.createdAtMs ?? 0) + pace.waitMs;
  return Math.max(...told.map(({ atMs }) => atMs)) + pace.intervalMs;
}

/** Whether something fires that is worse than anything the group was told of: unless its route has a pace, that never waits. */
function worsensUnpaced(batch: Batch, told: readonly Told[]): boolean {
  const firing = latestAlerts(batch.news).filter(({ status }) => status === 'firing');
  return (
    paceOf(batch) === undefined &&
    firing.length > 0 &&
    severityRank(severityOf(firing)) > Math.max(-1, ...told.flatMap(({ alerts }) => alerts.map((a) => severityRank(a.severity))))
  );
}

/** A follow-up that waited through an outage may be overtaken by the end of its alerts: those are left out, and with them the whole when nothing is left. */
export function withoutEnded(batch: Batch, told: readonly Pick<Told, 'alerts'>[]): Batch {
  if (!isFollowUp(batch.rows[0]?.group_key ?? '')) return batch;
  const ended = new Set(latestAlerts(told).flatMap(({ id, status }) => (status === 'resolved' ? [id] : [])));
  const news = batch.news.map((one) => ({ ...one, alerts: one.alerts.filter(({ id }) => !ended.has(id)) }));
  return { rows: batch.rows, news: news.filter(({ alerts }) => alerts.length > 0) };
}

/** A group with a pace of its own tells all that fires in it, not only what changed. */
export function withTheRest(batch: Batch, told: readonly Told[]): Batch {
  if (paceOf(batch) === undefined) return batch;
  const stillFiring = latestAlerts(told).filter(({ status }) => status === 'firing');
  const [first] = batch.news;
  if (stillFiring.length === 0 || first === undefined) return batch;
  return { rows: batch.rows, news: [{ ...first, alerts: stillFiring }, ...batch.news] };
}

export function isLate({ rows, news }: Batch, attempts: number, nowMs: number): boolean {
  const plannedWaitMs = news.at(-1)?.pace?.intervalMs ?? 0;
  const waitedMs = nowMs - Math.min(...rows.map((row) => row.created_at_ms)) - plannedWaitMs;
  return news.at(-1)?.reason !== 'repeat' && waitedMs > (attempts > 0 ? LATE_AFTER_FAILURE_MS : LATE_MS);
}
