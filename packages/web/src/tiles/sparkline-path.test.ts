import { expect, test } from 'vitest';
import { sparklinePath } from './sparkline-path.ts';

test('one point, or none, draws nothing', () => {
  expect(sparklinePath([])).toBe('');
  expect(sparklinePath([null, 3, null])).toBe('');
});

test('the line spans the box and stays in it', () => {
  const numbers = [...sparklinePath(Array.from({ length: 500 }, (_, index) => Math.sin(index / 20) * 40)).matchAll(/([\d.]+) ([\d.]+)/g)];
  expect(numbers.length).toBeLessThanOrEqual(60);
  expect(Number(numbers[0]?.[1])).toBe(0);
  expect(Number(numbers.at(-1)?.[1])).toBe(100);
  for (const [, , y] of numbers) expect(Number(y)).toSatisfy((value: number) => value >= 2 && value <= 22);
});

test('small noise on a steady value stays small', () => {
  const heights = [...sparklinePath([100, 101, 100, 101]).matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
  expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(2);
});
