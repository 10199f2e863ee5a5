import { expect, test } from 'vitest';
import { firingStretches, totalMs } from './firing-stretches.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();
const record = (fromMs: number, toMs: number | null) => ({ fired_at: iso(fromMs), resolved_at: toMs === null ? null : iso(toMs) });

test('alerts that overlap are one stretch, and those outside the window are none', () => {
  const records = [record(5000, 7000), record(1000, 3000), record(2000, 4000), record(20_000, 30_000), record(10, 20)];
  expect(firingStretches(records, [500, 10_000])).toEqual([
    { fromMs: 1000, toMs: 4000 },
    { fromMs: 5000, toMs: 7000 },
  ]);
});

test('what began before the window or still fires is cut at its ends', () => {
  const stretches = firingStretches([record(0, 2000), record(9000, null)], [1000, 10_000]);
  expect(stretches).toEqual([
    { fromMs: 1000, toMs: 2000 },
    { fromMs: 9000, toMs: 10_000 },
  ]);
  expect(totalMs(stretches)).toBe(2000);
});
