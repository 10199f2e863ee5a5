import type { SeriesDescriptor } from '../model/metric.ts';
import type { WireBatch } from '../model/sample-batch.ts';
import { grown } from './columns.ts';

/** Clocks are set back by milliseconds all the time; by more, the samples until then cannot be placed. */
const LONGEST_NUDGE_MS = 1000;

/** The present drain and the one before; ms since the epoch. */
export interface DrainTimes {
  readonly nowMs: number;
  readonly previousMs: number;
}

/** One drain: when, and where to. */
export interface Drain extends DrainTimes {
  readonly writer: WireWriter;
}

/** Numbers series in the order they come to be and gathers the samples of one drain. */
export class WireWriter {
  readonly #source: string;
  readonly #onUnplaceable: () => void;
  #nextSlot = 0;
  #newSeries: SeriesDescriptor[] = [];
  #newestAtMs: Float64Array = new Float64Array(256);
  #length = 0;
  /** Samples the next batch will probably have: as many as the last one. */
  #expected = 256;
  #slots: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  #timesMs: Float64Array<ArrayBuffer> = new Float64Array(0);
  #values: Float64Array<ArrayBuffer> = new Float64Array(0);

  constructor(source: string, onUnplaceable: () => void) {
    this.#source = source;
    this.#onUnplaceable = onUnplaceable;
  }

  /** Describes a series once, with the next batch; returns its number. */
  describe(series: SeriesDescriptor): number {
    const slot = this.#nextSlot++;
    if (slot === this.#newestAtMs.length) this.#newestAtMs = grown(this.#newestAtMs);
    this.#newestAtMs[slot] = -Infinity;
    this.#newSeries.push(series);
    return slot;
  }

  /** Adds a sample, at the earliest 1 ms after the newest of its series: within a series times strictly increase. */
  add(slot: number, atMs: number, value: number): void {
    const newestAtMs = this.#newestAtMs[slot] as number;
    let at = Math.round(atMs);
    if (at <= newestAtMs) {
      if (newestAtMs - at > LONGEST_NUDGE_MS) return this.#onUnplaceable();
      at = newestAtMs + 1;
    }
    this.#newestAtMs[slot] = at;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[this.#length] = slot;
    this.#timesMs[this.#length] = at;
    this.#values[this.#length++] = value;
  }

  /**
   * Adds a cumulative value, and before it what it was at the previous drain where that was not told: without it the first increments of a series
   * that is new or was idle would be invisible to `rate` and `increase`, or count as spread over the idle time.
   */
  step(slot: number, before: number, value: number, { nowMs, previousMs }: DrainTimes): void {
    const newestAtMs = this.#newestAtMs[slot] as number;
    const isUntold = newestAtMs < Math.round(previousMs) && (value !== before || newestAtMs === -Infinity);
    if (isUntold && previousMs < nowMs) this.add(slot, previousMs, before);
    this.add(slot, nowMs, value);
  }

  /** Everything added since the last call; `undefined` when there is nothing. */
  take(): WireBatch | undefined {
    if (this.#length === 0) return undefined;
    const newSeries = this.#newSeries;
    const batch: WireBatch = {
      source: this.#source,
      firstNewSlot: this.#nextSlot - newSeries.length,
      newSeries,
      slots: this.#slots.subarray(0, this.#length),
      timesMs: this.#timesMs.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
    };
    // The arrays are the batch's now and may be transferred.
    this.#allocate(0);
    this.#newSeries = [];
    this.#expected = this.#length + (this.#length >> 3);
    this.#length = 0;
    return batch;
  }

  #grow(): void {
    const { length } = this.#slots;
    this.#allocate(length === 0 ? Math.max(64, this.#expected) : length * 2);
  }

  /** New arrays with what was added so far, as much of it as they hold. */
  #allocate(size: number): void {
    const slots = new Uint32Array(size);
    const timesMs = new Float64Array(size);
    const values = new Float64Array(size);
    if (size > 0) {
      slots.set(this.#slots);
      timesMs.set(this.#timesMs);
      values.set(this.#values);
    }
    this.#slots = slots;
    this.#timesMs = timesMs;
    this.#values = values;
  }
}
