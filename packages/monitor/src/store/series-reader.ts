import type { BlockStore } from './block-store.ts';
import type { Chunk, TimeColumn } from './codec/chunk-record.ts';
import { decodeTimes, decodeValues } from './codec/value-column.ts';
import type { SeriesSummary, SeriesView } from './sample-store.ts';
import type { ChunkAddress, SealedRows } from './sealed-rows.ts';
import type { StoredSeries } from './stored-series.ts';
import { SummaryBuilder } from './summary-builder.ts';

const REMEMBERED_COLUMNS = 256;

/**
 * Decodes samples of series into two buffers that it reuses. Times shared by several chunks are decoded once while the reader lives, so
 * make one per query. A damaged chunk is left out and reported.
 */
export class SeriesReader {
  #timesMs = new Float64Array(512);
  #values = new Float64Array(512);
  #length = 0;
  readonly #columns = new Map<TimeColumn, Float64Array>();
  readonly #summary = new SummaryBuilder();
  readonly #blocks: BlockStore;
  readonly #rows: SealedRows;
  readonly #onDamage: (series: StoredSeries) => void;

  constructor(where: { readonly blocks: BlockStore; readonly rows: SealedRows; readonly onDamage: (series: StoredSeries) => void }) {
    this.#blocks = where.blocks;
    this.#rows = where.rows;
    this.#onDamage = where.onDamage;
  }

  /** Samples in `[fromMs, toMs]`; valid until the next call. `undefined` when there are none. */
  read(series: StoredSeries, fromMs: number, toMs: number): SeriesView | undefined {
    this.#length = 0;
    for (const chunk of this.#chunks(series, fromMs, toMs)) this.#addChunk(series, chunk, { fromMs, toMs });
    if (series.count > 0 && series.lastAtMs >= fromMs) {
      this.#ensure(series.count);
      this.#addRange(series.timesMs, series.values, { count: series.count, fromMs, toMs });
    }
    return this.#view(series);
  }

  /** Whether a series has a sample in `[fromMs, toMs]`; decodes only chunks that the window cuts. */
  hasSamples(series: StoredSeries, fromMs: number, toMs: number): boolean {
    if (series.lastAtMs >= fromMs && series.lastAtMs <= toMs) return true;
    const head = lowerBound(series.timesMs, series.count, fromMs);
    if (head < series.count && (series.timesMs[head] as number) <= toMs) return true;
    for (const chunk of this.#chunks(series, fromMs, toMs)) {
      if (chunk.times.startMs >= fromMs || chunk.times.endMs <= toMs) return true;
      this.#length = 0;
      this.#addChunk(series, chunk, { fromMs, toMs });
      if (this.#length > 0) return true;
    }
    return false;
  }

  /** All samples of some chunks of a series. */
  readChunks(series: StoredSeries, chunks: readonly ChunkAddress[]): SeriesView | undefined {
    this.#length = 0;
    for (const address of chunks) this.#addChunk(series, this.#rows.chunk(address), { fromMs: -Infinity, toMs: Infinity });
    return this.#view(series);
  }

  #view({ ref, name, labels }: StoredSeries): SeriesView | undefined {
    if (this.#length === 0) return undefined;
    return { ref, name, labels, length: this.#length, timesMs: this.#timesMs, values: this.#values };
  }

  /** Chunks that overlap a window, oldest first. */
  *#chunks(series: StoredSeries, fromMs: number, toMs: number): Generator<Chunk> {
    yield* this.#blocks.chunks(series, fromMs, toMs);
    for (const address of series.chunks) {
      const chunk = this.#rows.chunk(address);
      if (chunk.times.endMs >= fromMs && chunk.times.startMs <= toMs) yield chunk;
    }
  }

  /** Statistics over `[fromMs, toMs]`; chunks that lie inside are not decoded. `undefined` without a finite sample. */
  summarize(series: StoredSeries, fromMs: number, toMs: number): SeriesSummary | undefined {
    const built = this.#summary;
    built.reset();
    for (const chunk of this.#chunks(series, fromMs, toMs)) {
      const { startMs, endMs, count } = chunk.times;
      if (chunk.summary !== undefined && startMs >= fromMs && endMs <= toMs) {
        built.addChunk(chunk.summary, count, endMs);
        continue;
      }
      this.#length = 0;
      this.#addChunk(series, chunk, { fromMs, toMs });
      built.addSamples(this.#timesMs, this.#values, { from: 0, to: this.#length });
    }
    if (series.count > 0 && series.lastAtMs >= fromMs) {
      const from = lowerBound(series.timesMs, series.count, fromMs);
      const to = lowerBound(series.timesMs, series.count, Math.floor(toMs) + 1);
      built.addSamples(series.timesMs, series.values, { from, to });
    }
    return built.build(series);
  }

  #addChunk(series: StoredSeries, chunk: Chunk, range: { readonly fromMs: number; readonly toMs: number }): void {
    const { count } = chunk.times;
    this.#ensure(count);
    const timesMs = this.#timesOf(chunk.times);
    const offset = this.#length;
    if (timesMs === undefined || !decodeValues(chunk.valueBytes, this.#values, { offset, count })) {
      this.#onDamage(series);
      return;
    }
    const first = lowerBound(timesMs, count, range.fromMs);
    const end = lowerBound(timesMs, count, Math.floor(range.toMs) + 1);
    if (first > 0) this.#values.copyWithin(offset, offset + first, offset + end);
    this.#timesMs.set(timesMs.subarray(first, end), offset);
    this.#length += Math.max(0, end - first);
  }

  #addRange(
    timesMs: Float64Array,
    values: Float64Array,
    range: { readonly count: number; readonly fromMs: number; readonly toMs: number },
  ): void {
    const first = lowerBound(timesMs, range.count, range.fromMs);
    const end = lowerBound(timesMs, range.count, Math.floor(range.toMs) + 1);
    if (end <= first) return;
    this.#timesMs.set(timesMs.subarray(first, end), this.#length);
    this.#values.set(values.subarray(first, end), this.#length);
    this.#length += end - first;
  }

  #timesOf(column: TimeColumn): Float64Array | undefined {
    const known = this.#columns.get(column);
    if (known !== undefined) return known;
    const timesMs = new Float64Array(column.count);
    if (!decodeTimes(column.bytes, timesMs, { offset: 0, count: column.count })) return undefined;
    if (this.#columns.size >= REMEMBERED_COLUMNS) this.#columns.clear();
    this.#columns.set(column, timesMs);
    return timesMs;
  }

  #ensure(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#timesMs.length) return;
    const timesMs = new Float64Array(needed * 2);
    const values = new Float64Array(needed * 2);
    timesMs.set(this.#timesMs.subarray(0, this.#length));
    values.set(this.#values.subarray(0, this.#length));
    this.#timesMs = timesMs;
    this.#values = values;
  }
}

/** Index of the first of `count` ascending numbers that is ≥ `limit`. */
export function lowerBound(ascending: Float64Array, count: number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
