import { isStaleAt } from '../../model/stale-marker.ts';

/** Width of a bucket of roll-ups, in ms. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export type RollupWidthMs = typeof MINUTE_MS | typeof HOUR_MS;

/**
 * Samples of one series summed up by buckets. The bucket of instant T holds the samples in `(T - width, T]`, as the ranges of PromQL do, so that
 * a range whose ends are on bucket borders gets exact answers. Buckets without samples are left out. All arrays are of equal length.
 */
export interface Buckets {
  /** Each bucket's end, ascending. */
  readonly timesMs: Float64Array;
  readonly count: Float64Array;
  readonly last: Float64Array;
  readonly first: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  /** How often a value was below the one before. */
  readonly resets: Float64Array;
  /** Sum of the values before each such drop: what a counter's increase must add. */
  readonly lost: Float64Array;
}

export interface SampleColumns {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly length: number;
}

/**
 * Sums samples up by buckets. Stale markers are left out: roll-ups know no staleness. NaN counts, makes the sum NaN, and is neither minimum
 * nor maximum unless there is nothing else. Sums are compensated (Neumaier). O(samples).
 */
export function bucketsOf({ timesMs, values, length }: SampleColumns, widthMs: RollupWidthMs): Buckets {
  const rows: number[][] = [];
  let row: number[] | undefined;
  let compensation = 0;
  const close = (): void => {
    if (row !== undefined && Number.isFinite(compensation)) {
      const [, count, , , min, max, sum] = row as [number, number, number, number, number, number, number];
      const roundingError = Math.max(Math.abs(min), Math.abs(max)) * count * Number.EPSILON;
      row[6] = nearestDecimal(sum + compensation, roundingError);
      row[8] = nearestDecimal(row[8] as number, roundingError);
    }
    compensation = 0;
  };
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    if (isStaleAt(values, i)) continue;
    const endMs = Math.ceil((timesMs[i] as number) / widthMs) * widthMs;
    if (row === undefined || row[0] !== endMs) {
      close();
      row = [endMs, 1, value, value, value, value, value, 0, 0];
      rows.push(row);
      continue;
    }
    const [, count, previous, , min, max, sum] = row as [number, number, number, number, number, number, number];
    row[1] = count + 1;
    row[2] = value;
    if (value < min || Number.isNaN(min)) row[4] = value;
    if (value > max || Number.isNaN(max)) row[5] = value;
    const next = sum + value;
    compensation += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    row[6] = next;
    if (value < previous) {
      row[7] = (row[7] as number) + 1;
      row[8] = (row[8] as number) + previous;
    }
  }
  close();
  const column = (at: number): Float64Array => Float64Array.from(rows, (one) => one[at] as number);
  return {
    timesMs: column(0),
    count: column(1),
    last: column(2),
    first: column(3),
    min: column(4),
    max: column(5),
    sum: column(6),
    resets: column(7),
    lost: column(8),
  };
}

const POWERS = [1, 10, 100, 1000, 1e4, 1e5, 1e6] as const;

/**
 * A sum of decimals as the decimal it stands for, when one with up to six places is within the rounding of its addends: 301.26 rather than
 * 301.26000000000005. Nearer to the truth, and a quarter of the bytes on disk.
 */
function nearestDecimal(sum: number, roundingError: number): number {
  for (const power of POWERS) {
    const decimal = Math.round(sum * power) / power;
    if (Math.abs(decimal - sum) <= roundingError && Number.isFinite(decimal)) return decimal;
  }
  return sum;
}

/** The buckets `from` to `to` (exclusive), sharing memory. */
export function sliceBuckets(buckets: Buckets, from: number, to: number): Buckets {
  return Object.fromEntries(
    Object.entries(buckets as unknown as Record<string, Float64Array>).map(([name, column]) => [name, column.subarray(from, to)]),
  ) as unknown as Buckets;
}

/** The day of a bucket that ends at an instant: midnight belongs to the day before. */
export function dayOf(endMs: number): number {
  return Math.ceil(endMs / DAY_MS) - 1;
}
