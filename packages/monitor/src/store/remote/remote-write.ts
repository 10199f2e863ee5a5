/**
 * Sends every sample the store takes to another engine, by Prometheus remote write.
 *
 * The store is the queue: `OutgoingSamples` holds what was committed, in that order, so a sample that was acknowledged is on its way however
 * the programs end. What the receiver has acknowledged leaves the queue only ten seconds later, and only while all went well meanwhile: some
 * engines lose their last seconds when they are killed. When the connection was lost, everything that is still in the queue is sent again;
 * the same holds at the start of the program, so no cursor need be kept. A receiver that has the samples drops or refuses them once more.
 *
 * Requests follow one another, as the samples of a series must. Failures that waiting mends (no answer, 5xx, 429) are repeated without end, until
 * retention takes the samples. What is refused for good is divided in halves by time, since one late sample makes some engines
 * refuse a whole request; what is then still refused is counted as dropped. Reading and encoding are done for one request at a time, so the thread
 * is never held for long.
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Labels } from '../../model/labels.ts';
import type { SampleStore } from '../sample-store.ts';
import type { OutgoingColumns, OutgoingSamples } from './outgoing-samples.ts';
import type { RemoteTarget } from './remote-target.ts';
import { RequestSamples } from './request-samples.ts';
import { WriteClient, type WriteOutcome } from './write-client.ts';
import { WriteEncoder } from './write-encoders.ts';

export interface RemoteWriteOptions {
  /** One that was opened with `keepsOutgoing`. */
  readonly store: SampleStore;
  readonly target: RemoteTarget;
  readonly clock: Clock;
  readonly log: Logger;
  /** Put on every series; its own labels win. @default none */
  readonly externalLabels?: Labels;
  /** Unsent samples older than this are given up, in ms. @default 30 days, the store's retention */
  readonly keptMs?: number;
}

/** How sending goes. Counts are since the start of the program. */
export interface RemoteWriteStatus {
  /** Acknowledged, each as often as it was. */
  readonly sentSamples: number;
  /** Requests that will be made again. */
  readonly failedRequests: number;
  /** Given up, by reason. */
  readonly droppedSamples: Readonly<Record<'refused' | 'expired', number>>;
  /** Age of the oldest sample that nobody has acknowledged; 0 when there is none. */
  readonly lagMs: number;
  /** What is wrong at present. */
  readonly problem: string | undefined;
}

const REQUEST_SAMPLES = 5000;
/** Looking for what is new: commits come once a second. */
const IDLE_MS = 500;
const CONFIRMED_AFTER_MS = 10_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Requests that may be made of the parts of one that was refused. */
const MOST_PARTS = 64;
/** The same of what is sent a second time, which most receivers have. */
const MOST_PARTS_AGAIN = 16;
const EXPIRY_PERIOD_MS = 60_000;
const DAY_MS = 86_400_000;

export class RemoteWrite implements AsyncDisposable {
  readonly #queue: OutgoingSamples;
  readonly #options: RemoteWriteOptions;
  readonly #client: WriteClient;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  /** The last batch that was acknowledged. */
  #sentId = 0;
  /** Batches acknowledged earlier, with the moment, which some receivers may still lose. */
  #unconfirmed: { readonly id: number; readonly atMs: number }[] = [];
  /** Up to here samples are sent a second time. */
  #resentId = 0;
  #mustResend = false;
  /** Whether part of the batches being sent was acknowledged. */
  #isAmidBatch = false;
  #sentSamples = 0;
  #failedRequests = 0;
  readonly #dropped = { refused: 0, expired: 0 };
  #expiredAtMs = -Infinity;
  #problem: string | undefined;

  /** @throws RangeError for a store that keeps nothing to be sent. */
  constructor(options: RemoteWriteOptions) {
    const { store, target, clock, externalLabels = {} } = options;
    if (store.outgoing === undefined || store.describe === undefined) throw new RangeError('The store keeps nothing to be sent on');
    this.#queue = store.outgoing;
    this.#options = options;
    const names = { describe: store.describe, metadata: () => store.metadata() };
    this.#client = new WriteClient({ target, clock, encoder: new WriteEncoder(names, externalLabels) });
    this.#running = this.#run();
  }

  get status(): RemoteWriteStatus {
    const oldestAtMs = this.#queue.oldestAtMs(this.#sentId);
    return {
      sentSamples: this.#sentSamples,
      failedRequests: this.#failedRequests,
      droppedSamples: { ...this.#dropped },
      lagMs: oldestAtMs === undefined ? 0 : Math.max(0, this.#options.clock.nowMs() - oldestAtMs),
      problem: this.#problem,
    };
  }

  /** Stops after the request under way, or at once when nobody answers. What is unsent is sent after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#expire();
        // What is sent a second time is not mixed with what is new: a receiver may refuse all for the sake of the one.
        const upToId = this.#sentId < this.#resentId ? this.#resentId : Number.MAX_SAFE_INTEGER;
        const columns = this.#queue.read({ afterId: this.#sentId, upToId }, REQUEST_SAMPLES);
        if (columns === undefined) await clock.sleep(IDLE_MS, signal);
        else await this.#sendAll(columns);
      } catch (error) {
        if (signal.aborted) return;
        log.error({ error }, 'Samples could not be read for sending; trying again');
        await clock.sleep(LONGEST_RETRY_MS, signal).catch(() => {});
      }
    }
  }

  #expire(): void {
    const { clock, keptMs = 30 * DAY_MS, log } = this.#options;
    const nowMs = clock.nowMs();
    if (Math.abs(nowMs - this.#expiredAtMs) < EXPIRY_PERIOD_MS) return;
    this.#expiredAtMs = nowMs;
    const expired = this.#queue.expire(nowMs - keptMs);
    if (expired === 0) return;
    this.#dropped.expired += expired;
    log.warn({ samples: expired }, 'Samples that could not be sent in time are given up');
  }

  async #sendAll({ lastId, refs, timesMs, values }: OutgoingColumns): Promise<void> {
    const isResent = this.#sentId < this.#resentId;
    for (let from = 0; from < refs.length; from += REQUEST_SAMPLES) {
      this.#isAmidBatch = from > 0;
      const to = Math.min(refs.length, from + REQUEST_SAMPLES);
      await this.#send(new RequestSamples({ refs, timesMs, values }, from, to), isResent);
    }
    if (this.#mustResend) this.#rewind(lastId);
    else this.#acknowledged(lastId);
  }

  /** Everything that is still in the queue up to there is sent again. */
  #rewind(lastId: number): void {
    this.#mustResend = false;
    this.#unconfirmed = [];
    this.#resentId = Math.max(this.#resentId, lastId);
    this.#sentId = 0;
  }

  #acknowledged(id: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#sentId = id;
    this.#unconfirmed.push({ id, atMs: nowMs });
    const confirmed = this.#unconfirmed.findLast(({ atMs }) => atMs <= nowMs - CONFIRMED_AFTER_MS);
    if (confirmed === undefined) return;
    this.#queue.forgetUpTo(confirmed.id);
    this.#unconfirmed = this.#unconfirmed.filter(({ id }) => id > confirmed.id);
  }

  /** Resolves when the samples are taken or refused for good. */
  async #send(samples: RequestSamples, isResent: boolean): Promise<void> {
    const outcome = await this.#untilAnswered(samples);
    if (outcome.kind === 'written') {
      this.#sentSamples += samples.count;
      return;
    }
    const refused = await this.#sendParts(samples, isResent ? MOST_PARTS_AGAIN : MOST_PARTS);
    if (isResent || refused === 0) return;
    this.#dropped.refused += refused;
    const { log, target } = this.#options;
    log.warn({ samples: refused, why: outcome.why }, `Samples were refused by ${target.origin} and are dropped: ${outcome.why}`);
  }

  /** Finds the samples that made a request be refused. @returns how many were not taken */
  async #sendParts(samples: RequestSamples, mostRequests: number): Promise<number> {
    const waiting = samples.halves();
    let left = mostRequests;
    let refused = samples.count === 1 ? 1 : 0;
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const outcome = left-- > 0 ? await this.#untilAnswered(part) : undefined;
      if (outcome?.kind === 'written') this.#sentSamples += part.count;
      else if (part.count > 1 && left > 0) waiting.unshift(...part.halves());
      else refused += part.count;
    }
    return refused;
  }

  async #untilAnswered(samples: RequestSamples): Promise<Exclude<WriteOutcome, { readonly kind: 'later' }>> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#client.write(samples.bySeries(), signal);
      signal.throwIfAborted();
      if (outcome.kind !== 'later') {
        if (this.#problem !== undefined) this.#options.log.info({}, `${this.#options.target.origin} takes samples again`);
        this.#problem = undefined;
        if (outcome.isReconnected) this.#connectedAnew();
        return outcome;
      }
      this.#failedRequests++;
      this.#tell(outcome.why);
      if (outcome.isOutage) this.#connectedAnew();
      const backOffMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10)) * (0.75 + clock.random() / 2);
      await clock.sleep(Math.max(backOffMs, outcome.afterMs ?? 0), signal);
    }
  }

  #connectedAnew(): void {
    if (this.#mustResend) return;
    this.#mustResend = this.#unconfirmed.length > 0 || this.#isAmidBatch;
    this.#client.beginAnew();
  }

  /** Each problem once, until something works again. */
  #tell(why: string): void {
    const { log, target } = this.#options;
    if (this.#problem === undefined)
      log.error({ why }, `BELLWETHER_STORE_URL: samples are not taken by ${target.origin} (${why}); they wait on disk`);
    // The first reason stays: alerts are told apart by it.
    this.#problem ??= `BELLWETHER_STORE_URL: samples are not taken by ${target.origin}: ${why}`;
  }
}
