/** Mean number of reads from one sample to the next. */
const MEAN_STRIDE = 128;

/**
 * Hits and misses: exact totals, and a random sample of which keys they were.
 *
 * A hit must not pay for statistics by key. So the counter runs down instead of up, from a random stride to 0, and the read that reaches 0 stands
 * for the whole stride: the hot path is one decrement and one comparison, as a plain counter is one increment. Strides are uniform in 1 to 255, so
 * no pattern of reads hides from the sample. The share of a group with n hits of its own is right within about ±√(128 / n).
 */
export class ReadCounts {
  readonly #random: () => number;
  #hitsLeft = 1;
  #hitStride = 1;
  #hitsBefore = 0;
  #missesLeft = 1;
  #missStride = 1;
  #missesBefore = 0;

  /** @param random Uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }
  get hits(): number {
    return this.#hitsBefore + this.#hitStride - this.#hitsLeft;
  }
  get misses(): number {
    return this.#missesBefore + this.#missStride - this.#missesLeft;
  }
  /** Counts one; true when `takeHits` is to be called for it. */
  hit(): boolean {
    return --this.#hitsLeft === 0;
  }
  /** Counts one; true when `takeMisses` is to be called for it. */
  miss(): boolean {
    return --this.#missesLeft === 0;
  }
  /** How many hits the present one stands for; begins the next stride. */
  takeHits(): number {
    const taken = this.#hitStride;
    this.#hitsBefore += taken;
    this.#hitsLeft = this.#hitStride = this.#stride();
    return taken;
  }
  takeMisses(): number {
    const taken = this.#missStride;
    this.#missesBefore += taken;
    this.#missesLeft = this.#missStride = this.#stride();
    return taken;
  }
  #stride(): number {
    return 1 + Math.trunc(this.#random() * (2 * MEAN_STRIDE - 1));
  }
}
