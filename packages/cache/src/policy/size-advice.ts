import type { CurvePoint } from './miss-ratio-curve.ts';

/** A larger cache must save at least this part of the reads a miss, with 97.5 % confidence, for each doubling. */
const WORTH_DOUBLING = 0.01;
/** A smaller cache may cost at most this part of the reads, with 97.5 % confidence. */
const BEARABLE_LOSS = 0.01;

/** What another size would do. Ratios are parts of all reads, 0 to 1. */
export interface SizeForecast {
  /** Entries; bytes in a cache with `maxBytes`. */
  readonly maxSize: number;
  /** As a multiple of the present size. */
  readonly scale: number;
  readonly hitRatio: number;
  /** Change of the hit ratio against the present size, and its 95 % interval. */
  readonly gain: number;
  readonly gainInterval: readonly [low: number, high: number];
}

export interface SizeAdvice {
  /** `learning` until eight sizes' worth of reads have passed. */
  readonly verdict: 'learning' | 'keep' | 'grow' | 'shrink';
  /** The size to use; the present one unless the verdict is `grow` or `shrink`. */
  readonly maxSize: number;
  /** One sentence for people. */
  readonly reason: string;
  /** 0.25, 0.5, 1, 2 and 4 times the present size, in this order; empty while learning. */
  readonly forecasts: readonly SizeForecast[];
}

/** The curve as sizes of a cache of `size`. Not modified. */
function forecastsOf(curve: readonly CurvePoint[], size: number): readonly SizeForecast[] {
  return curve.map(({ scale, missRatio, gain, error }) => ({
    maxSize: Math.max(1, Math.round(size * scale)),
    scale,
    hitRatio: 1 - missRatio,
    gain,
    gainInterval: [Math.max(gain - error, missRatio + gain - 1), Math.min(gain + error, missRatio + gain)],
  }));
}

/**
 * Which size to use, from what others would gain. A size is recommended only when the near end of its interval says so: doubling as long as
 * each doubling surely saves one read in a hundred a miss, else halving as long as that surely costs less than one in a hundred.
 */
export function adviseSize(curve: readonly CurvePoint[] | undefined, size: number): SizeAdvice {
  if (curve === undefined)
    return { verdict: 'learning', maxSize: size, reason: 'Too few reads yet to know what another size would gain.', forecasts: [] };
  const forecasts = forecastsOf(curve, size);
  const present = forecasts.findIndex(({ scale }) => scale === 1);
  let best = present;
  const surelyGained = (at: number): number => (forecasts[at] as SizeForecast).gainInterval[0];
  while (
    best + 1 < forecasts.length &&
    surelyGained(best + 1) - (best === present ? 0 : (forecasts[best] as SizeForecast).gain) >= WORTH_DOUBLING
  )
    best++;
  if (best === present) while (best > 0 && surelyGained(best - 1) >= -BEARABLE_LOSS) best--;
  const chosen = forecasts[best] as SizeForecast;
  const verdict = best === present ? 'keep' : best > present ? 'grow' : 'shrink';
  return { verdict, maxSize: chosen.maxSize, reason: reasonOf(verdict, chosen), forecasts };
}

function reasonOf(verdict: 'keep' | 'grow' | 'shrink', { scale, gain, gainInterval: [low, high] }: SizeForecast): string {
  const points = (ratio: number): string => (100 * ratio).toFixed(1);
  if (verdict === 'keep') return 'Twice the size would not surely gain a point of hit rate, half the size not surely cost less than one.';
  if (verdict === 'grow')
    return `${scale} times the size would raise the hit rate by ${points(gain)} points (${points(low)} to ${points(high)}).`;
  return `${scale} times the size would cost ${points(Math.max(0, -gain))} points of hit rate (at most ${points(Math.max(0, -low))}).`;
}
