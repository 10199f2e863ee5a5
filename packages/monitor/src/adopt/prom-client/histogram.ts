import { format } from 'node:util';
import { LabelTable, type GivenLabels, type LabelValues } from './label-table.ts';
import type { Exemplar, MetricValue } from './metric-object.ts';
import { exemplarOf, isObject, Metric, type MetricConfiguration } from './metric.ts';
import { startTimer } from './stop-watch.ts';

export interface HistogramConfiguration<T extends string> extends MetricConfiguration<T> {
  /** Upper bounds, ascending. @default 0.005 to 10 */
  readonly buckets?: readonly number[];
}

/** An observation with an exemplar, for histograms with `enableExemplars`. */
export interface HistogramObservation<T extends string> {
  readonly labels?: LabelValues<T>;
  readonly value: number;
  readonly exemplarLabels?: GivenLabels;
}

interface Series {
  readonly labels: GivenLabels;
  /** Values by bucket, the last one beyond all bounds; not cumulative. */
  readonly counts: Float64Array;
  readonly exemplars: (Exemplar | undefined)[];
  sum: number;
}

const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** prom-client's Histogram, with the buckets it was given. */
export class Histogram<T extends string = string> extends Metric<T> {
  readonly type = 'histogram';
  readonly buckets: readonly number[];
  readonly #table: LabelTable<Series>;
  readonly #newSeries = (labels: GivenLabels): Series => ({
    labels,
    counts: new Float64Array(this.buckets.length + 1),
    exemplars: [],
    sum: 0,
  });

  constructor(configuration: HistogramConfiguration<T>) {
    super(configuration);
    if ((this.labelNames as readonly string[]).includes('le')) throw new Error('le is a reserved label keyword');
    this.buckets = Object.freeze([...(configuration.buckets ?? DEFAULT_BUCKETS)]);
    this.#table = new LabelTable(this.labelNames);
    if (this.labelNames.length === 0) this.#table.entry(undefined, this.#newSeries);
    this.register();
  }

  /** @throws {TypeError} for a value that is no finite number. @throws {Error} for an undeclared label. */
  observe(value: number): void;
  observe(labels: LabelValues<T>, value: number): void;
  observe(observation: HistogramObservation<T>): void;
  observe(first: number | LabelValues<T> | HistogramObservation<T>, second?: number): void {
    if (this.enableExemplars && isObject(first)) {
      const { labels, value, exemplarLabels } = first as HistogramObservation<T>;
      this.#observe(labels, value, exemplarLabels);
    } else if (isObject(first)) this.#observe(first, second);
    else this.#observe(undefined, first);
  }

  startTimer(labels?: LabelValues<T>, exemplarLabels?: GivenLabels): (endLabels?: LabelValues<T>, endExemplar?: GivenLabels) => number {
    if (!this.enableExemplars) return startTimer((all: LabelValues<T>, seconds) => this.observe(all, seconds), labels);
    let endExemplarLabels: GivenLabels | undefined;
    const stop = startTimer(
      (all: LabelValues<T>, value) => this.observe({ labels: all, value, exemplarLabels: { ...exemplarLabels, ...endExemplarLabels } }),
      labels,
    );
    return (endLabels, endExemplar) => {
      endExemplarLabels = endExemplar;
      return stop(endLabels);
    };
  }

  labels(...values: readonly unknown[]): {
    observe(value: number): void;
    startTimer(): (endLabels?: LabelValues<T>) => number;
  } {
    const labels = this.labelsOf(values);
    this.#table.validate(labels);
    return {
      observe: (value) => this.#observe(labels, value),
      startTimer: () => startTimer((all: GivenLabels, seconds) => this.#observe(all, seconds), labels),
    };
  }

  /** Makes the series with these labels, all 0. */
  zero(labels: LabelValues<T>): void {
    const series = this.#table.entry(labels, this.#newSeries);
    series.counts.fill(0);
    series.exemplars.length = 0;
    series.sum = 0;
  }

  remove(...values: readonly unknown[]): void {
    const labels = this.labelsOf(values);
    this.#table.validate(labels);
    this.#table.remove(labels);
  }

  reset(): void {
    this.#table.clear();
  }

  read(): readonly MetricValue[] {
    return [...this.#table.values()].flatMap((series) => this.#valuesOf(series));
  }

  #observe(labels: GivenLabels | undefined, value: unknown, exemplarLabels?: GivenLabels): void {
    if (labels !== undefined) this.#table.validate(labels);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${format(value)}`);
    const series = this.#table.entry(labels, this.#newSeries);
    const { buckets } = this;
    let bucket = 0;
    while (bucket < buckets.length && value > (buckets[bucket] as number)) bucket++;
    series.counts[bucket] = (series.counts[bucket] as number) + 1;
    series.sum += value;
    if (exemplarLabels !== undefined && Object.keys(exemplarLabels).length > 0)
      series.exemplars[bucket] = exemplarOf(exemplarLabels, value);
  }

  #valuesOf({ labels: sharedLabels, counts, exemplars, sum }: Series): MetricValue[] {
    const metricName = `${this.name}_bucket`;
    let count = 0;
    const bounds: readonly (number | string)[] = [...this.buckets, '+Inf'];
    const values: MetricValue[] = bounds.map((le, bucket) => {
      count += counts[bucket] as number;
      return { value: count, labels: { le }, sharedLabels, metricName, exemplar: exemplars[bucket] };
    });
    return [
      ...values,
      { value: sum, labels: {}, sharedLabels, metricName: `${this.name}_sum` },
      { value: count, labels: {}, sharedLabels, metricName: `${this.name}_count` },
    ];
  }
}
