import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Channel, Notification, SendOutcome } from '../channel.ts';
import {
  type Batch,
  digest,
  dueAtMs,
  hasNoNews,
  isCritical,
  isExempt,
  isLate,
  isMutedNow,
  paceOf,
  pastNeededMs,
  withoutEnded,
  withTheRest,
} from './batch.ts';
import { groupKeyOf, isFollowUp, isRepetition, type Outbox, type Repetition, type Told, type WaitingRow } from './outbox.ts';
import type { Routing } from '../routing/routing.ts';
import { DAMPING_WINDOW_MS, MOST_SEPARATE_GROUPS, retryDelayMs, TokenBucket } from './pace.ts';
import { combine, type StoredNotification, type WaitingNotification } from './stored-notification.ts';

export interface ChannelSenderOptions {
  readonly channel: Channel;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  /** A send that takes longer has failed. */
  readonly sendTimeoutMs: number;
  /** Asked before each message: whether this server sends what waits for the channel, or another that shares the state does. */
  readonly maySend: () => Promise<boolean>;
  /** Whether a message must wait at a moment: quiet hours and the times of routes. */
  readonly isMuted: Routing['isMuted'];
}

const SHORTEST_WAIT_MS = 20;
/** Times that come again begin and end on the minute. */
const MUTED_CHECK_MS = 60_000;
/** State that cannot be read now may be readable soon. */
const STATE_RETRY_MS = 5000;
/** Another server sends; should it be gone, this one takes over. */
const OTHERS_CHECK_MS = 2000;

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
    if (!(await this.#isMine())) return;
    for (const batch of await this.#interrupted(rows)) if (!(await this.#send(batch))) return;
    const due = this.#dueGroups(
      rows.filter(({ sent_as }) => !sent_as),
      nowMs,
    );
    if (due.length === 0) return;
    const ready = await this.#withNews(due, nowMs);
    const ordinary = ready.filter((batch) => !isExempt(batch));
    await this.#sendEach([...ready.filter(isExempt), ...this.#withinBudget(ordinary, nowMs)]);
  }

  /** One message a group: what else it has to say is judged anew by what that one told. */
  async #sendEach(batches: readonly Batch[]): Promise<void> {
    const told = new Set<string>();
    for (const batch of batches) {
      const groups = batch.rows.map((row) => groupKeyOf(row.group_key));
      if (groups.some((group) => told.has(group))) this.#isAskedAgain = true;
      else if (!(await this.#send(batch))) return;
      for (const group of groups) told.add(group);
    }
  }

  /** Messages that were on their way when a process died: nobody knows whether they arrived, so they leave again as they were. */
  async #interrupted(rows: readonly WaitingRow[]): Promise<readonly Batch[]> {
    const groups = Map.groupBy(
      rows.filter(({ sent_as }) => sent_as),
      ({ sent_as }) => sent_as,
    );
    if (groups.size === 0) return [];
    return (await this.#withPast([...groups.values()])).map(({ batch, told }) => completed(batch, told));
  }

  /** Groups none of whose rows waits for a later attempt. */
  #dueGroups(rows: readonly WaitingRow[], nowMs: number): (readonly WaitingRow[])[] {
    const waiting = new Set(rows.map((row) => row.group_key));
    return [...Map.groupBy(rows, (row) => row.group_key).values()].filter((group) => {
      const key = group[0]?.group_key ?? '';
      // News of the group is on its way: the repetition would tell what is no longer so.
      if (isRepetition(key) && waiting.has(groupKeyOf(key))) return false;
      const dueAtMs = Math.max(...group.map((row) => row.next_attempt_at_ms));
      if (dueAtMs > nowMs) this.#wakeAt(dueAtMs);
      return dueAtMs <= nowMs;
    });
  }

  /** Drops groups with nothing new to tell, and holds back those that speak too often. */
  async #withNews(groups: readonly (readonly WaitingRow[])[], nowMs: number): Promise<Batch[]> {
    const ready: Batch[] = [];
    for (const { batch: waiting, told } of await this.#withPast(groups)) {
      const batch = withoutEnded(waiting, [...told, ...(await this.#untold(waiting))]);
      const atMs = dueAtMs(batch, told);
      if (hasNoNews(batch, { told, wasMuted: this.#wasMuted })) await this.#options.outbox.markWithoutNews(batch.rows);
      else if (atMs > nowMs) this.#wakeAt(atMs);
      else if (this.#isMuted(batch, nowMs)) this.#wakeAt(nowMs - (nowMs % MUTED_CHECK_MS) + MUTED_CHECK_MS);
      else ready.push(withTheRest(batch, told));
    }
    return ready;
  }

  /** Alerts that nobody took may have ended while nobody wanted to hear of them: then there is nobody to wake. */
  async #untold({ rows }: Batch): Promise<readonly Pick<StoredNotification, 'alerts'>[]> {
    const key = rows[0]?.group_key ?? '';
    return isFollowUp(key) ? await this.#options.outbox.untold(this.channel.name, groupKeyOf(key)) : [];
  }

  /** The news of each group with what it was told before. */
  async #withPast(groups: readonly (readonly WaitingRow[])[]): Promise<{ readonly batch: Batch; readonly told: readonly Told[] }[]> {
    const { outbox, channel, clock } = this.#options;
    const news = new Map((await outbox.load(groups.flat())).map((one) => [one.id, one]));
    const batches = groups.map((group) => batchOf(group, news)).filter(({ rows }) => rows.length > 0);
    // What came and went in a long outage is judged by what was told before it.
    const waitedMs = clock.nowMs() - Math.min(...[...news.values()].map(({ createdAtMs }) => createdAtMs));
    const pastMs = pastNeededMs(batches, waitedMs > DAMPING_WINDOW_MS || [...news.values()].some(this.#wasMuted));
    const told = await outbox.told(channel.name, [...new Set(batches.map(keyOf))], clock.nowMs() - pastMs);
    const toldBy = Map.groupBy(told, ({ groupKey }) => groupKey);
    return batches.map((batch) => ({ batch, told: toldBy.get(keyOf(batch)) ?? [] }));
  }

  readonly #wasMuted = (one: WaitingNotification): boolean => this.#isMuted({ rows: [], news: [one] }, one.createdAtMs);

  #isMuted(batch: Batch, atMs: number): boolean {
    return isMutedNow(batch, this.channel.name, (message) => this.#options.isMuted(message, atMs));
  }

  /** As many messages as the channel may send now: each group its own, or all in one when there are too many. */
  #withinBudget(batches: readonly Batch[], nowMs: number): readonly Batch[] {
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
  async #send(batch: Batch): Promise<boolean> {
    const { clock, outbox, channel } = this.#options;
    const { rows, news } = batch;
    const attempts = Math.max(...rows.map((row) => row.attempts));
    const groups = new Set(rows.map((row) => groupKeyOf(row.group_key)));
    const reference = groups.size > 1 ? undefined : await outbox.reference(channel.name, [...groups][0] ?? '');
    const notification = combine(news, isLate(batch, attempts, clock.nowMs()));
    if (!(await this.#isMine())) return false;
    await outbox.markSending(rows);
    const outcome = await this.sendNow(reference === undefined ? notification : { ...notification, reference });
    if (outcome.status === 'failed') return this.#stopping.signal.aborted ? false : this.#onFailure(batch, outcome, attempts);
    const nowMs = clock.nowMs();
    this.#failures = 0;
    if (!isExempt(batch)) this.#bucket.take(nowMs);
    // A group that has ended begins a new conversation when it fires again.
    const isOpen = groups.size === 1 && notification.status === 'firing';
    const repetition = isOpen ? repetitionOf(batch, notification, nowMs) : undefined;
    await outbox.markDelivered(rows, { nowMs, reference: isOpen ? (outcome.reference ?? reference) : undefined, repetition });
    if (repetition !== undefined) this.#wakeAt(repetition.atMs);
    return this.#afterGap(nowMs);
  }

  /** @returns whether the channel is worth another message now. */
  async #onFailure({ rows }: Batch, outcome: Extract<SendOutcome, { readonly status: 'failed' }>, attempts: number): Promise<boolean> {
    const { clock, outbox, log, channel } = this.#options;
    const { error, permanent } = outcome;
    const nowMs = clock.nowMs();
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

  async #isMine(): Promise<boolean> {
    if (await this.#options.maySend()) return true;
    this.#wakeAt(this.#options.clock.nowMs() + OTHERS_CHECK_MS);
    return false;
  }

  #wakeAt(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs, atMs);
  }
}

function batchOf(group: readonly WaitingRow[], news: ReadonlyMap<string, WaitingNotification>): Batch {
  const rows = group.filter(({ id }) => news.has(id));
  return { rows, news: rows.map(({ id }) => news.get(id) as WaitingNotification) };
}

function keyOf({ rows }: Batch): string {
  return groupKeyOf(rows[0]?.group_key ?? '');
}

/** What the message of a batch really says: less than its news where alerts have ended, more where its group tells all that fires. */
function completed(batch: Batch, told: readonly Told[]): Batch {
  const left = withoutEnded(batch, told);
  return withTheRest(left.news.length > 0 ? left : batch, told);
}

/** What the group says again after its route's time; groups without a pace of their own are not repeated. */
function repetitionOf(batch: Batch, { title, alerts, origin }: Notification, nowMs: number): Repetition | undefined {
  const pace = paceOf(batch);
  if (pace === undefined) return undefined;
  const firing = alerts.filter(({ status }) => status === 'firing');
  const routeId = batch.news.at(-1)?.routeId;
  const notification = {
    title,
    reason: 'repeat' as const,
    alerts: firing,
    ...(origin === undefined ? {} : { origin }),
    pace,
    ...(routeId === undefined ? {} : { routeId }),
  };
  return { atMs: nowMs + pace.repeatMs, notification };
}
