import type { SeriesDescriptor } from '../model/metric.ts';
import { grown } from './columns.ts';
import type { DrainTimes, WireWriter } from './wire-writer.ts';

const FREE = -2;
const UNTOLD = -1;
/** A slot nobody touched for this many sweeps in a row is unused. */
const SWEEPS_UNUSED = 2;
/** An idle cumulative series is told again this often, so that every window of 30 s has some of its samples. */
const HEARTBEAT_MS = 10_000;

/** Wire numbers of a kind's slots, described when they first have something to say, and how long each was left alone. */
export class WireSlots {
  readonly #pending = new Map<number, SeriesDescriptor>();
  #numbers: Int32Array = new Int32Array(16).fill(FREE);
  #ages: Uint8Array = new Uint8Array(16);
  readonly #writer: WireWriter;

  constructor(writer: WireWriter) {
    this.#writer = writer;
  }
  add(slot: number, series: SeriesDescriptor): void {
    while (slot >= this.#numbers.length) {
      const { length } = this.#numbers;
      this.#numbers = grown(this.#numbers).fill(FREE, length);
      this.#ages = grown(this.#ages);
    }
    this.#pending.set(slot, series);
    this.#numbers[slot] = UNTOLD;
    this.#ages[slot] = 0;
  }
  release(slot: number): void {
    this.#pending.delete(slot);
    this.#numbers[slot] = FREE;
  }
  isFree(slot: number): boolean {
    return this.#numbers[slot] === FREE;
  }
  isTold(slot: number): boolean {
    return (this.#numbers[slot] as number) >= 0;
  }
  /** The wire number; describes the series when it has none yet. */
  of(slot: number): number {
    const known = this.#numbers[slot] as number;
    if (known >= 0) return known;
    const wire = this.#writer.describe(this.#pending.get(slot) as SeriesDescriptor);
    this.#pending.delete(slot);
    return (this.#numbers[slot] = wire);
  }
  /** What the slot is of, while it was not told. */
  seriesOf(slot: number): SeriesDescriptor | undefined {
    return this.#pending.get(slot);
  }
  touch(slot: number): void {
    this.#ages[slot] = 0;
  }
  /** To be asked once a sweep: whether the slot was not touched for so many that it is unused. */
  hasAged(slot: number): boolean {
    const age = (this.#ages[slot] as number) + 1;
    this.#ages[slot] = age;
    return age > SWEEPS_UNUSED;
  }
}

/** Whether an idle series is due to be told again; the slots take turns over the period. */
export function isHeartbeat(slot: number, { nowMs, previousMs }: DrainTimes): boolean {
  const phaseMs = (slot * 7919) % HEARTBEAT_MS;
  return Math.floor((nowMs + phaseMs) / HEARTBEAT_MS) !== Math.floor((previousMs + phaseMs) / HEARTBEAT_MS);
}
