import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learnedUpperLimit, median } from './learned-threshold.ts';

const around = (centre: number, count: number): number[] => Array.from({ length: count }, (_, i) => centre + (i % 7) - 3);

test('with too few samples there is no limit', () => {
  expect(learnedUpperLimit(around(50, 29))).toBeUndefined();
  expect(learnedUpperLimit([])).toBeUndefined();
});

test('the limit stands above what is normal', () => {
  const limit = learnedUpperLimit(around(50, 60), { relativeFloor: 0 });
  expect(limit).toBeGreaterThan(53);
  expect(limit).toBeLessThan(80);
});

test('an incident that fills a third of the window does not raise its own limit much', () => {
  const calm = learnedUpperLimit(around(50, 60)) as number;
  const during = learnedUpperLimit([...around(50, 40), ...around(500, 20)]) as number;
  expect(during).toBeLessThan(calm * 1.5);
});

test('a metric that never moves keeps a band as wide as the floors', () => {
  const flat = Array.from({ length: 40 }, () => 2);
  expect(learnedUpperLimit(flat, { absoluteFloor: 10 })).toBe(12);
  expect(learnedUpperLimit(flat)).toBe(3);
});

test('options out of range throw', () => {
  expect(() => learnedUpperLimit([], { deviations: 0 })).toThrow(RangeError);
  expect(() => learnedUpperLimit([], { absoluteFloor: Number.NaN })).toThrow(RangeError);
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
