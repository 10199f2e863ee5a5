import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalDueAtMs, groupDueAtMs, retryDelayMs, TokenBucket } from './pace.ts';

const MINUTE = 60_000;

test('the first message of a group and the second never wait', () => {
  expect(groupDueAtMs([], 5)).toBe(5);
  expect(groupDueAtMs([1], 5)).toBe(5);
});

test('the third waits for quiet, but no longer than ten minutes after the second', () => {
  expect(groupDueAtMs([0, MINUTE], 2 * MINUTE)).toBe(7 * MINUTE);
  expect(groupDueAtMs([0, MINUTE], 9 * MINUTE)).toBe(11 * MINUTE);
});

test('from the fourth on quiet counts, or an hour', () => {
  expect(groupDueAtMs([0, 1, 2], 2 * MINUTE)).toBe(7 * MINUTE);
  expect(groupDueAtMs([0, 1, 2], 59 * MINUTE)).toBe(60 * MINUTE + 2);
});

test('a channel that said all it may tells when it may speak again', () => {
  const bucket = new TokenBucket(0);
  for (let i = 0; i < 4; i++) bucket.take(0);
  expect(bucket.available(2 * MINUTE - 1)).toBe(0);
  expect(bucket.nextAtMs).toBe(2 * MINUTE);
  expect(bucket.available(bucket.nextAtMs)).toBe(1);
});

test('something critical waits 20 s where all else waits two minutes, and longer each time', () => {
  expect(criticalDueAtMs([0, 0, 0], 5)).toBe(5);
  expect(criticalDueAtMs([0, 1, 2, 3], 5)).toBe(20_003);
  expect(criticalDueAtMs([0, 1, 2, 3, 20_003], 20_005)).toBe(60_003);
  expect(criticalDueAtMs([0, 1, 2, 3, 4, 5, 6, 7, 8], 10)).toBe(120_008);
});

test('property: critical and other messages together are at most ten in any ten minutes', () => {
  const attempt = fc.tuple(fc.integer({ min: 0, max: 10 * MINUTE - 1 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 300 }), (attempts) => {
      const bucket = new TokenBucket(0);
      let sent = 0;
      for (const [atMs, isCritical] of attempts.toSorted(([a], [b]) => a - b)) {
        if (bucket.available(atMs) === 0 && !(isCritical && bucket.criticalDueAtMs(atMs) <= atMs)) continue;
        bucket.take(atMs);
        sent++;
      }
      expect(sent).toBeLessThanOrEqual(10);
    }),
  );
});

test('a clock that is set back does not silence a channel for longer than one refill', () => {
  const bucket = new TokenBucket(100 * MINUTE);
  for (let i = 0; i < 4; i++) bucket.take(100 * MINUTE);
  expect(bucket.available(10 * MINUTE)).toBe(0);
  expect(bucket.available(12 * MINUTE)).toBe(1);
});

test('property: a channel sends at most nine messages in its first ten minutes, whenever it is asked', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10 * MINUTE - 1 }), { maxLength: 200 }), (times) => {
      const bucket = new TokenBucket(0);
      let sent = 0;
      for (const atMs of times.toSorted((a, b) => a - b)) {
        if (bucket.available(atMs) === 0) continue;
        bucket.take(atMs);
        sent++;
      }
      expect(sent).toBeLessThanOrEqual(9);
    }),
  );
});

test('property: pauses between attempts stay between 0.8 s and 6 min, however long the outage', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, chance) => {
      const delayMs = retryDelayMs(attempts, chance);
      expect(delayMs).toBeGreaterThanOrEqual(800);
      expect(delayMs).toBeLessThanOrEqual(360_000);
    }),
  );
});
