import type { Window } from './range-functions.ts';

/**
 * What a counter lost to resets within a window that moves over one series. Resets are rare, so their places are found once per series as the
 * window passes them, and each step looks at those inside alone instead of at every sample.
 */
export class CounterResets {
  #places: number[] = [];
  /** Samples before this one have been looked at. */
  #seen = 0;
  /** The first place that may still lie in a window. */
  #first = 0;

  /** The sum of the values that the counter fell from, in the order of time. Calls must follow one series forwards. */
  lostIn({ values, from, to }: Window): number {
    for (let i = Math.max(this.#seen, from + 1); i < to; i++) if ((values[i] as number) < (values[i - 1] as number)) this.#places.push(i);
    this.#seen = to;
    const places = this.#places;
    while (this.#first < places.length && (places[this.#first] as number) <= from) this.#first++;
    let sum = 0;
    for (let k = this.#first; k < places.length; k++) sum += values[(places[k] as number) - 1] as number;
    return sum;
  }
}
