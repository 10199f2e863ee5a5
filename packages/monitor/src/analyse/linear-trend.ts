import { median } from './learned-threshold.ts';

/**
 * A straight line through a noisy series, and when it reaches a value.
 *
 * The slope is the median of the slopes between all pairs of points (Theil 1950, Sen 1968): up to 29 % of the points may be outliers, so a
 * clean-up of the disk or a collected heap does not turn the line. Its interval comes from the ranks of the same slopes by Kendall's variance; it
 * takes points as independent, so it is too narrow for a series that wanders. O(n² log n): longer series are thinned to 200 points.
 */
export interface LinearTrend {
  readonly slopePerSecond: number;
  /** Bounds of the slope, 95 % for independent noise. */
  readonly lowPerSecond: number;
  readonly highPerSecond: number;
  /** Where the line stands at the time of the last point. */
  readonly lastValue: number;
  readonly lastAtMs: number;
}

const MOST_POINTS = 200;
const FEWEST_POINTS = 5;
/** Quantile of the normal distribution for 95 %. */
const Z = 1.96;

/** Every k-th point, the last among them, so that no more than `MOST_POINTS` are left. */
function thinnedIndices(length: number): number[] {
  const stride = Math.ceil(length / MOST_POINTS);
  return Array.from({ length: Math.ceil(length / stride) }, (_, i) => length - 1 - i * stride).reverse();
}

function pairSlopes(timesMs: readonly number[], values: readonly number[]): Float64Array {
  const slopes: number[] = [];
  for (let i = 0; i < timesMs.length; i++) {
    for (let j = i + 1; j < timesMs.length; j++) {
      const seconds = ((timesMs[j] as number) - (timesMs[i] as number)) / 1000;
      if (seconds > 0) slopes.push(((values[j] as number) - (values[i] as number)) / seconds);
    }
  }
  return Float64Array.from(slopes).sort();
}

/**
 * The robust line through a series; `undefined` with fewer than five points or without any span of time.
 * @param series Ascending times and finite values, one for each. Not modified.
 * @throws RangeError if the two differ in length.
 */
export function linearTrend(series: { readonly timesMs: readonly number[]; readonly values: readonly number[] }): LinearTrend | undefined {
  const { timesMs: allTimesMs, values: allValues } = series;
  if (allTimesMs.length !== allValues.length) throw new RangeError('as many times as values are needed');
  if (allTimesMs.length < FEWEST_POINTS) return undefined;
  const kept = thinnedIndices(allTimesMs.length);
  const timesMs = kept.map((i) => allTimesMs[i] as number);
  const values = kept.map((i) => allValues[i] as number);
  const slopes = pairSlopes(timesMs, values);
  if (slopes.length === 0) return undefined;
  const slopePerSecond = median(Array.from(slopes));
  const lastAtMs = timesMs.at(-1) as number;
  const n = timesMs.length;
  const spread = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const lowest = Math.max(0, Math.floor((slopes.length - spread) / 2));
  const highest = Math.min(slopes.length - 1, Math.ceil((slopes.length + spread) / 2));
  return {
    slopePerSecond,
    lowPerSecond: slopes[lowest] as number,
    highPerSecond: slopes[highest] as number,
    lastValue: median(values.map((value, i) => value + (slopePerSecond * (lastAtMs - (timesMs[i] as number))) / 1000)),
    lastAtMs,
  };
}

/** When a line reaches a value, ms since the epoch. `latestAtMs` is `Infinity` when the slope may as well be flat. */
export interface Arrival {
  readonly expectedAtMs: number;
  readonly earliestAtMs: number;
  readonly latestAtMs: number;
}

/** When the trend reaches `value`; `undefined` when it is flat, leads away from it, or is past it. */
export function arrivalAt(trend: LinearTrend, value: number): Arrival | undefined {
  const distance = value - trend.lastValue;
  const direction = Math.sign(trend.slopePerSecond);
  if (direction === 0 || distance * direction < 0) return undefined;
  const [slow, fast] = direction > 0 ? [trend.lowPerSecond, trend.highPerSecond] : [trend.highPerSecond, trend.lowPerSecond];
  const at = (perSecond: number): number => {
    if (distance === 0) return trend.lastAtMs;
    return perSecond * direction > 0 ? trend.lastAtMs + (1000 * distance) / perSecond : Infinity;
  };
  return { expectedAtMs: at(trend.slopePerSecond), earliestAtMs: at(fast), latestAtMs: at(slow) };
}
