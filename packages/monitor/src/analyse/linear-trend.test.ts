import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivalAt, linearTrend, type LinearTrend } from './linear-trend.ts';

const MINUTE = 60_000;
const line = (count: number, valueAt: (i: number) => number) => ({
  timesMs: Array.from({ length: count }, (_, i) => i * MINUTE),
  values: Array.from({ length: count }, (_, i) => valueAt(i)),
});
const trendOf = (count: number, valueAt: (i: number) => number): LinearTrend => {
  const trend = linearTrend(line(count, valueAt));
  if (trend === undefined) throw new Error('no trend');
  return trend;
};

test('a disk that fills steadily is full when the line says so', () => {
  const trend = trendOf(60, (i) => 40 + i / 2);
  expect(trend.slopePerSecond).toBeCloseTo(0.5 / 60, 10);
  expect(arrivalAt(trend, 100)?.expectedAtMs).toBeCloseTo(120 * MINUTE, 0);
});

test('a quarter of wild points does not turn the line', () => {
  const trend = trendOf(80, (i) => (i % 4 === 0 ? 5000 : i));
  expect(trend.slopePerSecond * 60).toBeGreaterThan(0.8);
  expect(trend.slopePerSecond * 60).toBeLessThan(1.2);
});

test('noise widens the interval around the expected time', () => {
  const arrival = arrivalAt(
    trendOf(100, (i) => i + 8 * Math.sin(i * 12.9898)),
    200,
  );
  expect(arrival?.earliestAtMs).toBeLessThan(arrival?.expectedAtMs ?? 0);
  expect(arrival?.latestAtMs).toBeGreaterThan(arrival?.expectedAtMs ?? Infinity);
});

test('what stands still, leads away or is past the value never reaches it', () => {
  expect(
    arrivalAt(
      trendOf(20, () => 7),
      10,
    ),
  ).toBeUndefined();
  expect(
    arrivalAt(
      trendOf(20, (i) => -i),
      10,
    ),
  ).toBeUndefined();
  expect(
    arrivalAt(
      trendOf(20, (i) => i),
      10,
    ),
  ).toBeUndefined();
});

test('too few points, or no time between them, give no line', () => {
  expect(linearTrend(line(4, (i) => i))).toBeUndefined();
  expect(linearTrend({ timesMs: [1, 1, 1, 1, 1], values: [1, 2, 3, 4, 5] })).toBeUndefined();
  expect(() => linearTrend({ timesMs: [1], values: [] })).toThrow(RangeError);
});

test('a falling line reaches a lower value', () => {
  const trend = trendOf(30, (i) => 100 - i);
  expect(arrivalAt(trend, 0)?.expectedAtMs).toBeCloseTo(100 * MINUTE, 0);
});

test('property: any straight line is found again, thinned or not, with its interval around it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 900 }), fc.integer({ min: -1000, max: 1000 }), (count, perMinute) => {
      const trend = trendOf(count, (i) => 3 + perMinute * i);
      expect(trend.slopePerSecond * 60).toBeCloseTo(perMinute, 6);
      expect(trend.lowPerSecond).toBeLessThanOrEqual(trend.slopePerSecond);
      expect(trend.highPerSecond).toBeGreaterThanOrEqual(trend.slopePerSecond);
      expect(trend.lastValue).toBeCloseTo(3 + perMinute * (count - 1), 6);
    }),
    { numRuns: 25 },
  );
});
