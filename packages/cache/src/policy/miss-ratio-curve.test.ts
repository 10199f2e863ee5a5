import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnhancedCache } from '../enhanced-cache.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { CurvePoint } from './miss-ratio-curve.ts';
import { adviseSize } from './size-advice.ts';

interface Workload {
  readonly seed: number;
  readonly keys: number;
  /** 0: all keys alike; 1: strongly skewed. */
  readonly skew: number;
  /** Part of the reads that walk round a loop of all keys. */
  readonly loopRatio: number;
}
const SCALES = [0.25, 0.5, 1, 2, 4] as const;
const SIZE = 1000;

function* readsOf({ seed, keys, skew, loopRatio }: Workload, count: number): Generator<string> {
  const clock = new FakeClock(0, seed);
  for (let at = 0; at < count; at++) {
    const isLoop = clock.random() < loopRatio;
    yield isLoop ? `loop-${at % keys}` : `key-${Math.floor(keys * clock.random() ** (1 + 3 * skew))}`;
  }
}
/** Hit ratio of a real cache of `maxSize`. */
function replay(
  maxSize: number,
  reads: Iterable<string>,
): { readonly hitRatio: number; readonly forecasts: readonly { readonly hitRatio: number }[] } {
  using cache = createEnhancedCache({ maxSize, policy: 'lru', cleanupInterval: null, clock: new FakeClock(0, 11) });
  let count = 0;
  let hits = 0;
  for (const key of reads) {
    const isHit = cache.getSync(key) !== undefined;
    if (!isHit) cache.setSync(key, 1);
    count++;
    if (isHit) hits++;
  }
  return { hitRatio: hits / count, forecasts: cache.missRatioCurve() };
}

describe('the miss-ratio curve', () => {
  it('property: agrees with caches that really have those sizes, to a point on average', () => {
    const errors: number[] = [];
    const workload = fc.record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      keys: fc.integer({ min: 2000, max: 20_000 }),
      skew: fc.double({ min: 0, max: 1, noNaN: true }),
      loopRatio: fc.constantFrom(0, 0, 0.2),
    });
    fc.assert(
      fc.property(workload, (of) => {
        const { forecasts } = replay(SIZE, readsOf(of, 60_000));
        SCALES.forEach((scale, at) => {
          const error = Math.abs((forecasts[at]?.hitRatio ?? Infinity) - replay(SIZE * scale, readsOf(of, 60_000)).hitRatio);
          expect(error).toBeLessThan(0.08);
          errors.push(error);
        });
      }),
      { numRuns: Number(process.env['CURVE_RUNS'] ?? 8), seed: 5 },
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThanOrEqual(0.01);
  });
  it('is empty while too few reads were seen', () => {
    expect(replay(SIZE, readsOf({ seed: 1, keys: 5000, skew: 0.5, loopRatio: 0 }, 7000)).forecasts).toEqual([]);
  });
  it('goes on while nothing is evicted, so that a cache that is too large is told so', () => {
    using cache = createEnhancedCache({ maxSize: 4000, cleanupInterval: null, clock: new FakeClock(0, 3) });
    for (const key of readsOf({ seed: 9, keys: 400, skew: 0.2, loopRatio: 0 }, 60_000))
      if (cache.getSync(key) === undefined) cache.setSync(key, 1);
    expect(cache.stats().evictions).toBe(0);
    expect(cache.sizeAdvice()).toMatchObject({ verdict: 'shrink', maxSize: 1000 });
  });
});

describe('size advice', () => {
  const curve = (misses: readonly number[], error: number): CurvePoint[] =>
    misses.map((missRatio, at) => ({
      scale: SCALES[at] as number,
      missRatio,
      gain: (misses[2] ?? 0) - missRatio,
      error: at === 2 ? 0 : error,
    }));

  it('grows as far as each doubling surely saves one read in a hundred a miss', () => {
    expect(adviseSize(curve([0.9, 0.7, 0.5, 0.3, 0.1], 0.02), 1000)).toMatchObject({ verdict: 'grow', maxSize: 4000 });
    expect(adviseSize(curve([0.9, 0.7, 0.5, 0.3, 0.3], 0.02), 1000)).toMatchObject({ verdict: 'grow', maxSize: 2000 });
  });
  it('keeps the size when the gain may be chance', () => {
    expect(adviseSize(curve([0.9, 0.7, 0.5, 0.47, 0.46], 0.025), 1000)).toMatchObject({ verdict: 'keep', maxSize: 1000 });
  });
  it('shrinks as far as it surely costs little', () => {
    expect(adviseSize(curve([0.2, 0.1, 0.1, 0.1, 0.1], 0.005), 1000)).toMatchObject({ verdict: 'shrink', maxSize: 500 });
  });
  it('gives intervals that hold the gain and leave no ratio outside 0 to 1', () => {
    const { forecasts } = adviseSize(curve([1, 0.7, 0.5, 0.3, 0], 0.05), 1000);
    for (const {
      gain,
      gainInterval: [low, high],
    } of forecasts) {
      expect(low).toBeLessThanOrEqual(gain);
      expect(high).toBeGreaterThanOrEqual(gain);
      expect(0.5 + high).toBeLessThanOrEqual(1);
      expect(0.5 + low).toBeGreaterThanOrEqual(0);
    }
  });
});
