/**
 * From the columns of a registry to samples.
 *
 * A level gives up to three samples an interval, the lowest, the highest and the newest, each at its time, so that `min_over_time`,
 * `max_over_time` and the current value are exact whatever the interval. A counter gives its total, and when it is new also 0 at the time
 * of the drain before, without which the first increments of a rare series would be invisible to `rate` and `increase`. The same holds for
 * each new bucket of a histogram: it starts from what the bucket below it had at the drain before.
 */
import { upperBoundary } from './exponential-scale.ts';
import type { ExponentialHistogram } from './exponential-histogram.ts';
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
    if (columns.count[slot] !== 0) {
      writeLevel(columns, slot, { writer, wire: slots.of(slot).wire, nowMs });
      columns.reset(slot);
    } else if (repeats) writer.add(slots.of(slot).wire, nowMs, columns.last[slot] as number);
  }
}

function writeLevel(
  columns: GaugeColumns,
  slot: number,
  { writer, wire, nowMs }: { readonly writer: WireWriter; readonly wire: number; readonly nowMs: number },
): void {
  const last = columns.last[slot] as number;
  const min = columns.min[slot] as number;
  const max = columns.max[slot] as number;
  const minAtMs = columns.minAtMs[slot] as number;
  const maxAtMs = columns.maxAtMs[slot] as number;
  const lastAtMs = columns.lastAtMs[slot] as number;
  const isMinFirst = minAtMs <= maxAtMs;
  if (isMinFirst && min !== last) writer.add(wire, minAtMs, min);
  if (max !== last) writer.add(wire, maxAtMs, max);
  if (!isMinFirst && min !== last) writer.add(wire, minAtMs, min);
  writer.add(wire, Number.isNaN(lastAtMs) ? nowMs : lastAtMs, last);
}

interface BucketWire {
  readonly le: number;
  readonly wire: number;
  /** Cumulative count as last written. */
  written: number;
}

/** The histogram side of one series: its `_count`, `_sum` and buckets on the wire. */
export class HistogramWire {
  readonly #series: SeriesDescriptor;
  readonly #writer: WireWriter;
  readonly #buckets: BucketWire[] = [];
  #count: number | undefined;
  #sum = 0;

  constructor(series: SeriesDescriptor, writer: WireWriter) {
    this.#series = series;
    this.#writer = writer;
  }

  write(distribution: ExponentialHistogram, times: DrainTimes): void {
    if (distribution.count === 0) return;
    this.#writeTotals(distribution, times);
    const upTo = new Map<number, number>();
    if (distribution.zeroCount > 0) upTo.set(0, distribution.zeroCount);
    distribution.eachOctave((octave, count) => {
      // Its lower boundary too, or a quantile would be interpolated across the empty octaves below.
      const from = upperBoundary(octave - 1, 0);
      if (!upTo.has(from)) upTo.set(from, 0);
      upTo.set(upperBoundary(octave, 0), count);
    });
    upTo.set(Infinity, 0);
    for (const le of upTo.keys()) this.#bucket(le, times);
    let cumulative = 0;
    for (const bucket of this.#buckets) {
      cumulative += upTo.get(bucket.le) ?? 0;
      bucket.written = cumulative;
      this.#writer.add(bucket.wire, times.nowMs, cumulative);
    }
  }

  #writeTotals(distribution: ExponentialHistogram, { nowMs, previousMs }: DrainTimes): void {
    if (this.#count === undefined) {
      this.#count = this.#describe('_count', 'count');
      this.#sum = this.#describe('_sum', this.#series.meta?.unit ?? '');
      if (previousMs < nowMs) {
        this.#writer.add(this.#count, previousMs, 0);
        this.#writer.add(this.#sum, previousMs, 0);
      }
    }
    this.#writer.add(this.#count, nowMs, distribution.count);
    this.#writer.add(this.#sum, nowMs, distribution.sum);
  }

  /** Makes the bucket with this upper boundary if there is none, in its place. */
  #bucket(le: number, { nowMs, previousMs }: DrainTimes): void {
    let at = this.#buckets.length;
    while (at > 0 && (this.#buckets[at - 1] as BucketWire).le >= le) at--;
    if (this.#buckets[at]?.le === le) return;
    const written = this.#buckets[at - 1]?.written ?? 0;
    const wire = this.#describe('_bucket', 'count', le === Infinity ? '+Inf' : String(le));
    if (previousMs < nowMs) this.#writer.add(wire, previousMs, written);
    this.#buckets.splice(at, 0, { le, wire, written });
  }

  #describe(suffix: string, unit: string, le?: string): number {
    const { name, labels, meta } = this.#series;
    return this.#writer.describe({
      name: name + suffix,
      labels: le === undefined ? labels : { ...labels, le },
      meta: { kind: 'histogram', unit, help: meta?.help ?? '' },
    });
  }
}
