import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { severityRank } from '../../model/severity.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import type { Outbox, Told, WaitingRow } from './outbox.ts';
import { DAMPING_WINDOW_MS, groupDueAtMs, MOST_SEPARATE_GROUPS, retryDelayMs, TokenBucket } from './pace.ts';
import { combine, latestAlerts, type WaitingNotification } from './stored-notification.ts';
import { severityOf } from '../plan-notifications.ts';

export interface ChannelSenderOptions {
  readonly channel: Channel;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  /** A send that takes longer has failed. */
  readonly sendTimeoutMs: number;
}

/** What one message speaks for. */
interface Batch {
  readonly rows: readonly WaitingRow[];
  readonly news: readonly WaitingNotification[];
}

const LATE_MS = 60_000;
const LATE_AFTER_FAILURE_MS = 5000;
const SHORTEST_WAIT_MS = 20;
/** State that cannot be read now may be readable soon. */
const STATE_RETRY_MS = 5000;

/**
 * Sends what one channel has waiting, one message at a time: latest state per group, damped, several groups as one digest when they come
 * together, retried without horizon. Wakes itself when something falls due.
 */
export class ChannelSender implements AsyncDisposable {
  readonly channel: Channel;
  readonly #options: ChannelSenderOptions;
  readonly #bucket: TokenBucket;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #failures = 0;
  #notBeforeMs = 0;
  #wakeAtMs = Infinity;
  #timer: Timer | undefined;

  constructor(options: ChannelSenderOptions) {
    this.#options = options;
    this.channel = options.channel;
    this.#bucket = new TokenBucket(options.clock.nowMs());
  }

  /** Resolves when everything due was tried once. Never rejects. */
  run(): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    this.#isAskedAgain = true;
    this.#running ??= this.#drain().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Attempts in a row that failed; 0 while the receiver takes what it is sent. */
  get failures(): number {
    return this.#failures;
  }

  /** Forgets a receiver's wish to be left alone: an operator knows better. */
  wakeUp(): void {
    this.#notBeforeMs = 0;
    this.#failures = 0;
  }

  /** One message outside the outbox. Never rejects. */
  async sendNow(notification: Notification): Promise<SendOutcome> {
    const { channel, clock, sendTimeoutMs } = this.#options;
    const timeout = new AbortController();
    const timer = clock.schedule(sendTimeoutMs, () => timeout.abort(new Error(`no answer within ${sendTimeoutMs / 1000} s`)));
    const signal = AbortSignal.any([timeout.signal, this.#stopping.signal]);
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      // A channel that ignores the signal must hold up neither the others nor the end of the program.
      return await Promise.race([channel.send(notification, signal), givenUp]);
    } catch (error) {
      return { status: 'failed', error: messageOf(error), permanent: false };
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    this.#timer?.cancel();
    await this.#running;
    await this.channel[Symbol.asyncDispose]();
  }

  async #drain(): Promise<void> {
    while (this.#isAskedAgain && !this.#stopping.signal.aborted) {
      this.#isAskedAgain = false;
      this.#wakeAtMs = Infinity;
      try {
        await this.#sendDue();
      } catch (error) {
        this.#options.log.error({ channel: this.channel.name }, `Waiting messages could not be read: ${messageOf(error)}`);
        this.#wakeAt(this.#options.clock.nowMs() + STATE_RETRY_MS);
      }
    }
    this.#timer?.cancel();
    if (this.#wakeAtMs === Infinity || this.#stopping.signal.aborted) return;
    const delayMs = Math.max(SHORTEST_WAIT_MS, this.#wakeAtMs - this.#options.clock.nowMs());
    this.#timer = this.#options.clock.schedule(delayMs, () => void this.run());
  }

  async #sendDue(): Promise<void> {
    const { clock, outbox, channel } = this.#options;
    const rows = await outbox.waiting(channel.name);
    if (rows.length === 0) return;
    const nowMs = clock.nowMs();
    if (nowMs < this.#notBeforeMs) return this.#wakeAt(this.#notBeforeMs);
    const due = this.#dueGroups(rows, nowMs);
    if (due.length === 0) return;
    const ready = await this.#withNews(due, nowMs);
    const escalations = ready.filter(isEscalation);
    const ordinary = ready.filter((batch) => !isEscalation(batch));
    for (const batch of [...escalations, ...this.#paced(ordinary, nowMs)]) {
      if (!(await this.#send(batch))) return;
    }
  }

  /** Groups none of whose rows waits for a later attempt. */
  #dueGroups(rows: readonly WaitingRow[], nowMs: number): (readonly WaitingRow[])[] {
    return [...Map.groupBy(rows, (row) => row.group_key).values()].filter((group) => {
      const dueAtMs = Math.max(...group.map((row) => row.next_attempt_at_ms));
      if (dueAtMs > nowMs) this.#wakeAt(dueAtMs);
      return dueAtMs <= nowMs;
    });
  }

  /** Drops groups with nothing new to tell, and holds back those that speak too often. */
  async #withNews(groups: readonly (readonly WaitingRow[])[], nowMs: number): Promise<Batch[]> {
    const { outbox, channel } = this.#options;
    const keys = groups.map((group) => group[0]?.group_key ?? '');
    const toldBy = Map.groupBy(await outbox.told(channel.name, keys, nowMs - DAMPING_WINDOW_MS), (told) => told.groupKey);
    const newsBy = Map.groupBy(await outbox.load(groups.flat()), (news) => news.groupKey);
    const batches: Batch[] = [];
    for (const all of groups) {
      const key = all[0]?.group_key ?? '';
      const news = newsBy.get(key) ?? [];
      const readable = new Set(news.map(({ id }) => id));
      const rows = all.filter(({ id }) => readable.has(id));
      if (rows.length === 0) continue;
      const told = toldBy.get(key) ?? [];
      if (hasNoNews(news, told)) await outbox.markWithoutNews(rows);
      else if (this.#isHeldBack(news, told, nowMs)) continue;
      else batches.push({ rows, news });
    }
    return batches;
  }

  #isHeldBack(news: readonly WaitingNotification[], told: readonly Told[], nowMs: number): boolean {
    if (worsens(news, told) || news.some(({ reason }) => reason === 'escalated')) return false;
    const dueAtMs = groupDueAtMs([...new Set(told.map(({ atMs }) => atMs))], news.at(-1)?.createdAtMs ?? nowMs);
    if (dueAtMs > nowMs) this.#wakeAt(dueAtMs);
    return dueAtMs > nowMs;
  }

  /** As many messages as the channel may send now: each group its own, or all in one when there are too many. */
  #paced(batches: readonly Batch[], nowMs: number): readonly Batch[] {
    if (batches.length === 0 || this.channel.isQuiet === true) return batches;
    const available = this.#bucket.available(nowMs);
    if (available === 0) {
      const criticalAtMs = batches.some(isCritical) ? this.#bucket.criticalDueAtMs(nowMs) : Infinity;
      if (criticalAtMs <= nowMs) return [digest(batches)];
      this.#wakeAt(Math.min(criticalAtMs, this.#bucket.nextAtMs));
      return [];
    }
    return batches.length <= Math.min(MOST_SEPARATE_GROUPS, available) ? batches : [digest(batches)];
  }

  /** @returns whether the channel is worth another message now. */
  async #send({ rows, news }: Batch): Promise<boolean> {
    const { clock, outbox, log, channel } = this.#options;
    const attempts = Math.max(...rows.map((row) => row.attempts));
    const groupKeys = new Set(rows.map((row) => row.group_key));
    const reference = groupKeys.size > 1 ? undefined : await outbox.reference(channel.name, rows[0]?.group_key ?? '');
    const notification = combine(news, isLate(rows, attempts, clock.nowMs()));
    const outcome = await this.sendNow(reference === undefined ? notification : { ...notification, reference });
    if (this.#stopping.signal.aborted && outcome.status === 'failed') return false;
    const nowMs = clock.nowMs();
    if (outcome.status === 'sent') {
      this.#failures = 0;
      if (!isEscalation({ rows, news })) this.#bucket.take(nowMs);
      // A group that has ended begins a new conversation when it fires again.
      const isOpen = groupKeys.size === 1 && notification.status === 'firing';
      await outbox.markDelivered(rows, { nowMs, reference: isOpen ? (outcome.reference ?? reference) : undefined });
      return this.#afterGap(nowMs);
    }
    const { error, permanent } = outcome;
    const nextAttemptAtMs = Math.max(outcome.retryAtMs ?? 0, nowMs + retryDelayMs(this.#failures, clock.random()));
    await outbox.markFailed(rows, { attempts: attempts + 1, error, permanent, nextAttemptAtMs });
    log.warn({ channel: channel.name, attempts: attempts + 1, permanent }, `A notification was not delivered: ${error}`);
    if (permanent) return true;
    this.#failures++;
    this.#notBeforeMs = nextAttemptAtMs;
    this.#wakeAt(nextAttemptAtMs);
    return false;
  }

  /** @returns whether the receiver takes another message at once. */
  #afterGap(nowMs: number): boolean {
    const { minimumGapMs = 0 } = this.channel;
    if (minimumGapMs === 0) return true;
    this.#notBeforeMs = nowMs + minimumGapMs;
    this.#wakeAt(this.#notBeforeMs);
    return false;
  }

  #wakeAt(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs, atMs);
  }
}

function isEscalation({ news }: Batch): boolean {
  return news.at(-1)?.reason === 'escalated';
}

/** Whether something critical fires in it. */
function isCritical({ news }: Batch): boolean {
  return latestAlerts(news).some(({ status, severity }) => status === 'firing' && severity === 'critical');
}

function digest(batches: readonly Batch[]): Batch {
  const byTime = (a: { readonly at: number }, b: { readonly at: number }): number => a.at - b.at;
  const rows = batches.flatMap((batch) => batch.rows).map((row) => ({ row, at: row.created_at_ms }));
  const news = batches.flatMap((batch) => batch.news).map((one) => ({ one, at: one.createdAtMs }));
  return { rows: rows.sort(byTime).map(({ row }) => row), news: news.sort(byTime).map(({ one }) => one) };
}

/** Whether the channel already knows the state of every alert. An escalation is always news. */
function hasNoNews(news: readonly WaitingNotification[], told: readonly Told[]): boolean {
  if (news.some(({ reason }) => reason === 'escalated')) return false;
  const known = new Map(latestAlerts(told).map((alert) => [alert.id, alert]));
  return latestAlerts(news).every(({ id, status, severity }) => {
    const before = known.get(id);
    return before?.status === status && before.severity === severity;
  });
}

/** Whether something fires that is worse than anything the group was told of: that never waits. */
function worsens(news: readonly WaitingNotification[], told: readonly Told[]): boolean {
  const firing = latestAlerts(news).filter(({ status }) => status === 'firing');
  return (
    firing.length > 0 &&
    severityRank(severityOf(firing)) > Math.max(-1, ...told.flatMap(({ alerts }) => alerts.map((a) => severityRank(a.severity))))
  );
}

function isLate(rows: readonly WaitingRow[], attempts: number, nowMs: number): boolean {
  const waitedMs = nowMs - Math.min(...rows.map((row) => row.created_at_ms));
  return waitedMs > (attempts > 0 ? LATE_AFTER_FAILURE_MS : LATE_MS);
}
