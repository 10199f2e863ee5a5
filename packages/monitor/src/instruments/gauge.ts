import type { GaugeColumns } from './columns.ts';
import type { Family } from './family.ts';
import type { LabelSet } from './label-index.ts';

/** One series of a gauge. */
export class BoundGauge {
  readonly #family: Family;
  readonly #columns: GaugeColumns;
  readonly #slot: number;

  constructor(family: Family, columns: GaugeColumns, slot: number) {
    this.#family = family;
    this.#columns = columns;
    this.#slot = slot;
  }

  /** Replaces the value. NaN and ±Infinity are dropped and counted. */
  set(value: number): void {
    if (this.#slot >= 0 && Number.isFinite(value)) this.#columns.record(this.#slot, value);
    else this.#family.refuse(this.#slot < 0 ? 'label_value' : 'not_finite');
  }

  /** Adds to the value, which starts at 0. */
  add(step: number): void {
    this.set(this.#slot < 0 ? step : this.#columns.last(this.#slot) + step);
  }
}

/** A level that is replaced: temperature, queue length, pool size. The last value holds until the next; each drain says it again. */
export class Gauge {
  readonly #family: Family;
  readonly #columns: GaugeColumns;

  constructor(family: Family, columns: GaugeColumns) {
    this.#family = family;
    this.#columns = columns;
  }

  /** Replaces the value of the series with these labels. NaN and ±Infinity are dropped and counted; never throws. */
  set(value: number, labels?: LabelSet): void {
    if (!Number.isFinite(value)) return void this.#family.refuse('not_finite');
    const slot = this.#family.slot(labels);
    if (slot >= 0) this.#columns.record(slot, value);
  }

  /** Adds to the value, which starts at 0. */
  add(step: number, labels?: LabelSet): void {
    if (!Number.isFinite(step)) return void this.#family.refuse('not_finite');
    const slot = this.#family.slot(labels);
    if (slot < 0) return;
    const value = this.#columns.last(slot) + step;
    if (Number.isFinite(value)) this.#columns.record(slot, value);
    else this.#family.refuse('not_finite');
  }

  with(labels: LabelSet): BoundGauge {
    return new BoundGauge(this.#family, this.#columns, this.#family.bind(labels));
  }
}

/** A level that is told by its changes: things in flight, connections open. `add` with a negative step when one ends. */
export interface UpDownCounter {
  add(step: number, labels?: LabelSet): void;
  with(labels: LabelSet): { add(step: number): void };
}
