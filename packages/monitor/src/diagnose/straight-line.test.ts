import fc from 'fast-check';
import { expect, it } from 'vitest';
import { straightLine } from './straight-line.ts';

it('property: finds the slope of points on a line, and that they are on it', () => {
  const slope = fc.integer({ min: -1000, max: 1000 }).filter((value) => value !== 0);
  fc.assert(
    fc.property(slope, fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 3, max: 50 }), (perSecond, offset, count) => {
      const timesMs = Array.from({ length: count }, (_, i) => 1.7e12 + i * 1000);
      const line = straightLine({ timesMs, values: timesMs.map((_, i) => offset + i * perSecond) });
      expect(line?.perSecond).toBeCloseTo(perSecond, 6);
      expect(line?.fitRatio).toBeCloseTo(1, 6);
    }),
  );
});

it('two points, or points of one moment, are no line', () => {
  expect(straightLine({ timesMs: [1, 2], values: [1, 2] })).toBeUndefined();
  expect(straightLine({ timesMs: [1, 1, 1], values: [1, 2, 3] })).toBeUndefined();
});

it('a level line explains nothing', () => {
  expect(straightLine({ timesMs: [0, 1000, 2000], values: [5, 5, 5] })).toEqual({ perSecond: 0, fitRatio: 0 });
});
