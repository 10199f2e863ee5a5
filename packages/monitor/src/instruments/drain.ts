/**
 * From the columns of a registry to samples.
 *
 * A level gives up to three samples an interval, the lowest, the highest and the newest, each at its time, so that `min_over_time`,
 * `max_over_time` and the current value are exact whatever the interval. A counter gives its total, and when it is new also 0 at the time
 * of the drain before, without which the first increments of a rare series would be invisible to `rate` and `increase`. The same holds for
 * each new bucket of a histogram: it starts from what the bucket below it had at the drain before.
 */
import { upperBoundary } from './exponential-scale.ts';
import type { Distributions } from './distributions.ts';
import type { CounterColumns, GaugeColumns } from './columns.ts';
import type { SeriesDescriptor } from '../model/metric.ts';
import type { WireWriter } from './wire-writer.ts';

/** The present drain and the one before; ms since the epoch. */
export interface DrainTimes {
  readonly nowMs: number;
  readonly previousMs: number;
}

/** Wire numbers of a kind's slots, described when they first have something to say. */
export class WireSlots {
  readonly #pending = new Map<number, SeriesDescriptor>();
  readonly #numbers: number[] = [];
  readonly #writer: WireWriter;

  constructor(writer: WireWriter) {
    this.#writer = writer;
  }
  add(slot: number, series: SeriesDescriptor): void {
    this.#pending.set(slot, series);
  }
  /** The wire number, and whether the series is told for the first time. */
  of(slot: number): { readonly wire: number; readonly isNew: boolean } {
    const known = this.#numbers[slot];
    if (known !== undefined) return { wire: known, isNew: false };
    const series = this.#pending.get(slot) as SeriesDescriptor;
    this.#pending.delete(slot);
    const wire = this.#writer.describe(series);
    this.#numbers[slot] = wire;
    return { wire, isNew: true };
  }
}

export function drainCounters(
  columns: CounterColumns,
  slots: WireSlots,
  { writer, nowMs, previousMs }: DrainTimes & { readonly writer: WireWriter },
): void {
  for (let slot = 0; slot < columns.length; slot++) {
    const { wire, isNew } = slots.of(slot);
    if (isNew && previousMs < nowMs) writer.add(wire, previousMs, 0);
    writer.add(wire, nowMs, columns.totals[slot] as number);
  }
}

/** @param repeats Whether a level nobody touched is told again. */
export function drainGauges(
  columns: GaugeColumns,
  slots: WireSlots,
  { writer, nowMs, repeats }: { readonly writer: WireWriter; readonly nowMs: number; readonly repeats: boolean },
): void {
  for (let slot = 0; slot < columns.length; slot++) {
    if (columns.isTouched(slot)) {
      writeLevel(columns, slot, { writer, wire: slots.of(slot).wire, nowMs });
      columns.reset(slot);
    } else if (repeats) writer.add(slots.of(slot).wire, nowMs, columns.last(slot));
  }
}

function writeLevel(
  columns: GaugeColumns,
  slot: number,
  { writer, wire, nowMs }: { readonly writer: WireWriter; readonly wire: number; readonly nowMs: number },
): void {
  const { last, lastAtMs, min, minAtMs, max, maxAtMs } = columns.read(slot);
  const isMinFirst = minAtMs <= maxAtMs;
  if (isMinFirst && min !== last) writer.add(wire, minAtMs, min);
  if (max !== last) writer.add(wire, maxAtMs, max);
  if (!isMinFirst && min !== last) writer.add(wire, minAtMs, min);
  writer.add(wire, Number.isNaN(lastAtMs) ? nowMs : lastAtMs, last);
}

/** Numbers a bucket takes in `#buckets`: its upper boundary, its wire number, its cumulative count as last written. */
const BUCKET_FIELDS = 3;

/** The histogram side of one series on the wire: `_count`, `_sum` and buckets. Kept small: there is one for each series. */
export class HistogramWire {
  readonly #series: SeriesDescriptor;
  #buckets: number[] = [];
  /** Wire number of `_count`; `_sum` has the next one. */
  #count = -1;

  constructor(series: SeriesDescriptor) {
    this.#series = series;
  }

  write(distributions: Distributions, slot: number, drain: DrainTimes & { readonly writer: WireWriter }): void {
    if (distributions.count(slot) === 0) return;
    this.#writeTotals(distributions, slot, drain);
    const upTo = new Map<number, number>();
    if (distributions.zeroCount(slot) > 0) upTo.set(0, distributions.zeroCount(slot));
    distributions.eachOctave(slot, (octave, count) => {
      // Its lower boundary too, or a quantile would be interpolated across the empty octaves below.
      const from = upperBoundary(octave - 1, 0);
      if (!upTo.has(from)) upTo.set(from, 0);
      upTo.set(upperBoundary(octave, 0), count);
    });
    upTo.set(Infinity, 0);
    for (const le of upTo.keys()) this.#bucket(le, drain);
    let cumulative = 0;
    for (let at = 0; at < this.#buckets.length; at += BUCKET_FIELDS) {
      cumulative += upTo.get(this.#buckets[at] as number) ?? 0;
      this.#buckets[at + 2] = cumulative;
      drain.writer.add(this.#buckets[at + 1] as number, drain.nowMs, cumulative);
    }
  }

  #writeTotals(
    distributions: Distributions,
    slot: number,
    { writer, nowMs, previousMs }: DrainTimes & { readonly writer: WireWriter },
  ): void {
    if (this.#count < 0) {
      this.#count = this.#describe(writer, { suffix: '_count', unit: 'count' });
      this.#describe(writer, { suffix: '_sum', unit: this.#series.meta?.unit ?? '' });
      if (previousMs < nowMs) {
        writer.add(this.#count, previousMs, 0);
        writer.add(this.#count + 1, previousMs, 0);
      }
    }
    writer.add(this.#count, nowMs, distributions.count(slot));
    writer.add(this.#count + 1, nowMs, distributions.sum(slot));
  }

  /** Makes the bucket with this upper boundary if there is none, in its place. */
  #bucket(le: number, { writer, nowMs, previousMs }: DrainTimes & { readonly writer: WireWriter }): void {
    const buckets = this.#buckets;
    let at = 0;
    while (at < buckets.length && (buckets[at] as number) < le) at += BUCKET_FIELDS;
    if (buckets[at] === le) return;
    const written = at === 0 ? 0 : (buckets[at - 1] as number);
    const wire = this.#describe(writer, { suffix: '_bucket', unit: 'count', le: le === Infinity ? '+Inf' : String(le) });
    if (previousMs < nowMs) writer.add(wire, previousMs, written);
    this.#buckets = [...buckets.slice(0, at), le, wire, written, ...buckets.slice(at)];
  }

  #describe(writer: WireWriter, part: { readonly suffix: string; readonly unit: string; readonly le?: string }): number {
    const { name, labels, meta } = this.#series;
    return writer.describe({
      name: name + part.suffix,
      labels: part.le === undefined ? labels : { ...labels, le: part.le },
      meta: { kind: 'histogram', unit: part.unit, help: meta?.help ?? '' },
    });
  }
}
