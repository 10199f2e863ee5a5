import type { Clock } from '../base/clock.ts';
import { grown, GaugeColumns, type CountAndSum } from './columns.ts';
import { Distributions } from './distributions.ts';
import type { Family } from './family.ts';
import type { LabelSet } from './label-index.ts';
import type { DistributionDelta } from './workers/registry-delta.ts';

/** Columns of all histograms of a registry: what their gauges say, and their distributions, by the same slot. */
export class HistogramColumns {
  readonly gauges: GaugeColumns;
  readonly distributions: Distributions = new Distributions();
  /** Number and sum of each slot as of the last drain, in turn. */
  #drained: Float64Array = new Float64Array(32);

  constructor(nowMs: () => number) {
    this.gauges = new GaugeColumns(nowMs);
  }
  get length(): number {
    return this.gauges.length;
  }
  create(): number {
    const slot = this.gauges.create();
    if (slot === this.distributions.length) this.distributions.create();
    if (2 * slot === this.#drained.length) this.#drained = grown(this.#drained);
    return slot;
  }
  /** Gives the slot back; whoever still holds its number must not use it. */
  release(slot: number): void {
    this.gauges.release(slot);
    this.distributions.clear(slot);
    this.#drained.fill(0, 2 * slot, 2 * slot + 2);
  }
  /** Takes a finite value ≥ 0. */
  record(slot: number, value: number): void {
    this.gauges.level(slot, value);
    this.distributions.record(slot, value);
  }
  /** What a slot took since this was last called; it starts anew. */
  take(slot: number): DistributionDelta {
    const { distributions, gauges } = this;
    const { last, min, max } = gauges.read(slot);
    const { sum } = gauges.sinceDrain(slot);
    const buckets = [...distributions.cells(slot)];
    const taken = { last, min, max, sum, scale: distributions.scale(slot), zeros: distributions.zeroCount(slot), buckets };
    distributions.clear(slot);
    gauges.reset(slot);
    return taken;
  }
  /** Adds what another thread's slot took. */
  absorb(slot: number, taken: DistributionDelta): void {
    this.distributions.addBuckets(slot, taken);
    this.gauges.absorb(slot, taken);
  }
  /** Number and sum of everything recorded as of the last drain. */
  drained(slot: number): CountAndSum {
    return { count: this.#drained[2 * slot] as number, sum: this.#drained[2 * slot + 1] as number };
  }
  /** Number and sum of what was recorded since the last drain. */
  sinceDrain(slot: number): CountAndSum {
    return {
      count: this.distributions.count(slot) - (this.#drained[2 * slot] as number),
      sum: this.gauges.sinceDrain(slot).sum,
    };
  }
  markDrained(slot: number): void {
    this.#drained[2 * slot] = this.distributions.count(slot);
    this.#drained[2 * slot + 1] = (this.#drained[2 * slot + 1] as number) + this.gauges.sinceDrain(slot).sum;
    this.gauges.reset(slot);
  }
}

/** Callers without types may give anything. */
function isMagnitude(value: number): boolean {
  return typeof value === 'number' && value >= 0 && value < Infinity;
}

function faultOf(value: unknown): 'negative' | 'not_finite' {
  return typeof value === 'number' && value < 0 && value !== -Infinity ? 'negative' : 'not_finite';
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
    if (slot >= 0 && isMagnitude(value)) this.#columns.record(slot, value);
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
    if (!isMagnitude(value)) return void this.#family.refuse(faultOf(value));
    const slot = this.#family.slot(labels);
    if (slot >= 0) this.#columns.record(slot, value);
  }

  /** Adds a distribution that was recorded elsewhere, without loss. */
  merge(taken: DistributionDelta, labels?: LabelSet): void {
    const slot = this.#family.slot(labels);
    if (slot >= 0) this.#columns.absorb(slot, taken);
  }

  with(labels: LabelSet): BoundHistogram {
    return new BoundHistogram(this.#family, this.#columns, this.#family.bind(labels));
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
