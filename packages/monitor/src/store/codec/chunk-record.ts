import type { ByteReader, ByteWriter } from './byte-writer.ts';
import { ColumnEncoder } from './value-column.ts';

/**
 * What is known of a chunk without decoding it. Defined when every value is a number (no NaN, no stale marker); `undefined` otherwise.
 * `resetSum` is the sum of the values before each drop: what a counter's increase must add.
 */
export interface ChunkSummary {
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
  readonly resets: number;
  readonly resetSum: number;
}

/** Times shared by all chunks that were sampled together. `bytes` are for `decodeTimes`. */
export interface TimeColumn {
  readonly count: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: Uint8Array;
}

/** Immutable samples of one series. `valueBytes` are for `decodeValues`. */
export interface Chunk {
  readonly times: TimeColumn;
  readonly summary: ChunkSummary | undefined;
  readonly valueBytes: Uint8Array;
}

/** One pass over `count` ≥ 1 values. The sum is Kahan-Neumaier compensated, as PromQL's own sums are. */
export function summarize(values: Float64Array, count: number): ChunkSummary | undefined {
  const first = values[0] as number;
  let sum = 0;
  let lost = 0;
  let min = first;
  let max = first;
  let resets = 0;
  let resetSum = 0;
  let previous = first;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value < previous) {
      resets++;
      resetSum += previous;
    }
    previous = value;
  }
  const total = sum + lost;
  return Number.isFinite(total) ? { sum: total, min, max, first, last: previous, resets, resetSum } : undefined;
}

export function writeSummary(writer: ByteWriter, summary: ChunkSummary | undefined): void {
  writer.varint(summary === undefined ? 0 : summary.resets + 1);
  if (summary === undefined) return;
  writer.scalar(summary.sum);
  writer.scalar(summary.min);
  writer.scalar(summary.max);
  writer.scalar(summary.first);
  writer.scalar(summary.last);
  if (summary.resets > 0) writer.scalar(summary.resetSum);
}

export function readSummary(reader: ByteReader): ChunkSummary | undefined {
  const resets = reader.varint() - 1;
  if (resets < 0) return undefined;
  const sum = reader.scalar();
  const min = reader.scalar();
  const max = reader.scalar();
  const first = reader.scalar();
  const last = reader.scalar();
  return { sum, min, max, first, last, resets, resetSum: resets > 0 ? reader.scalar() : 0 };
}

export function writeTimes(writer: ByteWriter, times: TimeColumn): void {
  writer.varint(times.count);
  writer.varint(times.startMs);
  writer.varint(times.endMs - times.startMs);
  writer.blob(times.bytes);
}

export function readTimes(reader: ByteReader): TimeColumn {
  const count = reader.varint();
  const startMs = reader.varint();
  const endMs = startMs + reader.varint();
  return { count, startMs, endMs, bytes: reader.blob() };
}

interface KnownColumn {
  readonly column: TimeColumn;
  readonly timesMs: Float64Array;
}
const REMEMBERED_COLUMNS = 200;

/**
 * Makes chunks, sharing one time column among chunks whose times are equal: series sampled together cost their times once.
 * Remembers the columns of the latest 200 distinct time sequences.
 */
export class ChunkSealer {
  readonly #encoder = new ColumnEncoder();
  readonly #columns = new Map<number, KnownColumn>();
  #latest: KnownColumn | undefined;

  /** @param timesMs `count` ≥ 1 whole, strictly increasing instants. @returns a chunk whose values hold until the next call. */
  seal(timesMs: Float64Array, values: Float64Array, count: number): Chunk {
    return {
      times: this.#column(timesMs, count),
      summary: summarize(values, count),
      valueBytes: this.#encoder.encodeValues(values, count),
    };
  }

  #column(timesMs: Float64Array, count: number): TimeColumn {
    if (this.#latest !== undefined && isSame(this.#latest.timesMs, timesMs, count)) return this.#latest.column;
    const startMs = timesMs[0] as number;
    const endMs = timesMs[count - 1] as number;
    const hash = Math.imul(Math.imul(count, 31) + (startMs | 0), 31) + (endMs | 0);
    let known = this.#columns.get(hash);
    if (known === undefined || !isSame(known.timesMs, timesMs, count)) {
      const column = { count, startMs, endMs, bytes: this.#encoder.encodeTimes(timesMs, count).slice() };
      known = { column, timesMs: timesMs.slice(0, count) };
      if (this.#columns.size >= REMEMBERED_COLUMNS) this.#columns.clear();
      this.#columns.set(hash, known);
    }
    this.#latest = known;
    return known.column;
  }
}

function isSame(known: Float64Array, timesMs: Float64Array, count: number): boolean {
  if (known.length !== count) return false;
  for (let i = 0; i < count; i++) if (known[i] !== timesMs[i]) return false;
  return true;
}
