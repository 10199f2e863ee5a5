const FIRST_CAPACITY = 4;

/**
 * Samples of one series that came after newer ones and belong before its head: in order of time, until they are sealed as a chunk of their
 * own, which overlaps others. Readers bring such chunks into order, and the next compaction does so for good.
 */
export class LateSamples {
  timesMs: Float64Array = new Float64Array(FIRST_CAPACITY);
  values: Float64Array = new Float64Array(FIRST_CAPACITY);
  count = 0;
  /** Number of the write-ahead batch that holds the first of them. */
  firstBatch: number;

  constructor(firstBatch: number) {
    this.firstBatch = firstBatch;
  }

  /** @returns whether the instant was new. O(samples held). */
  insert(atMs: number, value: number): boolean {
    if (this.count === this.timesMs.length) this.#grow();
    if (!insertSample(this, atMs, value)) return false;
    this.count++;
    return true;
  }

  #grow(): void {
    const timesMs = new Float64Array(this.count * 2);
    const values = new Float64Array(this.count * 2);
    timesMs.set(this.timesMs);
    values.set(this.values);
    this.timesMs = timesMs;
    this.values = values;
  }
}

/** Puts a sample into `count` ascending ones that have room for it; the caller counts. @returns `false` when the instant is there already. */
export function insertSample(
  into: { readonly timesMs: Float64Array; readonly values: Float64Array; readonly count: number },
  atMs: number,
  value: number,
): boolean {
  const { timesMs, values, count } = into;
  let at = count;
  while (at > 0 && (timesMs[at - 1] as number) > atMs) at--;
  if (at > 0 && timesMs[at - 1] === atMs) return false;
  timesMs.copyWithin(at + 1, at, count);
  values.copyWithin(at + 1, at, count);
  timesMs[at] = atMs;
  values[at] = value;
  return true;
}
