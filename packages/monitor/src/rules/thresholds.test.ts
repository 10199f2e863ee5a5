import fc from 'fast-check';
import { expect, test } from 'vitest';
import { breachOf, DEFAULT_THRESHOLDS, parseThresholds } from './thresholds.ts';

test('warning is medium, critical is critical, a bare number is high', () => {
  expect(breachOf('cpu_usage', 75, { warning: 70, critical: 90 })).toEqual({ severity: 'medium', limit: 70, direction: 'above' });
  expect(breachOf('cpu_usage', 95, { warning: 70, critical: 90 })).toEqual({ severity: 'critical', limit: 90, direction: 'above' });
  expect(breachOf('cpu_usage', 85, 80)).toEqual({ severity: 'high', limit: 80, direction: 'above' });
});

test('critical below warning means that lower is worse', () => {
  expect(breachOf('cache_hit_rate', 45, { warning: 70, critical: 50 })).toEqual({ severity: 'critical', limit: 50, direction: 'below' });
  expect(breachOf('cache_hit_rate', 60, { warning: 70, critical: 50 })).toEqual({ severity: 'medium', limit: 70, direction: 'below' });
  expect(breachOf('cache_hit_rate', 40, 50)).toEqual({ severity: 'high', limit: 50, direction: 'below' });
});

test('a value on the limit has not crossed it', () => {
  expect(breachOf('cpu_usage', 80, 80)).toBeUndefined();
  expect(breachOf('cache_hit_rate', 70, { warning: 70, critical: 50 })).toBeUndefined();
});

test.each([
  [null, 'object of metric names'],
  [[80], 'object of metric names'],
  [{ 'cpu usage': 80 }, 'not a metric name'],
  [{ cpu_usage: '80' }, 'cpu_usage'],
  [{ cpu_usage: Number.NaN }, 'cpu_usage'],
  [{ cpu_usage: { warning: 70 } }, 'must both be finite'],
  [{ cpu_usage: { warning: 70, critical: 90, fatal: 99 } }, 'unknown key "fatal"'],
  [{ cpu_usage: { warning: 70, critical: 70 } }, 'make them differ'],
])('%j is refused with the reason', (value, reason) => {
  expect(() => parseThresholds(value)).toThrow(
    expect.objectContaining({ code: 'threshold_invalid', message: expect.stringContaining(reason) }),
  );
});

test('__proto__ is just a name', () => {
  const parsed = parseThresholds(JSON.parse('{"__proto__": 5}'));
  expect(Object.keys(parsed)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
});

test('property: parsing what was parsed changes nothing', () => {
  const threshold = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant({ warning: 1, critical: 2 }));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), threshold, { noNullPrototype: true }), (thresholds) => {
      expect(parseThresholds(parseThresholds(thresholds))).toEqual(thresholds);
    }),
  );
  expect(parseThresholds(DEFAULT_THRESHOLDS)).toEqual(DEFAULT_THRESHOLDS);
});
