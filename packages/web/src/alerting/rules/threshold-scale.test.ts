import { expect, test } from 'vitest';
import { movedByKey, scaleOf, snapped, stepOf } from './threshold-scale.ts';

test('a scale begins at nothing unless values lie below, and ends above the greatest', () => {
  expect(scaleOf([20, 100])).toEqual({ min: 0, max: 110 });
  expect(scaleOf([-10, 90])).toEqual({ min: -10, max: 100 });
  expect(scaleOf([0, 0])).toEqual({ min: 0, max: 1 });
});

test('steps read well on scales of any size', () => {
  expect(stepOf({ min: 0, max: 110 })).toBe(1);
  expect(stepOf({ min: 0, max: 5800 })).toBe(50);
  expect(stepOf({ min: 0, max: 0.3 })).toBeCloseTo(0.002);
});

test('keys move by steps and stop at the ends', () => {
  const scale = { min: 0, max: 110 };
  expect(movedByKey('ArrowUp', 80, scale)).toBe(81);
  expect(movedByKey('PageDown', 80, scale)).toBe(70);
  expect(movedByKey('PageUp', 105, scale)).toBe(110);
  expect(movedByKey('Home', 80, scale)).toBe(0);
  expect(movedByKey('Tab', 80, scale)).toBeUndefined();
});

test('a dragged value falls on a step without binary noise', () => {
  expect(snapped(0.30000004, { min: 0, max: 1 })).toBe(0.3);
});
