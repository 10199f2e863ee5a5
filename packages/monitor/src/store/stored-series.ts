import type { Labels } from '../model/labels.ts';
import type { SeriesRef } from '../model/sample-batch.ts';
import type { HeadPool, HeadSlab } from './head-pool.ts';
import { insertSample, type LateSamples } from './late-samples.ts';
import type { ChunkAddress } from './sealed-rows.ts';

const HOUR_MS = 3_600_000;

export type SeriesPresence = 'unsaved' | 'saved';

/**
 * One series in memory: its open chunk (the head) and where its sealed chunks lie that are still in memory, oldest first.
 * `ref` is also its number on disk.
 */
export class StoredSeries {
  readonly ref: SeriesRef;
  readonly name: string;
  readonly labels: Labels;
  /** Samples of the head. */
  count = 0;
  /** Newest sample taken, `-Infinity` before the first. */
  lastAtMs: number = -Infinity;
  /** Samples from before the head, until the head is sealed. */
  late: LateSamples | undefined;
  /** Where its samples in blocks end: nothing up to there can be added any more. */
  compactedToMs: number = -Infinity;
  /** Up to here its samples are rolled up: raw ones do not count any more, and none are taken. */
  rolledToMs: number = -Infinity;
  /** Number of its kind of retention. */
  retentionClass = 0;
  /** Number of the write-ahead batch that holds the head's first sample. */
  firstBatch = 0;
  chunks: ChunkAddress[] = [];
  /** Whether the series table on disk has it. */
  presence: SeriesPresence;
  /** Where the head lies. */
  #slab: HeadSlab;
  #offset = 0;

  constructor(
    heads: HeadPool,
    identity: { readonly ref: SeriesRef; readonly name: string; readonly labels: Labels; readonly presence: SeriesPresence },
  ) {
    this.#slab = heads.nothing;
    this.ref = identity.ref;
    this.name = identity.name;
    this.labels = identity.labels;
    this.presence = identity.presence;
  }

  /** Time of the head's first sample; the head must have one. */
  get firstAtMs(): number {
    return this.#slab.numbers[this.#offset] as number;
  }

  /** The head: `count` samples, strictly increasing times. Views that hold until the next sample. */
  head(): { readonly timesMs: Float64Array; readonly values: Float64Array; readonly count: number } {
    const { numbers, capacity } = this.#slab;
    const middle = this.#offset + capacity;
    return { timesMs: numbers.subarray(this.#offset, middle), values: numbers.subarray(middle, middle + capacity), count: this.count };
  }

  /** Whether it has stopped, or is so slow that its batches would pile up, with samples in its head. */
  isIdle(nowMs: number): boolean {
    if (this.count === 0 && this.late === undefined) return false;
    return nowMs - this.lastAtMs > HOUR_MS || (this.count > 0 && nowMs - this.firstAtMs > 4 * HOUR_MS);
  }

  /** Gives the memory of an empty head back until the next sample. */
  release(): void {
    const { pool } = this.#slab;
    pool.give(this.#slab, this.#offset);
    this.#slab = pool.nothing;
    this.#offset = 0;
  }

  /** Puts a sample into the head, which must not be full. */
  push(atMs: number, value: number): void {
    if (this.count === this.#slab.capacity) this.#grow();
    const { numbers, capacity } = this.#slab;
    const at = this.#offset + this.count++;
    numbers[at] = atMs;
    numbers[at + capacity] = value;
    this.lastAtMs = atMs;
  }

  /** Puts a sample between those of the head, which must hold an older one. @returns whether the instant was new. */
  insert(atMs: number, value: number): boolean {
    if (this.count === this.#slab.capacity) this.#grow();
    if (!insertSample(this.head(), atMs, value)) return false;
    this.count++;
    return true;
  }

  #grow(): void {
    const { pool, numbers, capacity } = this.#slab;
    const from = this.#offset;
    const slab = pool.larger(capacity);
    const offset = slab.take();
    for (let i = 0; i < this.count; i++) {
      slab.numbers[offset + i] = numbers[from + i] as number;
      slab.numbers[offset + slab.capacity + i] = numbers[from + capacity + i] as number;
    }
    pool.give(this.#slab, from);
    this.#slab = slab;
    this.#offset = offset;
  }
}
