import type { Labels } from '../model/labels.ts';
import type { MetricMeta, SeriesDescriptor } from '../model/metric.ts';
import { upperBoundary } from './exponential-scale.ts';
import type { HistogramColumns } from './histogram.ts';
import type { Drain, WireWriter } from './wire-writer.ts';

/** Numbers a bucket takes in `#buckets`: its upper boundary, its wire number, its cumulative count as last written. */
const BUCKET_FIELDS = 3;

/** What all series of a histogram share. */
export interface HistogramMetric {
  readonly name: string;
  readonly meta: MetricMeta;
}

/** The histogram side of one series on the wire: `_count`, `_sum` and buckets. Kept small: there is one for each series. */
export class HistogramWire {
  readonly #metric: HistogramMetric;
  readonly #labels: Labels;
  #buckets: number[] = [];
  /** Wire number of `_count`; `_sum` has the next one. */
  #count = -1;

  constructor(metric: HistogramMetric, labels: Labels) {
    this.#metric = metric;
    this.#labels = labels;
  }
  get series(): SeriesDescriptor {
    return { ...this.#metric, labels: this.#labels };
  }

  /** Before the slot is marked drained. */
  write(columns: HistogramColumns, slot: number, drain: Drain): void {
    const { distributions } = columns;
    this.#writeTotals(columns, slot, drain);
    const upTo = new Map<number, number>();
    if (distributions.zeroCount(slot) > 0) upTo.set(0, distributions.zeroCount(slot));
    distributions.eachOctave(slot, (octave, count) => {
      // Its lower boundary too, or a quantile would be interpolated across the empty octaves below.
      const from = upperBoundary(octave - 1, 0);
      if (!upTo.has(from)) upTo.set(from, 0);
      upTo.set(upperBoundary(octave, 0), count);
    });
    upTo.set(Infinity, 0);
    for (const le of upTo.keys()) this.#place(le, drain.writer);
    let cumulative = 0;
    for (let at = 0; at < this.#buckets.length; at += BUCKET_FIELDS) {
      cumulative += upTo.get(this.#buckets[at] as number) ?? 0;
      drain.writer.step(this.#buckets[at + 1] as number, this.#buckets[at + 2] as number, cumulative, drain);
      this.#buckets[at + 2] = cumulative;
    }
  }

  #writeTotals(columns: HistogramColumns, slot: number, drain: Drain): void {
    const { writer } = drain;
    if (this.#count < 0) {
      this.#count = this.#describe(writer, { suffix: '_count', unit: 'count' });
      this.#describe(writer, { suffix: '_sum', unit: this.#metric.meta.unit });
    }
    const before = columns.drained(slot);
    const since = columns.sinceDrain(slot);
    writer.step(this.#count, before.count, before.count + since.count, drain);
    writer.step(this.#count + 1, before.sum, before.sum + since.sum, drain);
  }

  /** Makes the bucket with this upper boundary if there is none, in its place; it starts from what the one below it had. */
  #place(le: number, writer: WireWriter): void {
    const buckets = this.#buckets;
    let at = 0;
    while (at < buckets.length && (buckets[at] as number) < le) at += BUCKET_FIELDS;
    if (buckets[at] === le) return;
    const written = at === 0 ? 0 : (buckets[at - 1] as number);
    const wire = this.#describe(writer, { suffix: '_bucket', unit: 'count', le: le === Infinity ? '+Inf' : String(le) });
    // Exactly as long as needed: an array that is written piece by piece has room to spare, and there is one for each series.
    this.#buckets = buckets.toSpliced(at, 0, le, wire, written);
  }

  #describe(writer: WireWriter, part: { readonly suffix: string; readonly unit: string; readonly le?: string }): number {
    const { name, meta } = this.#metric;
    const labels = this.#labels;
    return writer.describe({
      name: name + part.suffix,
      labels: part.le === undefined ? labels : { ...labels, le: part.le },
      meta: { kind: 'histogram', unit: part.unit, help: meta.help },
    });
  }
}
