import type { Labels } from './labels.ts';
import type { SeriesDescriptor } from './metric.ts';

/** One recorded value that somebody may want to look into, by what it was recorded in: `labels` are `trace_id` and `span_id`. */
export interface Exemplar {
  readonly series: SeriesDescriptor;
  readonly atMs: number;
  readonly value: number;
  readonly labels: Labels;
}

/**
 * What one thread hands another each interval: columns, never an object per sample. The three arrays are transferred, so the sender
 * must not touch them again. `slots[i]` numbers a series in the sender's own order: `newSeries` describes slots
 * `firstNewSlot, firstNewSlot + 1, …`, and a receiver remembers those of earlier batches of the same `source`.
 */
export interface WireBatch {
  /** Names the sender; a restarted sender takes a new name. */
  readonly source: string;
  readonly firstNewSlot: number;
  readonly newSeries: readonly SeriesDescriptor[];
  readonly slots: Uint32Array<ArrayBuffer>;
  readonly timesMs: Float64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  /** The largest value of the interval in each histogram that recorded it within a span. @default none */
  readonly exemplars?: readonly Exemplar[];
}

/** Number a store gives a series; valid for the life of that store object, or until its `generation` rises. */
export type SeriesRef = number;

/** Samples for a store: `length` of each array count. The arrays may be longer and are reused by the caller after the call. */
export interface SampleBatch {
  readonly length: number;
  readonly refs: Uint32Array;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** Why samples were not kept, with their number; absent reasons are zero. */
export type DropReason = 'out_of_order' | 'duplicate' | 'too_old' | 'too_new' | 'series_limit' | 'invalid' | 'store_full';

export interface AppendResult {
  readonly appended: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}
