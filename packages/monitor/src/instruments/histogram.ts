import type { Clock } from '../base/clock.ts';
import { GaugeColumns } from './columns.ts';
import { Distributions } from './distributions.ts';
import type { Family } from './family.ts';
import type { LabelSet } from './label-index.ts';

/** Columns of all histograms of a registry: what their gauges say, and their distributions, by the same slot. */
export class HistogramColumns {
  readonly gauges: GaugeColumns;
  readonly distributions: Distributions = new Distributions();
  /** Number and sum of each slot at the last drain. */
  #drained: Float64Array = new Float64Array(0);

  constructor(nowMs: () => number) {
    this.gauges = new GaugeColumns(nowMs);
  }
  create(): number {
    this.distributions.create();
    return this.gauges.create();
  }
  /** Takes a finite value ≥ 0. */
  record(slot: number, value: number): void {
    this.distributions.record(slot, value);
    this.gauges.level(slot, value);
  }
  /** Number and sum of what was recorded since the last drain. */
  sinceDrain(slot: number): { readonly count: number; readonly sum: number } {
    const { distributions } = this;
    return {
      count: distributions.count(slot) - (this.#drained[2 * slot] ?? 0),
      sum: distributions.sum(slot) - (this.#drained[2 * slot + 1] ?? 0),
    };
  }
  markDrained(): void {
    this.#drained = this.distributions.copyTotals();
  }
}

function faultOf(value: number): 'negative' | 'not_finite' {
  return value < 0 && value !== -Infinity ? 'negative' : 'not_finite';
}

/** One series of a histogram. */
export class BoundHistogram {
  readonly #family: Family;
  readonly #columns: HistogramColumns;
  readonly #slot: number;

  constructor(family: Family, columns: HistogramColumns, slot: number) {
    this.#family = family;
    this.#columns = columns;
    this.#slot = slot;
  }

  /** Takes a finite value ≥ 0. Anything else is dropped and counted. */
  record(value: number): void {
    const slot = this.#slot;
    if (slot >= 0 && value >= 0 && value < Infinity) this.#columns.record(slot, value);
    else this.#family.refuse(slot < 0 ? 'label_value' : faultOf(value));
  }
}

/**
 * How values are distributed: durations, sizes. Metric `N` leaves the process as gauge `N` (the lowest, highest and newest value of each
 * interval) and as histogram `N_bucket`, `N_sum`, `N_count` with boundaries at powers of two.
 */
export class Histogram {
  readonly #family: Family;
  readonly #columns: HistogramColumns;

  constructor(family: Family, columns: HistogramColumns) {
    this.#family = family;
    this.#columns = columns;
  }

  /** Takes a finite value ≥ 0 for the series with these labels. Anything else is dropped and counted; never throws. */
  record(value: number, labels?: LabelSet): void {
    if (!(value >= 0 && value < Infinity)) return void this.#family.refuse(faultOf(value));
    const slot = this.#family.slot(labels);
    if (slot >= 0) this.#columns.record(slot, value);
  }

  with(labels: LabelSet): BoundHistogram {
    return new BoundHistogram(this.#family, this.#columns, this.#family.slot(labels));
  }

  /** Value below which the share `q` (0 to 1) of everything recorded for these labels lies, within half a bucket; NaN when nothing was. */
  quantile(q: number, labels?: LabelSet): number {
    const slot = this.#family.slot(labels);
    return slot < 0 ? NaN : this.#columns.distributions.quantile(slot, q);
  }
}

/** A histogram of durations in ms that reads the clock itself. */
export class Timer extends Histogram {
  readonly #clock: Clock;

  constructor(family: Family, columns: HistogramColumns, clock: Clock) {
    super(family, columns);
    this.#clock = clock;
  }

  /** A mark to hand to `stop`. */
  start(): number {
    return this.#clock.monotonicMs();
  }

  /** Records the time since the mark; returns it, in ms. */
  stop(startedMs: number, labels?: LabelSet): number {
    const elapsedMs = this.#clock.monotonicMs() - startedMs;
    this.record(elapsedMs, labels);
    return elapsedMs;
  }
}
