import { format } from 'node:util';
import { LabelTable, type GivenLabels, type LabelValues } from './label-table.ts';
import type { Exemplar, MetricValue } from './metric-object.ts';
import { exemplarOf, isObject, Metric, type MetricConfiguration } from './metric.ts';

export type CounterConfiguration<T extends string> = MetricConfiguration<T>;

/** An increment with an exemplar, for counters with `enableExemplars`. */
export interface CounterIncrement<T extends string> {
  readonly labels?: LabelValues<T>;
  readonly value?: number;
  readonly exemplarLabels?: GivenLabels;
}

interface Series {
  readonly labels: GivenLabels;
  value: number;
  exemplar: Exemplar | undefined;
}

const newSeries = (labels: GivenLabels): Series => ({ labels, value: 0, exemplar: undefined });

/** prom-client's Counter. Differs in one thing: a step of NaN is refused where prom-client would turn the total into NaN for good. */
export class Counter<T extends string = string> extends Metric<T> {
  readonly type = 'counter';
  readonly #table: LabelTable<Series>;

  constructor(configuration: CounterConfiguration<T>) {
    super(configuration);
    this.#table = new LabelTable(this.labelNames);
    this.reset();
    this.register();
  }

  /** @throws {Error} for a negative step or an undeclared label. @throws {TypeError} for a step that is no finite number. */
  inc(value?: number): void;
  inc(labels: LabelValues<T>, value?: number): void;
  inc(increment: CounterIncrement<T>): void;
  inc(first?: number | LabelValues<T> | CounterIncrement<T>, second?: number): void {
    if (this.enableExemplars) return this.#incWithExemplar((first ?? {}) as CounterIncrement<T>);
    if (isObject(first)) this.#add(first, second);
    else this.#add(undefined, first as number | undefined);
  }

  labels(...values: readonly unknown[]): { inc(value?: number): void } {
    const labels = values.length === 0 && this.labelNames.length === 0 ? {} : this.labelsOf(values);
    return { inc: (value) => this.inc(labels as LabelValues<T>, value) };
  }

  remove(...values: readonly unknown[]): void {
    const labels = this.labelsOf(values);
    this.#table.validate(labels);
    this.#table.remove(labels);
  }

  reset(): void {
    this.#table.clear();
    if (this.labelNames.length === 0) this.#table.entry(undefined, newSeries);
  }

  read(): readonly MetricValue[] {
    return Array.from(this.#table.values(), ({ labels, value, exemplar }) =>
      exemplar === undefined ? { value, labels } : { value, labels, exemplar },
    );
  }

  #add(labels: GivenLabels | undefined, given: number | null | undefined): Series {
    if (labels !== undefined) this.#table.validate(labels);
    const value = given ?? 1;
    if (!Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${format(given)}`);
    if (value < 0) throw new Error('It is not possible to decrease a counter');
    const series = this.#table.entry(labels, newSeries);
    series.value += value;
    return series;
  }

  #incWithExemplar({ labels = {}, value = 1, exemplarLabels }: CounterIncrement<T>): void {
    const series = this.#add(labels, value);
    if (exemplarLabels !== undefined) series.exemplar = exemplarOf(exemplarLabels, value);
  }
}
