import type { CacheTimer } from '../base/clock.ts';
import { AnswerLate, answerWithin, pause } from '../bus/deadline.ts';
import { type Invalidation, type LogPosition, LogReader, type LogSlice } from '../bus/invalidation-log.ts';
import { PendingInvalidations } from '../bus/pending-invalidations.ts';
import type { InvalidateRequest, TierConnection, TierReply } from './cache-tier.ts';
import type { LocalMemory } from './second-tier.ts';
import type { ResolvedTierOptions } from './tier-options.ts';

/** `connecting` until the first answer or failure; `up`: asked; `down`: not asked, because it failed or owes an invalidation. */
export type LinkState = 'connecting' | 'up' | 'down';

export interface LinkCounts {
  /** Times the tier was given up. */
  outages: number;
  /** Commands that failed or came late. */
  failures: number;
  late: number;
  /** Times memory was emptied because invalidations may have been missed, and because none could be heard for too long. */
  gaps: number;
  lagged: number;
}

type InvalidateReply = TierReply & { readonly removed: number };

/** Failures in a row after which the tier is given up. */
const FAILURES_TO_OPEN = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const STEPS_PER_SYNC = 1000;
const NAMES_PER_FLUSH = 500;

/**
 * This process's line to the tier: knows whether to ask it, and keeps memory in step with the log.
 *
 * One loop does everything that is not a question of a caller: it waits for the bell (at most a heartbeat), reads the log, tells memory. The same loop is the breaker's
 * way back: after a failure it waits (doubling, with jitter), reads the log, hands in the invalidations made meanwhile, and only when all of them are acknowledged
 * does it let callers ask again. So nobody reads from the tier a value that this process invalidated, whatever happened in between.
 *
 * A command whose answer comes late may have had its effect, or have it later. That does no harm: an invalidation repeated only invalidates, and a
 * fill is refused once its lease or its step is overtaken.
 */
export class TierLink {
  readonly counts: LinkCounts = { outages: 0, failures: 0, late: 0, gaps: 0, lagged: 0 };
  readonly #connection: TierConnection;
  readonly #options: ResolvedTierOptions;
  readonly #origin: string;
  readonly #reader: LogReader;
  readonly #pending: PendingInvalidations;
  /** Sent and not answered: handed in again if the tier is given up meanwhile. */
  readonly #unheard = new Set<Invalidation>();
  #memory: LocalMemory | undefined;
  #state: LinkState = 'connecting';
  #contact: (() => void)[] = [];
  /** Goes up when the tier is given up: answers to older questions are not trusted. */
  #generation = 0;
  #failuresInRow = 0;
  #named = 0;
  #heardAtMs = 0;
  #lagTimer: CacheTimer | undefined;
  #isStopped = false;
  #lastError: string | undefined;

  constructor(connection: TierConnection, options: ResolvedTierOptions) {
    const { clock, maxPending } = options;
    this.#connection = connection;
    this.#options = options;
    this.#origin = Array.from({ length: 4 }, () => Math.trunc(clock.random() * 2 ** 24).toString(36)).join('');
    this.#reader = new LogReader(this.#origin);
    this.#pending = new PendingInvalidations(maxPending);
  }

  get state(): LinkState {
    return this.#state;
  }
  /** Names invalidated here that the tier has not acknowledged. */
  get pending(): number {
    return this.#pending.size;
  }
  get lastError(): string | undefined {
    return this.#lastError;
  }
  start(memory: LocalMemory): void {
    this.#memory = memory;
    this.#heardAtMs = this.#options.clock.monotonicMs();
    this.#watchLag();
    void this.#follow();
  }
  stop(): void {
    this.#isStopped = true;
    this.#lagTimer?.cancel();
    this.#giveUp();
    this.#connection.close();
  }
  /** A name that nobody else has, for a lease or a step of the log. */
  newName(): string {
    return `${this.#origin}:${++this.#named}`;
  }

  /** The answer, or `undefined`: then go on as if there were no tier. Sends at once when the tier is up. */
  ask<R extends TierReply>(send: (since: LogPosition) => Promise<R>): Promise<R | undefined> {
    return this.waiting(async () => {
      if (this.#state === 'connecting') await this.#firstContact();
      return this.#state === 'up' ? await this.#send(send) : undefined;
    });
  }
  /** Tells the tier, now or when it is back. `undefined`: not acknowledged yet. */
  invalidate(what: Invalidation, lease: Pick<InvalidateRequest, 'token' | 'leaseMs'> = {}): Promise<InvalidateReply | undefined> {
    return this.waiting(async () => {
      if (this.#state === 'connecting') await this.#firstContact();
      if (this.#state !== 'up') {
        this.#pending.add(what);
        return undefined;
      }
      this.#unheard.add(what);
      const reply = await this.#send((since) => this.#connection.invalidate({ ...what, ...lease, since, mark: this.newName() }));
      if (reply === undefined) this.#giveUp();
      this.#unheard.delete(what);
      return reply;
    });
  }
  /** Runs what a caller waits for; the process stays alive for it. */
  async waiting<T>(work: () => Promise<T>): Promise<T> {
    const letGo = this.#connection.hold();
    try {
      return await work();
    } finally {
      letGo();
    }
  }

  async #send<R extends TierReply>(send: (since: LogPosition) => Promise<R>): Promise<R | undefined> {
    const { clock, timeoutMs } = this.#options;
    const generation = this.#generation;
    try {
      const reply = await answerWithin(clock, timeoutMs, this.#hearing(send(this.#reader.position)));
      if (generation !== this.#generation) return undefined;
      this.#failuresInRow = 0;
      return reply;
    } catch (error) {
      this.#failed(error);
      if (++this.#failuresInRow >= FAILURES_TO_OPEN && generation === this.#generation) this.#giveUp();
      return undefined;
    }
  }
  async #hearing<R extends TierReply>(answer: Promise<R>): Promise<R> {
    const reply = await answer;
    this.#hear(reply.log);
    return reply;
  }
  #hear(log: LogSlice): void {
    if (this.#isStopped) return;
    const entries = this.#reader.read(log);
    if (log.isCaughtUp) this.#heardAtMs = this.#options.clock.monotonicMs();
    if (entries === undefined && this.#state === 'connecting') this.#memory?.forgetEntries();
    else if (entries === undefined) {
      this.counts.gaps++;
      this.#memory?.forgetAll();
    }
    for (const { keys, tags, isEverything } of entries ?? []) {
      if (isEverything) this.#memory?.forgetAll();
      if (tags.length > 0) this.#memory?.forgetTags(tags);
      for (const key of keys) this.#memory?.forgetKey(key);
    }
  }
  #failed(error: unknown): void {
    this.counts.failures++;
    if (error instanceof AnswerLate) this.counts.late++;
    this.#lastError = error instanceof Error ? error.message.slice(0, 200) : String(error);
  }
  #giveUp(): void {
    for (const what of this.#unheard) this.#pending.add(what);
    if (this.#state === 'down') return;
    if (!this.#isStopped) this.counts.outages++;
    this.#setState('down');
    this.#generation++;
  }
  #setState(state: LinkState): void {
    this.#state = state;
    for (const go of this.#contact.splice(0)) go();
  }
  /** The first answer takes loading the client and connecting, too. */
  get #patienceMs(): number {
    return this.#options.timeoutMs * (this.#state === 'connecting' ? 4 : 1);
  }
  #firstContact(): Promise<void> {
    const contact = new Promise<void>((resolve) => this.#contact.push(resolve));
    return answerWithin(this.#options.clock, this.#patienceMs, contact).catch(() => this.#giveUp());
  }

  async #follow(): Promise<void> {
    const { clock, heartbeatMs, timeoutMs } = this.#options;
    let pauseMs = FIRST_PAUSE_MS;
    const rest = async (longestMs: number): Promise<void> => {
      await pause(clock, pauseMs * (0.5 + clock.random()));
      pauseMs = Math.min(pauseMs * 2, longestMs);
    };
    while (!this.#isStopped) {
      try {
        await this.#catchUp();
        if (this.#state !== 'up') await this.#comeBack();
      } catch (error) {
        this.#failed(error);
        this.#giveUp();
        if (error instanceof AnswerLate) this.#connection.renew();
        await rest(LONGEST_PAUSE_MS);
        continue;
      }
      try {
        await answerWithin(clock, heartbeatMs + timeoutMs, this.#connection.wait(this.#reader.position, heartbeatMs));
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        // Without its bell the log is looked at from time to time.
        if (error instanceof AnswerLate) this.#connection.renew();
        await rest(heartbeatMs);
      }
    }
  }
  async #catchUp(): Promise<void> {
    const { clock } = this.#options;
    let isCaughtUp = false;
    while (!isCaughtUp && !this.#isStopped) {
      const asked = this.#connection.sync(this.#reader.position, STEPS_PER_SYNC).then((log) => ({ log }));
      const { log } = await answerWithin(clock, this.#patienceMs, this.#hearing(asked));
      ({ isCaughtUp } = log);
    }
  }
  async #comeBack(): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    for (let what = this.#pending.take(NAMES_PER_FLUSH); what !== undefined; what = this.#pending.take(NAMES_PER_FLUSH)) {
      try {
        const request = { ...what, since: this.#reader.position, mark: this.newName() };
        await answerWithin(clock, timeoutMs, this.#hearing(this.#connection.invalidate(request)));
      } catch (error) {
        this.#pending.add(what);
        throw error;
      }
    }
    if (this.#isStopped) return;
    this.#failuresInRow = 0;
    this.#setState('up');
  }
  /** Empties memory when, and as long as, nothing was heard for `maxBusLagMs`. */
  #watchLag(): void {
    const { clock, maxBusLagMs } = this.#options;
    if (maxBusLagMs === Infinity) return;
    const leftMs = this.#heardAtMs + maxBusLagMs - clock.monotonicMs();
    this.#lagTimer = clock.schedule(Math.max(leftMs, 0), () => {
      if (clock.monotonicMs() - this.#heardAtMs >= maxBusLagMs) {
        this.counts.lagged++;
        this.#memory?.forgetAll();
        this.#heardAtMs = clock.monotonicMs();
      }
      this.#watchLag();
    });
  }
}
