import type { ChunkSummary } from './codec/chunk-record.ts';
import type { Buckets } from './rollup/buckets.ts';
import type { SeriesSummary } from './sample-store.ts';

/** Adds up statistics from chunk headers and from single samples, in any order. Reusable after `reset`. */
export class SummaryBuilder {
  #samples = 0;
  #notFinite = 0;
  #sum = 0;
  /** What `#sum` lost to rounding (Neumaier). */
  #lost = 0;
  #min = Infinity;
  #max = -Infinity;
  #last = 0;
  #lastAtMs = -Infinity;

  reset(): void {
    this.#samples = 0;
    this.#notFinite = 0;
    this.#sum = 0;
    this.#lost = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
    this.#lastAtMs = -Infinity;
  }

  addChunk(summary: Pick<ChunkSummary, 'sum' | 'min' | 'max' | 'last'>, count: number, endMs: number): void {
    this.#samples += count;
    this.#add(summary.sum);
    if (summary.min < this.#min) this.#min = summary.min;
    if (summary.max > this.#max) this.#max = summary.max;
    if (endMs < this.#lastAtMs) return;
    this.#last = summary.last;
    this.#lastAtMs = endMs;
  }

  /** Takes the buckets that end in the window; of those with a sample that is not finite, nothing but their number. */
  addBuckets(buckets: Buckets, window: { readonly fromMs: number; readonly toMs: number }): void {
    for (const [i, atMs] of buckets.timesMs.entries()) {
      if (atMs < window.fromMs || atMs > window.toMs) continue;
      const [count, sum, min, max, last] = [buckets.count, buckets.sum, buckets.min, buckets.max, buckets.last].map(
        (column) => column[i],
      ) as [number, number, number, number, number];
      if (Number.isFinite(sum)) this.addChunk({ sum, min, max, last }, count, atMs);
      else this.#notFinite += count;
    }
  }

  /** Takes the finite ones of samples `from` to `to` (exclusive). */
  addSamples(timesMs: Float64Array, values: Float64Array, range: { readonly from: number; readonly to: number }): void {
    for (let i = range.from; i < range.to; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) {
        this.#notFinite++;
        continue;
      }
      this.#samples++;
      this.#add(value);
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      if ((timesMs[i] as number) < this.#lastAtMs) continue;
      this.#last = value;
      this.#lastAtMs = timesMs[i] as number;
    }
  }

  #add(value: number): void {
    const next = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }

  /** `undefined` when there was no sample. */
  build({ name, labels }: Pick<SeriesSummary, 'name' | 'labels'>): SeriesSummary | undefined {
    if (this.#samples + this.#notFinite === 0) return undefined;
    return {
      name,
      labels,
      samples: this.#samples,
      notFinite: this.#notFinite,
      sum: this.#sum + this.#lost,
      min: this.#min,
      max: this.#max,
      last: this.#last,
      lastAtMs: this.#lastAtMs,
    };
  }
}
