import { format } from 'node:util';
import { systemClock } from '../../base/system-clock.ts';
import { LabelTable, type GivenLabels, type LabelValues } from './label-table.ts';
import type { MetricValue } from './metric-object.ts';
import { isObject, Metric, type MetricConfiguration } from './metric.ts';
import { startTimer } from './stop-watch.ts';

export type GaugeConfiguration<T extends string> = MetricConfiguration<T>;

interface Series {
  readonly labels: GivenLabels;
  value: number;
}

const newSeries = (labels: GivenLabels): Series => ({ labels, value: 0 });

/** A gauge whose labels are bound. */
export interface BoundGauge<T extends string> {
  inc(value?: number): void;
  dec(value?: number): void;
  set(value: number): void;
  setToCurrentTime(): void;
  startTimer(): (labels?: LabelValues<T>) => number;
}

/** prom-client's Gauge. */
export class Gauge<T extends string = string> extends Metric<T> {
  readonly type = 'gauge';
  readonly #table: LabelTable<Series>;

  constructor(configuration: GaugeConfiguration<T>) {
    super(configuration);
    this.#table = new LabelTable(this.labelNames);
    this.reset();
    this.register();
  }

  /** @throws {TypeError} for a value that is no number; NaN and ±Infinity are numbers. @throws {Error} for an undeclared label. */
  set(value: number): void;
  set(labels: LabelValues<T>, value: number): void;
  set(first: number | LabelValues<T>, second?: number): void {
    const value = isObject(first) ? second : first;
    if (typeof value !== 'number') throw new TypeError(`Value is not a valid number: ${format(value)}`);
    this.#series(first).value = value;
  }

  inc(value?: number): void;
  inc(labels: LabelValues<T>, value?: number): void;
  inc(first?: number | LabelValues<T>, second?: number): void {
    this.#change(first, isObject(first) ? second : first, 1);
  }

  dec(value?: number): void;
  dec(labels: LabelValues<T>, value?: number): void;
  dec(first?: number | LabelValues<T>, second?: number): void {
    this.#change(first, isObject(first) ? second : first, -1);
  }

  /** Seconds since the epoch. */
  setToCurrentTime(labels?: LabelValues<T>): void {
    this.set(labels ?? {}, systemClock.nowMs() / 1000);
  }

  startTimer(labels?: LabelValues<T>): (endLabels?: LabelValues<T>) => number {
    return startTimer((all: LabelValues<T>, seconds) => this.set(all, seconds), labels);
  }

  labels(...values: readonly unknown[]): BoundGauge<T> {
    const given = this.labelsOf(values);
    this.#table.validate(given);
    const labels = given as LabelValues<T>;
    return {
      inc: (value) => this.inc(labels, value),
      dec: (value) => this.dec(labels, value),
      set: (value) => this.set(labels, value),
      setToCurrentTime: () => this.setToCurrentTime(labels),
      startTimer: () => this.startTimer(labels),
    };
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
    return Array.from(this.#table.values(), ({ labels, value }) => ({ value, labels }));
  }

  #series(first: unknown): Series {
    return this.#table.entry(isObject(first) ? first : undefined, newSeries);
  }

  #change(first: unknown, given: unknown, sign: 1 | -1): void {
    const delta = given === undefined ? 1 : given;
    if (typeof delta !== 'number') throw new TypeError(`Delta is not a valid number: ${format(sign === 1 ? delta : -Number(delta))}`);
    this.#series(first).value += sign * delta;
  }
}
