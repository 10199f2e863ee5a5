import type { WireBatch } from '../model/sample-batch.ts';

/** Batches under way to the worker: enough that it never waits, few enough that what is newer can still overtake nothing and be dropped. */
const MOST_UNTAKEN = 5;
/** A minute at one batch a second. */
const MOST_WAITING = 60;
const MOST_WAITING_SAMPLES = 1_000_000;

export interface BatchQueueOptions {
  readonly post: (batch: WireBatch) => void;
  /** How many of the posted batches the receiver has taken so far. */
  readonly taken: () => number;
}

/**
 * Batches on their way to a thread that may be slow or stuck.
 *
 * A message port holds any number of messages, so a few are posted at a time and the rest waits here, where the oldest can be dropped. Counters are
 * told as totals: of them a dropped batch costs resolution, not increments. The series it describes are not lost: their descriptions move to the
 * batch after it.
 */
export class BatchQueue {
  readonly #options: BatchQueueOptions;
  readonly #waiting: WireBatch[] = [];
  #waitingSamples = 0;
  #posted = 0;
  #dropped = 0;

  constructor(options: BatchQueueOptions) {
    this.#options = options;
  }

  /** Batches dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }
  /** Whether the receiver has not taken what it should have: what can wait should not be sent. */
  get isBehind(): boolean {
    return this.#posted - this.#options.taken() >= MOST_UNTAKEN;
  }

  /** Posts the batch or lets it wait; asked again with each batch. */
  add(batch: WireBatch): void {
    this.#waiting.push(batch);
    this.#waitingSamples += batch.slots.length;
    while (!this.isBehind && this.#waiting.length > 0) this.#postOldest();
    while (this.#waiting.length > 1 && (this.#waiting.length > MOST_WAITING || this.#waitingSamples > MOST_WAITING_SAMPLES))
      this.#dropOldest();
  }

  /** Posts all that waits, for the end. */
  finish(): void {
    while (this.#waiting.length > 0) this.#postOldest();
  }

  #postOldest(): void {
    const batch = this.#waiting.shift() as WireBatch;
    this.#waitingSamples -= batch.slots.length;
    this.#posted++;
    this.#options.post(batch);
  }

  #dropOldest(): void {
    const [oldest, next] = this.#waiting as [WireBatch, WireBatch];
    this.#waitingSamples -= oldest.slots.length;
    this.#dropped++;
    const { newSeries, firstNewSlot } = oldest;
    this.#waiting.splice(0, 2, newSeries.length === 0 ? next : { ...next, firstNewSlot, newSeries: [...newSeries, ...next.newSeries] });
  }
}
