/**
 * Learned limits from robust statistics.
 *
 * A limit is `median ± k · 1.4826 · MAD` of a trailing window: half the window may be outliers before the limit moves, so an incident does
 * not raise its own threshold (Rousseeuw & Croux 1993). The band is never narrower than a floor, absolute and relative to the median:
 * a metric that hardly moves would otherwise alarm at every flutter. O(n log n) a call, no state, no I/O. It knows no seasons.
 */
export interface LearnedLimitOptions {
  /** Half width of the normal band in robust standard deviations, > 0. @default 6 */
  readonly deviations?: number;
  /** Samples needed before a limit is given; with fewer the metric is "learning". @default 30 */
  readonly minSamples?: number;
  /** The band reaches at least this far from the median, in the unit of the metric, ≥ 0. @default 0 */
  readonly absoluteFloor?: number;
  /** … and at least this share of the median, ≥ 0. @default 0.5 */
  readonly relativeFloor?: number;
}

/** Scales the median absolute deviation to the standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;

/** Middle value; of an even number the mean of the two in the middle. @param values At least one, finite, not modified. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** What is usual, in the unit of the metric: a sample outside is unusual, one on the edge is not. */
export interface LearnedBand {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The band of usual values; `undefined` while learning.
 * @param window Recent samples in any order, finite numbers only. Not modified.
 * @throws RangeError if an option is out of range.
 */
export function learnedBand(window: readonly number[], options: LearnedLimitOptions = {}): LearnedBand | undefined {
  const { deviations = 6, minSamples = 30, absoluteFloor = 0, relativeFloor = 0.5 } = options;
  if (!(deviations > 0)) throw new RangeError(`deviations must be > 0, got ${deviations}`);
  if (!(absoluteFloor >= 0) || !(relativeFloor >= 0)) throw new RangeError('floors must be ≥ 0');
  if (window.length < Math.max(1, minSamples)) return undefined;
  const centre = median(window);
  const spread = MAD_TO_SIGMA * median(window.map((value) => Math.abs(value - centre)));
  const halfWidth = Math.max(deviations * spread, absoluteFloor, relativeFloor * Math.abs(centre));
  return { lower: centre - halfWidth, upper: centre + halfWidth };
}
