/**
 * Kahan-Neumaier summation as Prometheus does it, so that results agree to the last digit: a running sum and the low-order part it lost.
 * An object that is reused, because a pair per addition would cost an allocation.
 */
export class CompensatedSum {
  sum = 0;
  lost = 0;

  reset(): void {
    this.sum = 0;
    this.lost = 0;
  }
  add(value: number): void {
    const next = this.sum + value;
    if (next === Infinity || next === -Infinity) this.lost = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.lost += this.sum - next + value;
    else this.lost += value - next + this.sum;
    this.sum = next;
  }
  get total(): number {
    return Number.isFinite(this.sum) ? this.sum + this.lost : this.sum;
  }
}

/**
 * Mean of any floats: sum over count, and when the sum overflows a running mean, as Prometheus does it.
 */
export class CompensatedMean {
  readonly #sum = new CompensatedSum();
  #count = 0;
  #isIncremental = false;

  reset(): void {
    this.#sum.reset();
    this.#count = 0;
    this.#isIncremental = false;
  }
  get count(): number {
    return this.#count;
  }
  add(value: number): void {
    const accumulated = this.#sum;
    this.#count++;
    if (!this.#isIncremental) {
      const { sum, lost } = accumulated;
      accumulated.add(value);
      if (Number.isFinite(accumulated.sum) || Number.isNaN(accumulated.sum) || this.#count === 1) return;
      this.#isIncremental = true;
      accumulated.sum = sum / (this.#count - 1);
      accumulated.lost = lost / (this.#count - 1);
    }
    const share = (this.#count - 1) / this.#count;
    accumulated.sum *= share;
    accumulated.lost *= share;
    accumulated.add(value / this.#count);
  }
  get mean(): number {
    const { sum, lost } = this.#sum;
    if (this.#isIncremental) return Number.isFinite(sum) ? sum + lost : sum;
    if (!Number.isFinite(sum)) return sum;
    return sum / this.#count + lost / this.#count;
  }
}

/** Population variance by Welford's method with both sums compensated. */
export class CompensatedVariance {
  readonly #mean = new CompensatedSum();
  readonly #squares = new CompensatedSum();
  #count = 0;

  reset(): void {
    this.#mean.reset();
    this.#squares.reset();
    this.#count = 0;
  }
  add(value: number): void {
    this.#count++;
    const delta = value - (this.#mean.sum + this.#mean.lost);
    this.#mean.add(delta / this.#count);
    this.#squares.add(delta * (value - (this.#mean.sum + this.#mean.lost)));
  }
  get variance(): number {
    return (this.#squares.sum + this.#squares.lost) / this.#count;
  }
}

/** The q-quantile of numbers in any order, by linear interpolation; NaN counts as smallest. Sorts `values` in place. */
export function quantileOf(q: number, values: Float64Array): number {
  const count = values.length;
  if (count === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  values.sort();
  // A typed array sorts NaN last; PromQL counts it as smallest.
  let nans = 0;
  while (nans < count && Number.isNaN(values[count - 1 - nans])) nans++;
  const at = (rank: number): number => (rank < nans ? Number.NaN : (values[rank - nans] as number));
  const rank = q * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return at(lower) * (1 - weight) + at(upper) * weight;
}
