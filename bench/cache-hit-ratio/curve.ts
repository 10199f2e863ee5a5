import { type SizeForecast, createEnhancedCache } from '@bellwether/cache';
import type { Trace } from './traces.ts';

/** The curve of a cache after a trace, beside what caches of the other sizes really hit. Ratios 0 to 1. */
export interface CurveCheck {
  readonly forecasts: readonly SizeForecast[];
  readonly exact: readonly number[];
  /** Mean distance of the four forecasts for other sizes from the truth; `undefined` when the trace was too short for a curve. */
  readonly meanError: number | undefined;
  /** Part of the four whose interval holds the truth. */
  readonly coverage: number;
}

/** Replays the trace on caches of 0.25 to 4 times the size; whole traces are compared. */
export function checkCurve(trace: Trace, size: number): CurveCheck {
  const { hitRatio: present, forecasts } = replay(trace, size);
  const exact = forecasts.map(({ scale, maxSize }) => (scale === 1 ? present : replay(trace, maxSize).hitRatio));
  const others = forecasts.map((forecast, at) => ({ ...forecast, truth: exact[at] as number })).filter(({ scale }) => scale !== 1);
  const meanOf = (value: (other: (typeof others)[number]) => number): number =>
    others.reduce((sum, other) => sum + value(other), 0) / others.length;
  return {
    forecasts,
    exact,
    meanError: others.length === 0 ? undefined : meanOf(({ hitRatio, truth }) => Math.abs(hitRatio - truth)),
    coverage: meanOf(({ gainInterval: [low, high], truth }) => (truth - present >= low - 1e-9 && truth - present <= high + 1e-9 ? 1 : 0)),
  };
}

function replay(trace: Trace, maxSize: number): { readonly hitRatio: number; readonly forecasts: readonly SizeForecast[] } {
  using cache = createEnhancedCache({ maxSize, defaultTtl: null, cleanupInterval: null });
  let reads = 0;
  let hits = 0;
  for (const id of trace.ids) {
    const key = String(id);
    const isHit = cache.getSync(key) !== undefined;
    if (!isHit) cache.setSync(key, 1);
    reads++;
    if (isHit) hits++;
  }
  return { hitRatio: hits / reads, forecasts: cache.missRatioCurve() };
}
