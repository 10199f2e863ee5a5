/**
 * Exponential histograms (base 2^(2^-scale), sparse) as classic cumulative buckets.
 *
 * Classic buckets are series of their own, so their bounds must not change from push to push. The scale is therefore lowered to at most
 * `FINEST_SCALE` (neighbours merge exactly, nothing is estimated), where bounds are 2^(i/4): at most 19 % wide, the same for every sender
 * and every time. Only the range that holds observations is written, each bound once, and `+Inf`.
 */
import type { OtlpBuckets, OtlpExponentialPoint } from './otlp-model.ts';

const FINEST_SCALE = 2;
/** At most this many buckets a series; a wider range is merged further. */
const MOST_BUCKETS = 80;

export interface ClassicBuckets {
  /** Ascending, without `+Inf`. */
  readonly bounds: readonly number[];
  /** Cumulative, one per bound. */
  readonly counts: readonly number[];
}

/** Observations by index of the lowered scale: index `i` covers (2^(i·2^-scale), 2^((i+1)·2^-scale)]. */
function lowered(buckets: OtlpBuckets | undefined, shift: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [position, count] of (buckets?.bucketCounts ?? []).entries()) {
    if (Number(count) === 0) continue;
    const index = Math.floor(((buckets?.offset ?? 0) + position) / 2 ** shift);
    counts.set(index, (counts.get(index) ?? 0) + Number(count));
  }
  return counts;
}

function span(counts: ReadonlyMap<number, number>): number {
  let [low, high] = [Infinity, -Infinity];
  for (const index of counts.keys()) [low, high] = [Math.min(low, index), Math.max(high, index)];
  return counts.size === 0 ? 0 : high - low + 1;
}

/** Negative observations count into the lowest bucket: below zero a bound is not told apart. */
export function classicBuckets(point: OtlpExponentialPoint): ClassicBuckets {
  const scale = point.scale ?? 0;
  let shift = Math.max(0, scale - FINEST_SCALE);
  let positive = lowered(point.positive, shift);
  while (span(positive) > MOST_BUCKETS) positive = lowered(point.positive, ++shift);
  const width = 2 ** -(scale - shift);
  const negatives = (point.negative?.bucketCounts ?? []).reduce<number>((total, count) => total + Number(count), 0);
  let below = Number(point.zeroCount ?? 0) + negatives;
  const bounds: number[] = [];
  const counts: number[] = [];
  if (below > 0) {
    bounds.push(point.zeroThreshold ?? 0);
    counts.push(below);
  }
  const indexes = [...positive.keys()].sort((a, b) => a - b);
  const [first = 0, last = -1] = [indexes[0], indexes.at(-1)];
  // The lowest bucket's lower bound too, or a quantile would be interpolated from zero across empty space.
  for (let index = first - 1; index <= last && indexes.length > 0; index++) {
    below += positive.get(index) ?? 0;
    const bound = 2 ** ((index + 1) * width);
    if (bounds.length > 0 && bound <= (bounds.at(-1) ?? 0)) {
      counts[counts.length - 1] = below;
      continue;
    }
    bounds.push(bound);
    counts.push(below);
  }
  return { bounds, counts };
}
