import type { BlockStore } from './block-store.ts';
import type { Chunk, TimeColumn } from './codec/chunk-record.ts';
import { decodeTimes, decodeValues } from './codec/value-column.ts';
import type { PutRollup, RollupReader } from './rollup/rollup-reader.ts';
import type { Figure, SeriesSummary, SeriesView } from './sample-store.ts';
import type { ChunkAddress, SealedRows } from './sealed-rows.ts';
import type { StoredSeries } from './stored-series.ts';
import { SummaryBuilder } from './summary-builder.ts';

const REMEMBERED_COLUMNS = 256;

/** `[fromMs, toMs]`, both ends included. */
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Decodes samples of series into two buffers that it reuses. Times shared by several chunks are decoded once while the reader lives, so
 * make one per query. A damaged chunk is left out and reported.
 */
export class SeriesReader {
  #timesMs = new Float64Array(512);
  #values = new Float64Array(512);
  /** Of the values; kept while roll-ups are among them. */
  #counts: Float64Array | undefined;
  #hourlyToMs = -Infinity;
  #length = 0;
  #isAscending = true;
  readonly #columns = new Map<TimeColumn, Float64Array>();
  readonly #summary = new SummaryBuilder();
  readonly #blocks: BlockStore;
  readonly #rows: SealedRows;
  readonly #rollups: RollupReader;
  readonly #onDamage: (series: StoredSeries) => void;

  constructor(where: {
    readonly blocks: BlockStore;
    readonly rows: SealedRows;
    readonly rollups: RollupReader;
    readonly onDamage: (series: StoredSeries) => void;
  }) {
    this.#blocks = where.blocks;
    this.#rows = where.rows;
    this.#rollups = where.rollups;
    this.#onDamage = where.onDamage;
  }

  /** Samples in `[fromMs, toMs]`, rolled up where they are no longer raw; valid until the next call. `undefined` when there are none. */
  read(series: StoredSeries, window: Window & { readonly figure?: Figure | undefined }): SeriesView | undefined {
    const { fromMs, toMs, figure = 'last' } = window;
    this.#begin();
    if (fromMs <= series.rolledToMs) {
      const put: PutRollup = (atMs, value, count) => this.#putRollup(atMs, value, count);
      this.#hourlyToMs = this.#rollups.read(series, { fromMs, toMs, figure }, put);
    }
    this.#addRaw(series, Math.max(fromMs, series.rolledToMs + 1), toMs);
    return this.#view(series);
  }

  /** Raw samples in `[fromMs, toMs]` alone. */
  readRaw(series: StoredSeries, fromMs: number, toMs: number): SeriesView | undefined {
    this.#begin();
    this.#addRaw(series, fromMs, toMs);
    return this.#view(series);
  }

  /** The samples of the head alone. */
  readHead(series: StoredSeries): SeriesView | undefined {
    this.#begin();
    this.#addRange(series.head(), { fromMs: -Infinity, toMs: Infinity });
    return this.#view(series);
  }

  #addRaw(series: StoredSeries, fromMs: number, toMs: number): void {
    for (const chunk of this.#chunks(series, fromMs, toMs)) this.#addChunk(series, chunk, { fromMs, toMs });
    if (series.late !== undefined) this.#addRange(series.late, { fromMs, toMs });
    if (series.count > 0 && series.lastAtMs >= fromMs) this.#addRange(series.head(), { fromMs, toMs });
  }

  /** Whether a series has a sample of exactly this instant in its sealed chunks still in memory. Decodes times alone. */
  isSealed({ chunks }: StoredSeries, atMs: number): boolean {
    for (let i = chunks.length - 1; i >= 0; i--) {
      const column = this.#rows.times(chunks[i] as number);
      if (column.startMs > atMs || column.endMs < atMs) continue;
      const timesMs = this.#timesOf(column);
      if (timesMs !== undefined && timesMs[lowerBound(timesMs, column.count, atMs)] === atMs) return true;
    }
    return false;
  }

  /** Whether a series has a sample in `[fromMs, toMs]`; decodes only chunks that the window cuts. */
  hasSamples(series: StoredSeries, fromMs: number, toMs: number): boolean {
    if (series.lastAtMs >= fromMs && series.lastAtMs <= toMs) return true;
    if (fromMs <= series.rolledToMs) return this.read(series, { fromMs, toMs }) !== undefined;
    for (const { timesMs, count } of series.late === undefined ? [series.head()] : [series.head(), series.late]) {
      const first = lowerBound(timesMs, count, fromMs);
      if (first < count && (timesMs[first] as number) <= toMs) return true;
    }
    for (const chunk of this.#chunks(series, fromMs, toMs)) {
      if (chunk.times.startMs >= fromMs || chunk.times.endMs <= toMs) return true;
      this.#begin();
      this.#addChunk(series, chunk, { fromMs, toMs });
      if (this.#length > 0) return true;
    }
    return false;
  }

  /** All samples of some chunks of a series. */
  readChunks(series: StoredSeries, chunks: readonly ChunkAddress[]): SeriesView | undefined {
    this.#begin();
    for (const address of chunks) this.#addChunk(series, this.#rows.chunk(address), { fromMs: -Infinity, toMs: Infinity });
    return this.#view(series);
  }

  #view({ ref, name, labels }: StoredSeries): SeriesView | undefined {
    if (this.#length === 0) return undefined;
    if (!this.#isAscending) this.#bringIntoOrder();
    const view = { ref, name, labels, length: this.#length, timesMs: this.#timesMs, values: this.#values };
    if (this.#counts === undefined) return view;
    return { ...view, counts: this.#counts, hourlyToMs: this.#hourlyToMs };
  }

  #putRollup(atMs: number, value: number, count: number): void {
    this.#ensure(1);
    this.#counts ??= new Float64Array(this.#timesMs.length).fill(1);
    this.#timesMs[this.#length] = atMs;
    this.#values[this.#length] = value;
    this.#counts[this.#length++] = count;
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
    for (const { buckets } of this.#rollups.days(series, fromMs, toMs)) built.addBuckets(buckets, { fromMs, toMs });
    if (fromMs <= series.rolledToMs) return this.#summarizeRaw(series, { fromMs: series.rolledToMs + 1, toMs });
    return this.#summarizeRaw(series, { fromMs, toMs });
  }

  #summarizeRaw(series: StoredSeries, { fromMs, toMs }: Window): SeriesSummary | undefined {
    const built = this.#summary;
    for (const chunk of this.#chunks(series, fromMs, toMs)) {
      const { startMs, endMs, count } = chunk.times;
      if (chunk.summary !== undefined && startMs >= fromMs && endMs <= toMs) {
        built.addChunk(chunk.summary, count, endMs);
        continue;
      }
      this.#begin();
      this.#addChunk(series, chunk, { fromMs, toMs });
      built.addSamples(this.#timesMs, this.#values, { from: 0, to: this.#length });
    }
    for (const { timesMs, values, count } of series.late === undefined ? [series.head()] : [series.late, series.head()]) {
      const from = lowerBound(timesMs, count, fromMs);
      built.addSamples(timesMs, values, { from, to: lowerBound(timesMs, count, Math.floor(toMs) + 1) });
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
    this.#addTimes(timesMs.subarray(first, end));
  }

  #addRange(
    { timesMs, values, count }: { readonly timesMs: Float64Array; readonly values: Float64Array; readonly count: number },
    range: { readonly fromMs: number; readonly toMs: number },
  ): void {
    const first = lowerBound(timesMs, count, range.fromMs);
    const end = lowerBound(timesMs, count, Math.floor(range.toMs) + 1);
    this.#ensure(count);
    this.#values.set(values.subarray(first, Math.max(first, end)), this.#length);
    this.#addTimes(timesMs.subarray(first, end));
  }

  /** Adds times to the values that already stand behind the last. */
  #addTimes(timesMs: Float64Array): void {
    if (timesMs.length === 0) return;
    if (this.#length > 0 && (timesMs[0] as number) <= (this.#timesMs[this.#length - 1] as number)) this.#isAscending = false;
    this.#timesMs.set(timesMs, this.#length);
    this.#length += timesMs.length;
  }

  #begin(): void {
    this.#length = 0;
    this.#isAscending = true;
    this.#counts = undefined;
    this.#hourlyToMs = -Infinity;
  }

  /** Chunks of samples that came late overlap others. */
  #bringIntoOrder(): void {
    const timesMs = this.#timesMs.slice(0, this.#length);
    const values = this.#values.slice(0, this.#length);
    const order = Uint32Array.from({ length: this.#length }, (_, i) => i).sort((a, b) => (timesMs[a] as number) - (timesMs[b] as number));
    for (const [i, from] of order.entries()) {
      this.#timesMs[i] = timesMs[from] as number;
      this.#values[i] = values[from] as number;
    }
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
    if (this.#counts === undefined) return;
    const counts = new Float64Array(needed * 2).fill(1);
    counts.set(this.#counts.subarray(0, this.#length));
    this.#counts = counts;
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
