import { beforeAll, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { openEmbeddedStore } from '../../store/embedded-store.ts';
import { batchOf } from '../../store/sample-store.contract.ts';
import { createQueryEngine } from '../create-query-engine.ts';
import type { QueryEngine } from '../query-engine.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const INTERVAL_MS = 30_000;
const clock = new FakeClock();
const startMs = Math.ceil(clock.nowMs() / DAY_MS) * DAY_MS;
/** In the part that is only kept by the hour, by the minute; each on a bucket's border. */
const hourlyMs = startMs + DAY_MS + 9 * HOUR_MS;
const minutelyMs = startMs + 4 * DAY_MS + 9 * HOUR_MS + 17 * 60_000;
let rolled: QueryEngine;
let raw: QueryEngine;

beforeAll(() => {
  const shared = { path: ':memory:', clock, log: silentLogger };
  const stores = [
    openEmbeddedStore({ ...shared, retention: { rawMs: DAY_MS, minuteMs: 3 * DAY_MS, hourMs: 30 * DAY_MS } }),
    openEmbeddedStore({ ...shared, retention: { rawMs: 30 * DAY_MS } }),
  ] as const;
  let counter = 0;
  for (let i = 0; i * INTERVAL_MS <= 6 * DAY_MS; i++) {
    clock.jumpTo(startMs + i * INTERVAL_MS);
    counter = i % 313 === 0 ? 2 : counter + 10;
    for (const store of stores) {
      const [g, c] = ['g', 'c_total'].map((name) => store.ref({ name, labels: { a: 'b' } }) as number) as [number, number];
      store.append(
        batchOf([
          [g, clock.nowMs(), Math.round(1000 * Math.sin(i / 50)) / 8],
          [c, clock.nowMs(), counter],
        ]),
      );
      if (i % 120 === 119) store.maintain(clock.nowMs());
    }
  }
  [rolled, raw] = stores.map((store) => createQueryEngine({ store, clock })) as [QueryEngine, QueryEngine];
});

async function answer(engine: QueryEngine, expression: string, atMs: number): Promise<number> {
  const { value } = await engine.instant(expression, atMs);
  return value.type === 'vector' ? (value.samples[0]?.value ?? Number.NaN) : Number.NaN;
}

test.each(['avg', 'sum', 'count', 'min', 'max', 'last', 'present'].map((name) => `${name}_over_time`))(
  'model: %s over roll-ups is as over the samples, also where the range reaches from one resolution into the next',
  async (name) => {
    const cases = [
      ['7h', hourlyMs],
      ['30m', minutelyMs],
      ['2d', hourlyMs + 3 * DAY_MS],
      ['30h', clock.nowMs()],
    ] as const;
    for (const [range, atMs] of cases) {
      const expected = await answer(raw, `${name}(g[${range}])`, atMs);
      expect(expected).not.toBeNaN();
      expect(await answer(rolled, `${name}(g[${range}])`, atMs)).toBeCloseTo(expected, 6);
      expect(await answer(rolled, `${name}(g[${range}:])`, atMs)).not.toBeNaN();
    }
  },
);

test.each(['rate', 'increase'])('model: %s over roll-ups counts the resets that happened within buckets', async (name) => {
  for (const [range, atMs] of [
    ['12h', hourlyMs],
    ['4h', minutelyMs],
  ] as const) {
    const expected = await answer(raw, `${name}(c_total[${range}])`, atMs);
    expect(Math.abs((await answer(rolled, `${name}(c_total[${range}])`, atMs)) / expected - 1)).toBeLessThan(0.02);
    expect(await answer(rolled, `delta(c_total[${range}])`, atMs)).toBeLessThan(
      0.5 * (await answer(raw, `increase(c_total[${range}])`, atMs)),
    );
  }
});

test('an instant selector sees the last of a bucket until the next one, however short the lookback', async () => {
  for (const atMs of [hourlyMs, minutelyMs]) expect(await answer(rolled, 'g', atMs)).toBe(await answer(raw, 'g', atMs));
  expect(await answer(rolled, 'g', hourlyMs + 59 * 60_000)).toBe(await answer(raw, 'g', hourlyMs));
  const { value } = await rolled.range('g', { fromMs: hourlyMs, toMs: hourlyMs + 4 * HOUR_MS, stepMs: 600_000 });
  expect(value.type === 'matrix' && value.series[0]?.values.length).toBe(25);
});

test('a range shorter than two buckets has no rate', async () => {
  expect(await answer(rolled, 'rate(c_total[5m])', hourlyMs)).toBeNaN();
  expect(await answer(rolled, 'rate(c_total[5m])', minutelyMs)).not.toBeNaN();
});
