type TypedArray = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** Above this length arrays grow by a quarter: there are millions of bytes in them, and half of them idle would be too many. */
const DOUBLED_UP_TO = 1024;

/** A longer typed array with the same content; a multiple of 8 elements. */
export function grown<T extends TypedArray>(array: T): T {
  const length = array.length <= DOUBLED_UP_TO ? array.length * 2 : Math.ceil(array.length / 32) * 40;
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}

const FIRST_SLOTS = 16;

/** Cumulative values, one a slot. */
export class CounterColumns {
  length = 0;
  totals: Float64Array = new Float64Array(FIRST_SLOTS);
  /** Totals as of the last drain. */
  #drained: Float64Array = new Float64Array(FIRST_SLOTS);
  readonly #free: number[] = [];

  create(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.length === this.totals.length) {
      this.totals = grown(this.totals);
      this.#drained = grown(this.#drained);
    }
    return this.length++;
  }
  /** Gives the slot back; whoever still holds its number must not use it. */
  release(slot: number): void {
    this.totals[slot] = 0;
    this.#drained[slot] = 0;
    this.#free.push(slot);
  }
  drained(slot: number): number {
    return this.#drained[slot] as number;
  }
  markDrained(slot: number): void {
    this.#drained[slot] = this.totals[slot] as number;
  }
}

/** Where the fields of a slot lie in `cells`: one slot is one cache line. */
const FIELDS = 8;
const LAST = 0;
const LAST_AT = 1;
const MIN = 2;
const MIN_AT = 3;
const MAX = 4;
const MAX_AT = 5;
const COUNT = 6;
const SUM = 7;

export interface CountAndSum {
  readonly count: number;
  readonly sum: number;
}

/** What a slot was told since the last drain; times in ms since the epoch. */
export interface Level {
  readonly last: number;
  /** NaN: some time before now. */
  readonly lastAtMs: number;
  readonly min: number;
  readonly minAtMs: number;
  readonly max: number;
  readonly maxAtMs: number;
}

/**
 * Level readings of the time since the last drain, one a slot: the newest, the lowest and the highest with their times, number and sum.
 * Times of extremes are read only when there is a new one, which is rare, so a record usually reads no clock.
 */
export class GaugeColumns {
  length = 0;
  #cells: Float64Array = new Float64Array(FIRST_SLOTS * FIELDS);
  readonly #free: number[] = [];
  readonly #nowMs: () => number;
  /** Told of each value that is the highest of its interval so far. */
  onHighest: ((slot: number, value: number, atMs: number) => void) | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  create(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const slot = this.length++;
    if (slot * FIELDS === this.#cells.length) this.#cells = grown(this.#cells);
    this.reset(slot);
    return slot;
  }
  /** Gives the slot back; whoever still holds its number must not use it. */
  release(slot: number): void {
    this.#cells[slot * FIELDS + LAST] = 0;
    this.reset(slot);
    this.#free.push(slot);
  }

  /** Takes a finite value. The newest record's time counts as "at the drain" unless the record is also an extreme. */
  record(slot: number, value: number): void {
    const cells = this.#cells;
    const at = slot * FIELDS;
    cells[at + COUNT] = (cells[at + COUNT] as number) + 1;
    this.level(slot, value);
  }

  /** `record` for an owner that counts by itself. */
  level(slot: number, value: number): void {
    const cells = this.#cells;
    const at = slot * FIELDS;
    cells[at + LAST] = value;
    cells[at + SUM] = (cells[at + SUM] as number) + value;
    if (value < (cells[at + MIN] as number) || value > (cells[at + MAX] as number)) this.#extreme(at, value, this.#nowMs());
    else cells[at + LAST_AT] = NaN;
  }

  /** Takes a finite value with its time. */
  recordAt(slot: number, value: number, atMs: number): void {
    const cells = this.#cells;
    const at = slot * FIELDS;
    cells[at + LAST] = value;
    cells[at + COUNT] = (cells[at + COUNT] as number) + 1;
    cells[at + SUM] = (cells[at + SUM] as number) + value;
    this.#extreme(at, value, atMs);
  }

  /** Takes what another one was told in the meantime: its newest value, extremes and sum. */
  absorb(
    slot: number,
    { last, min, max, sum }: { readonly last: number; readonly min: number; readonly max: number; readonly sum: number },
  ): void {
    const at = slot * FIELDS;
    const nowMs = this.#nowMs();
    for (const value of [min, max]) this.#extreme(at, value, nowMs);
    this.#cells[at + LAST] = last;
    this.#cells[at + SUM] = (this.#cells[at + SUM] as number) + sum;
  }

  /** The newest value, also of before the last drain; 0 when there never was one. */
  last(slot: number): number {
    return this.#cells[slot * FIELDS + LAST] as number;
  }
  /** Whether anything was recorded since the last drain. */
  isTouched(slot: number): boolean {
    return this.#cells[slot * FIELDS + MIN] !== Infinity;
  }
  read(slot: number): Level {
    const cells = this.#cells;
    const at = slot * FIELDS;
    return {
      last: cells[at + LAST] as number,
      lastAtMs: cells[at + LAST_AT] as number,
      min: cells[at + MIN] as number,
      minAtMs: cells[at + MIN_AT] as number,
      max: cells[at + MAX] as number,
      maxAtMs: cells[at + MAX_AT] as number,
    };
  }
  /** Number and sum of what was recorded since the last drain. */
  sinceDrain(slot: number): CountAndSum {
    return { count: this.#cells[slot * FIELDS + COUNT] as number, sum: this.#cells[slot * FIELDS + SUM] as number };
  }

  /** Forgets what was recorded, except the newest value. */
  reset(slot: number): void {
    const at = slot * FIELDS;
    this.#cells[at + COUNT] = 0;
    this.#cells[at + SUM] = 0;
    this.#cells[at + MIN] = Infinity;
    this.#cells[at + MAX] = -Infinity;
  }

  #extreme(at: number, value: number, atMs: number): void {
    const cells = this.#cells;
    cells[at + LAST_AT] = atMs;
    if (value < (cells[at + MIN] as number)) {
      cells[at + MIN] = value;
      cells[at + MIN_AT] = atMs;
    }
    if (value > (cells[at + MAX] as number)) {
      cells[at + MAX] = value;
      cells[at + MAX_AT] = atMs;
      this.onHighest?.(at / FIELDS, value, atMs);
    }
  }
}
