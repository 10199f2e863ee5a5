import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learnedBand, median } from './learned-threshold.ts';

const around = (centre: number, count: number): number[] => Array.from({ length: count }, (_, i) => centre + (i % 7) - 3);

test('with too few samples there is no band', () => {
  expect(learnedBand(around(50, 29))).toBeUndefined();
  expect(learnedBand([])).toBeUndefined();
});

test('the upper edge stands above what is normal', () => {
  const limit = learnedBand(around(50, 60), { relativeFloor: 0 })?.upper;
  expect(limit).toBeGreaterThan(53);
  expect(limit).toBeLessThan(80);
});

test('an incident that fills a third of the window does not raise its own edge much', () => {
  const calm = learnedBand(around(50, 60))?.upper as number;
  const during = learnedBand([...around(50, 40), ...around(500, 20)])?.upper as number;
  expect(during).toBeLessThan(calm * 1.5);
});

test('a metric that never moves keeps a band as wide as the floors', () => {
  const flat = Array.from({ length: 40 }, () => 2);
  expect(learnedBand(flat, { absoluteFloor: 10 })).toEqual({ lower: -8, upper: 12 });
  expect(learnedBand(flat)).toEqual({ lower: 1, upper: 3 });
});

test('options out of range throw', () => {
  expect(() => learnedBand([], { deviations: 0 })).toThrow(RangeError);
  expect(() => learnedBand([], { absoluteFloor: Number.NaN })).toThrow(RangeError);
});

test('property: the median is the middle of the sorted values and leaves its input alone', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const before = [...values];
      const middle = median(values);
      expect(values).toEqual(before);
      expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});
