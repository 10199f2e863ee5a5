import { format } from 'node:util';
import { systemClock } from '../../base/system-clock.ts';
import { Distributions } from '../../instruments/distributions.ts';
import { LabelTable, type GivenLabels, type LabelValues } from './label-table.ts';
import type { MetricValue } from './metric-object.ts';
import { isObject, Metric, type MetricConfiguration } from './metric.ts';
import { startTimer } from './stop-watch.ts';

export interface SummaryConfiguration<T extends string> extends MetricConfiguration<T> {
  /** Fractions, 0 to 1. @default 0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999 */
  readonly percentiles?: readonly number[];
  /** Together with `ageBuckets`: quantiles are over this many seconds. @default over everything */
  readonly maxAgeSeconds?: number;
  /** Steps in which the window moves. */
  readonly ageBuckets?: number;
  /** Whether series without an observation in the window are left out. @default false */
  readonly pruneAgedBuckets?: boolean;
  /** Taken and not needed: nothing is compressed here. */
  readonly compressCount?: number;
}

/** Slot 0 holds values > 0, slot 1 the magnitudes of negative ones. */
const NEGATIVE = 1;

function newWindow(): Distributions {
  const window = new Distributions();
  window.create();
  window.create();
  return window;
}
function clearWindow(window: Distributions): void {
  window.clear(0);
  window.clear(NEGATIVE);
}

/** Quantiles over a moving window: each of `steps` windows began a step later, and the oldest one answers. */
class WindowedQuantiles {
  readonly #stepMs: number;
  #windows: Distributions[];
  #rotatedAtMs: number = systemClock.monotonicMs();

  constructor(maxAgeSeconds = 0, ageBuckets = 0) {
    this.#stepMs = maxAgeSeconds > 0 && ageBuckets > 0 ? (maxAgeSeconds * 1000) / ageBuckets : Infinity;
    this.#windows = Array.from({ length: Math.max(1, ageBuckets) }, newWindow);
  }

  push(value: number): void {
    this.#rotate();
    for (const window of this.#windows) window.record(value < 0 ? NEGATIVE : 0, Math.abs(value));
  }
  get count(): number {
    const window = this.#rotate();
    return window.count(0) + window.count(NEGATIVE);
  }
  /** 0 when nothing was observed, as prom-client shows it. */
  quantile(q: number): number {
    const window = this.#rotate();
    const negative = window.count(NEGATIVE);
    const positive = window.count(0);
    const rank = Math.max(1, Math.ceil(q * (negative + positive)));
    if (negative + positive === 0) return 0;
    if (rank <= negative) return -window.quantile(NEGATIVE, (negative - rank + 1) / negative);
    return window.quantile(0, (rank - negative) / positive);
  }
  clear(): void {
    this.#windows.forEach(clearWindow);
  }

  #rotate(): Distributions {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - this.#rotatedAtMs > this.#stepMs * this.#windows.length) {
      this.clear();
      this.#rotatedAtMs = nowMs;
    }
    while (nowMs - this.#rotatedAtMs > this.#stepMs) {
      const oldest = this.#windows.shift() as Distributions;
      clearWindow(oldest);
      this.#windows.push(oldest);
      this.#rotatedAtMs += this.#stepMs;
    }
    return this.#windows[0] as Distributions;
  }
}

interface Series {
  readonly labels: GivenLabels;
  readonly quantiles: WindowedQuantiles;
  count: number;
  sum: number;
}

/**
 * prom-client's Summary. Its quantiles are exact to 4.4 % of the value while the range is within 20 octaves (prom-client's t-digest states no
 * bound), so their digits differ from prom-client's; count and sum are the same.
 */
export class Summary<T extends string = string> extends Metric<T> {
  readonly type = 'summary';
  readonly #configuration: SummaryConfiguration<T>;
  readonly #percentiles: readonly number[];
  readonly #table: LabelTable<Series>;
  readonly #newSeries = (labels: GivenLabels): Series => {
    const { maxAgeSeconds, ageBuckets } = this.#configuration;
    return { labels, quantiles: new WindowedQuantiles(maxAgeSeconds, ageBuckets), count: 0, sum: 0 };
  };

  constructor(configuration: SummaryConfiguration<T>) {
    super(configuration);
    if ((this.labelNames as readonly string[]).includes('quantile')) throw new Error('quantile is a reserved label keyword');
    this.#configuration = configuration;
    this.#percentiles = configuration.percentiles ?? [0.01, 0.05, 0.5, 0.9, 0.95, 0.99, 0.999];
    this.#table = new LabelTable(this.labelNames);
    if (this.labelNames.length === 0) this.#table.entry(undefined, this.#newSeries);
    this.register();
  }

  /** @throws {TypeError} for a value that is no finite number. @throws {Error} for an undeclared label. */
  observe(value: number): void;
  observe(labels: LabelValues<T>, value: number): void;
  observe(first: number | LabelValues<T>, second?: number): void {
    if (isObject(first)) this.#observe(first, second);
    else this.#observe(undefined, first);
  }

  startTimer(labels?: LabelValues<T>): (endLabels?: LabelValues<T>) => number {
    return startTimer((all: LabelValues<T>, seconds) => this.observe(all, seconds), labels);
  }

  labels(...values: readonly unknown[]): {
    observe(value: number): void;
    startTimer(): (endLabels?: LabelValues<T>) => number;
  } {
    const labels = this.labelsOf(values);
    this.#table.validate(labels);
    return {
      observe: (value) => this.#observe(labels, value),
      startTimer: () => this.startTimer(labels as LabelValues<T>),
    };
  }

  remove(...values: readonly unknown[]): void {
    const labels = this.labelsOf(values);
    this.#table.validate(labels);
    this.#table.remove(labels);
  }

  reset(): void {
    for (const series of this.#table.values()) {
      series.quantiles.clear();
      series.count = 0;
      series.sum = 0;
    }
  }

  read(): readonly MetricValue[] {
    return [...this.#table.values()].flatMap((series) => this.#valuesOf(series));
  }

  #observe(labels: GivenLabels | undefined, value: unknown): void {
    if (labels !== undefined) this.#table.validate(labels);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${format(value)}`);
    const series = this.#table.entry(labels, this.#newSeries);
    series.quantiles.push(value);
    series.count++;
    series.sum += value;
  }

  #valuesOf({ labels, quantiles, count, sum }: Series): MetricValue[] {
    if (this.#configuration.pruneAgedBuckets === true && quantiles.count === 0) {
      this.#table.remove(labels);
      return [];
    }
    return [
      ...this.#percentiles.map((quantile) => ({ value: quantiles.quantile(quantile), labels: { quantile, ...labels } })),
      { value: sum, labels, metricName: `${this.name}_sum` },
      { value: count, labels, metricName: `${this.name}_count` },
    ];
  }
}
