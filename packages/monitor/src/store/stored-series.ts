import type { Labels } from '../model/labels.ts';
import type { SeriesRef } from '../model/sample-batch.ts';
import { insertSample, type LateSamples } from './late-samples.ts';
import type { ChunkAddress } from './sealed-rows.ts';

/** Samples of a sealed chunk. */
export const CHUNK_SAMPLES = 120;
const FIRST_CAPACITY = 8;
const HOUR_MS = 3_600_000;
/** The head's arrays before its first sample and after a pause: series that ended hold none. */
const NOTHING = new Float64Array(0);

export type SeriesPresence = 'unsaved' | 'saved';

/**
 * One series in memory: its open chunk (the head) and where its sealed chunks lie that are still in memory, oldest first.
 * `ref` is also its number on disk.
 */
export class StoredSeries {
  readonly ref: SeriesRef;
  readonly name: string;
  readonly labels: Labels;
  /** The head: `count` samples, strictly increasing times. */
  timesMs: Float64Array = NOTHING;
  values: Float64Array = NOTHING;
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

  constructor(identity: { readonly ref: SeriesRef; readonly name: string; readonly labels: Labels; readonly presence: SeriesPresence }) {
    this.ref = identity.ref;
    this.name = identity.name;
    this.labels = identity.labels;
    this.presence = identity.presence;
  }

  /** Whether it has stopped, or is so slow that its batches would pile up, with samples in its head. */
  isIdle(nowMs: number): boolean {
    if (this.count === 0 && this.late === undefined) return false;
    return nowMs - this.lastAtMs > HOUR_MS || (this.count > 0 && nowMs - (this.timesMs[0] as number) > 4 * HOUR_MS);
  }

  /** Gives the memory of an empty head back until the next sample. */
  release(): void {
    this.timesMs = NOTHING;
    this.values = NOTHING;
  }

  /** Puts a sample into the head, which must not be full. */
  push(atMs: number, value: number): void {
    if (this.count === this.timesMs.length) this.#grow();
    this.timesMs[this.count] = atMs;
    this.values[this.count++] = value;
    this.lastAtMs = atMs;
  }

  /** Puts a sample between those of the head, which must hold an older one. @returns whether the instant was new. */
  insert(atMs: number, value: number): boolean {
    if (this.count === this.timesMs.length) this.#grow();
    if (!insertSample(this, atMs, value)) return false;
    this.count++;
    return true;
  }

  #grow(): void {
    const capacity = Math.min(CHUNK_SAMPLES, Math.max(FIRST_CAPACITY, this.timesMs.length * 4));
    const timesMs = new Float64Array(capacity);
    const values = new Float64Array(capacity);
    timesMs.set(this.timesMs);
    values.set(this.values);
    this.timesMs = timesMs;
    this.values = values;
  }
}
