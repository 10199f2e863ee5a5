/** A typed array of twice the length with the same content. */
export function doubled<T extends Float64Array | Uint32Array>(array: T): T {
  const larger = array instanceof Float64Array ? new Float64Array(array.length * 2) : new Uint32Array(array.length * 2);
  larger.set(array);
  return larger as T;
}

const FIRST_SLOTS = 64;

/** Cumulative values, one a slot. */
export class CounterColumns {
  length = 0;
  totals: Float64Array = new Float64Array(FIRST_SLOTS);

  create(): number {
    if (this.length === this.totals.length) this.totals = doubled(this.totals);
    return this.length++;
  }
}

/**
 * Level readings of the time since the last drain, one a slot: the newest, the lowest and the highest with their times, number and sum.
 * Times of extremes are read only when there is a new one, which is rare, so a record usually reads no clock.
 */
export class GaugeColumns {
  length = 0;
  last: Float64Array = new Float64Array(FIRST_SLOTS);
  lastAtMs: Float64Array = new Float64Array(FIRST_SLOTS);
  min: Float64Array = new Float64Array(FIRST_SLOTS);
  minAtMs: Float64Array = new Float64Array(FIRST_SLOTS);
  max: Float64Array = new Float64Array(FIRST_SLOTS);
  maxAtMs: Float64Array = new Float64Array(FIRST_SLOTS);
  count: Float64Array = new Float64Array(FIRST_SLOTS);
  sum: Float64Array = new Float64Array(FIRST_SLOTS);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  create(): number {
    const slot = this.length++;
    if (slot === this.last.length) this.#grow();
    this.reset(slot);
    return slot;
  }

  /** Takes a finite value. The newest record's time counts as "at the drain" unless the record is also an extreme. */
  record(slot: number, value: number): void {
    this.last[slot] = value;
    this.count[slot] = (this.count[slot] as number) + 1;
    this.sum[slot] = (this.sum[slot] as number) + value;
    if (value < (this.min[slot] as number) || value > (this.max[slot] as number)) this.#extreme(slot, value, this.#nowMs());
    else this.lastAtMs[slot] = NaN;
  }

  /** Takes a finite value with its time. */
  recordAt(slot: number, value: number, atMs: number): void {
    this.last[slot] = value;
    this.count[slot] = (this.count[slot] as number) + 1;
    this.sum[slot] = (this.sum[slot] as number) + value;
    this.#extreme(slot, value, atMs);
  }

  /** Forgets what was recorded, except the newest value. */
  reset(slot: number): void {
    this.count[slot] = 0;
    this.sum[slot] = 0;
    this.min[slot] = Infinity;
    this.max[slot] = -Infinity;
  }

  #extreme(slot: number, value: number, atMs: number): void {
    this.lastAtMs[slot] = atMs;
    if (value < (this.min[slot] as number)) {
      this.min[slot] = value;
      this.minAtMs[slot] = atMs;
    }
    if (value > (this.max[slot] as number)) {
      this.max[slot] = value;
      this.maxAtMs[slot] = atMs;
    }
  }

  #grow(): void {
    this.last = doubled(this.last);
    this.lastAtMs = doubled(this.lastAtMs);
    this.min = doubled(this.min);
    this.minAtMs = doubled(this.minAtMs);
    this.max = doubled(this.max);
    this.maxAtMs = doubled(this.maxAtMs);
    this.count = doubled(this.count);
    this.sum = doubled(this.sum);
  }
}
