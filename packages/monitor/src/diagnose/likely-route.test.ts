import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LIST_CALLS, ORDER_CALLS, healthyReading } from './healthy-reading.ts';
import { correlation, likelyRoute } from './likely-route.ts';

const { routes } = healthyReading();

it('names the route that rises and falls with the quantity', () => {
  expect(
    likelyRoute(
      ORDER_CALLS.map((calls) => 40 * calls + 3),
      routes,
    ),
  ).toBe('POST /orders');
  expect(
    likelyRoute(
      LIST_CALLS.map((calls) => 0.1 * calls),
      routes,
    ),
  ).toBe('GET /markets');
});

it('names none for what varies by itself, for two routes called together, and for too few slices', () => {
  expect(likelyRoute([1, 9, 2, 8, 1, 9, 9, 1, 8, 2], routes)).toBeUndefined();
  const twins = routes.map((route) => ({ ...route, callsBySlice: LIST_CALLS }));
  expect(likelyRoute(LIST_CALLS, twins)).toBeUndefined();
  expect(likelyRoute(LIST_CALLS.slice(0, 3), routes)).toBeUndefined();
});

it('property: a correlation is within -1 and 1, and 1 with itself scaled', () => {
  const series = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 2, maxLength: 30 });
  fc.assert(fc.property(series, series, (a, b) => Math.abs(correlation(a, b)) <= 1 + 1e-9));
  expect(
    correlation(
      LIST_CALLS,
      LIST_CALLS.map((calls) => 3 * calls + 1),
    ),
  ).toBeCloseTo(1, 9);
  expect(
    correlation(
      LIST_CALLS,
      LIST_CALLS.map(() => 5),
    ),
  ).toBe(0);
});
