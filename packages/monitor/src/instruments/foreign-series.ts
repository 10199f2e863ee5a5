import { isLabelName, isMetricName, seriesKey, type Labels } from '../model/labels.ts';
import type { SeriesDescriptor } from '../model/metric.ts';
import type { DropCounts } from './drop-counts.ts';
import { redactLabels } from './redact-labels.ts';
import { isHeartbeat } from './wire-slots.ts';
import type { Drain, WireWriter } from './wire-writer.ts';

/** One value kept by somebody else: cumulative for the kinds `counter` and `histogram` (its parts), else a level. */
export interface ForeignSample {
  readonly series: SeriesDescriptor;
  readonly value: number;
}

interface Known {
  readonly wire: number;
  readonly slot: number;
  value: number;
  /** Number of the write that last had it. */
  write: number;
}

export interface ForeignSeriesOptions {
  readonly writer: WireWriter;
  readonly drops: DropCounts;
  readonly maxSeries: number;
}

/**
 * Series whose values another registry keeps (prom-client's), told as they are at each drain. O(series) a write. A cumulative one that is
 * first seen in a later write than the first begins at 0; those of the first write begin where they are, for nobody knows since when they count.
 */
export class ForeignSeries {
  readonly #options: ForeignSeriesOptions;
  readonly #known = new Map<string, Known>();
  #writes = 0;

  constructor(options: ForeignSeriesOptions) {
    this.#options = options;
  }

  /** Writes all of them; those that are gone since the last write are forgotten. Never throws; what is not legal is dropped and counted. */
  write(samples: Iterable<ForeignSample>, drain: Drain): void {
    const write = ++this.#writes;
    for (const { series, value } of samples) {
      // The quantiles of an empty summary are NaN: that is no fault.
      if (!Number.isFinite(value)) continue;
      const key = seriesKey(series.name, series.labels);
      let known = this.#known.get(key);
      if (known === undefined) {
        known = this.#meet(series, { value, isFirstWrite: write === 1 });
        if (known === undefined) continue;
        this.#known.set(key, known);
      }
      this.#tell(known, { value, isCumulative: series.meta?.kind === 'counter' || series.meta?.kind === 'histogram' }, drain);
      known.write = write;
    }
    for (const [key, known] of this.#known) if (known.write !== write) this.#known.delete(key);
  }

  #meet(series: SeriesDescriptor, first: { readonly value: number; readonly isFirstWrite: boolean }): Known | undefined {
    const { drops, maxSeries, writer } = this.#options;
    if (!isMetricName(series.name)) return (drops.count('name'), undefined);
    if (!Object.keys(series.labels).every(isLabelName)) return (drops.count('label_name'), undefined);
    if (this.#known.size >= maxSeries) return (drops.count('series_limit'), undefined);
    const labels: Labels = redactLabels(series.labels);
    const wire = writer.describe({ ...series, labels });
    return { wire, slot: this.#known.size, value: first.isFirstWrite ? first.value : 0, write: 0 };
  }

  #tell(known: Known, { value, isCumulative }: { readonly value: number; readonly isCumulative: boolean }, drain: Drain): void {
    const isFirst = known.write === 0;
    if (!isCumulative || (isFirst && value === known.value)) drain.writer.add(known.wire, drain.nowMs, value);
    else if (value !== known.value || isFirst || isHeartbeat(known.slot, drain)) drain.writer.step(known.wire, known.value, value, drain);
    known.value = value;
  }
}
