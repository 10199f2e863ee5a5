import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restoreHold } from './restore-hold.ts';

const PENDING = { phase: 'pending', sinceMs: 1000 } as const;

test('the outage is added to the beginning', () => {
  expect(restoreHold(PENDING, { downAtMs: 5000, nowMs: 65_000, holdMs: 10_000 })).toEqual({ phase: 'pending', sinceMs: 61_000 });
});

test('an outage longer than the tolerance begins the hold anew', () => {
  expect(restoreHold(PENDING, { downAtMs: 5000, nowMs: 3_700_000, holdMs: 10_000 })).toEqual({ phase: 'pending', sinceMs: 3_700_000 });
});

test('with Prometheus’s grace period an alert with little left waits for it', () => {
  const options = { downAtMs: 3_001_000, nowMs: 3_061_000, holdMs: 3_600_000, gracePeriodMs: 600_000 };
  const state = restoreHold(PENDING, { ...options, downAtMs: 3_201_000, nowMs: 3_261_000 });
  expect(state).toEqual({ phase: 'pending', sinceMs: 3_261_000 + 600_000 - 3_600_000 });
  expect(restoreHold(PENDING, { ...options, holdMs: 300_000 })).toEqual({ phase: 'pending', sinceMs: 3_061_000 });
});

test('firing alerts go on as they are', () => {
  const firing = { phase: 'firing', activeAtMs: 0, firedAtMs: 10 } as const;
  expect(restoreHold(firing, { downAtMs: 0, nowMs: 1e9, holdMs: 10 })).toBe(firing);
});

test('property: an outage never lets an alert fire sooner than the time it was watched allows', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(4_000_000), fc.nat(20_000), (watchedMs, sinceMs, outageMs, holdMs) => {
      const downAtMs = sinceMs + watchedMs;
      const nowMs = downAtMs + outageMs;
      const state = restoreHold({ phase: 'pending', sinceMs }, { downAtMs, nowMs, holdMs });
      const servedMs = state.phase === 'pending' ? nowMs - state.sinceMs : Infinity;
      expect(servedMs >= holdMs).toBe(outageMs <= 3_600_000 ? watchedMs >= holdMs : holdMs === 0);
    }),
  );
});
