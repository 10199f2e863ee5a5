/** Bound of the weights of all entries together. */
export interface WeightBound {
  /** Above 0, in the unit of `weigh`: bytes, as a rule. */
  readonly maxBytes: number;
  /** Weight of an entry, ≥ 0. Asked once for each write; it must not write to the cache. */
  readonly weigh: (value: unknown, key: string) => number;
}

/** What each entry weighs and all of them together; 8 bytes a slot. */
export class Weights {
  readonly maxBytes: number;
  readonly #weigh: WeightBound['weigh'];
  readonly #bySlot: Float64Array;
  #total = 0;

  /** @param slots Slots are 0 to `slots` - 1. */
  constructor(bound: WeightBound, slots: number) {
    this.maxBytes = bound.maxBytes;
    this.#weigh = bound.weigh;
    this.#bySlot = new Float64Array(slots);
  }
  get total(): number {
    return this.#total;
  }
  /** Weight of a new entry; -1 when it alone is heavier than the whole may be, or weighed as nothing sensible. */
  weigh(key: string, value: unknown): number {
    const weight = this.#weigh(value, key);
    return weight >= 0 && weight <= this.maxBytes ? weight : -1;
  }
  /** Whether all fit when the entry in `slot` (0: a new one) weighs `weight`. */
  fits(slot: number, weight: number): boolean {
    return this.#total - (this.#bySlot[slot] as number) + weight <= this.maxBytes;
  }
  /** The entry in `slot` weighs `weight` now; 0 when it has left. */
  set(slot: number, weight: number): void {
    this.#total += weight - (this.#bySlot[slot] as number);
    this.#bySlot[slot] = weight;
  }
  clear(): void {
    this.#bySlot.fill(0);
    this.#total = 0;
  }
  /** @throws {Error} unless the total is the sum of the parts and within the bound. For tests. */
  check(): void {
    const sum = this.#bySlot.reduce((total, weight) => total + weight, 0);
    if (Math.abs(sum - this.#total) > 1e-6 * this.maxBytes || this.#total > this.maxBytes)
      throw new Error(`weights of ${sum} are counted as ${this.#total}, bound ${this.maxBytes}`);
  }
}
