import type { Clock } from '../base/clock.ts';
import type { GaugeColumns } from './columns.ts';
import type { ExponentialHistogram } from './exponential-histogram.ts';
import type { Family } from './family.ts';
import type { LabelSet } from './label-index.ts';

/** Columns of all histograms of a registry: what their gauge says, and their distributions, by the same slot. */
export interface HistogramColumns {
  readonly gauges: GaugeColumns;
  readonly distributions: ExponentialHistogram[];
}

function faultOf(value: number): 'negative' | 'not_finite' {
  return value < 0 && value !== -Infinity ? 'negative' : 'not_finite';
}

/** One series of a histogram. */
export class BoundHistogram {
  readonly #family: Family;
  readonly #columns: HistogramColumns;
  readonly #slot: number;
  readonly #distribution: ExponentialHistogram | undefined;

  constructor(family: Family, columns: HistogramColumns, slot: number) {
    this.#family = family;
    this.#columns = columns;
    this.#slot = slot;
    this.#distribution = columns.distributions[slot];
  }

  /** Takes a finite value ≥ 0. Anything else is dropped and counted. */
  record(value: number): void {
    const distribution = this.#distribution;
    if (distribution === undefined) return void this.#family.refuse('label_value');
    if (!(value >= 0 && value < Infinity)) return void this.#family.refuse(faultOf(value));
    distribution.record(value);
    this.#columns.gauges.record(this.#slot, value);
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
    if (slot < 0) return;
    this.#columns.distributions[slot]?.record(value);
    this.#columns.gauges.record(slot, value);
  }

  with(labels: LabelSet): BoundHistogram {
    return new BoundHistogram(this.#family, this.#columns, this.#family.slot(labels));
  }

  /** Value below which the share `q` (0 to 1) of everything recorded for these labels lies, within half a bucket; NaN when nothing was. */
  quantile(q: number, labels?: LabelSet): number {
    return this.#columns.distributions[this.#family.slot(labels)]?.quantile(q) ?? NaN;
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
