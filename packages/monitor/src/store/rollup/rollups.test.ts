import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { StoreWriter } from '../../engine/store-writer.ts';
import type { AppendResult, WireBatch } from '../../model/sample-batch.ts';
import { openEmbeddedStore } from '../embedded-store.ts';
import type { EmbeddedStoreOptions } from '../embedded-store-options.ts';
import { batchOf, contents } from '../sample-store.contract.ts';
import type { Figure, SampleStore, Selector } from '../sample-store.ts';
import { bucketsOf, DAY_MS, HOUR_MS, MINUTE_MS } from './buckets.ts';
import { decodeBuckets, RollupEncoder } from './rollup-codec.ts';

const root = mkdtempSync(join(tmpdir(), 'bellwether-rollups-'));
let files = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));
const G: Selector = [{ label: '__name__', op: '=', value: 'g' }];

function open(options: Omit<EmbeddedStoreOptions, 'log'>): SampleStore {
  const store = openEmbeddedStore({ ...options, log: silentLogger });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

/** `[atMs, value, count]` of each value. */
function figures(store: SampleStore, figure: Figure, fromMs: number, toMs: number): number[][] {
  const found: number[][] = [];
  for (const { timesMs, values, counts, length } of store.read(G, fromMs, toMs, figure))
    for (let i = 0; i < length; i++) found.push([timesMs[i] ?? 0, values[i] ?? 0, counts?.[i] ?? 1]);
  return found;
}

test('property: a day of buckets comes back from its blob bit for bit', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.double(), fc.constant(-0), fc.constant(Number.NaN));
  const encoder = new RollupEncoder();
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.constantFrom(1000, 20_000, 90_000), (values, intervalMs) => {
      const timesMs = Float64Array.from(values, (_, i) => 1 + i * intervalMs);
      const buckets = bucketsOf({ timesMs, values: Float64Array.from(values), length: values.length }, MINUTE_MS);
      expect(decodeBuckets(encoder.encode(buckets, MINUTE_MS), MINUTE_MS)).toEqual(buckets);
    }),
  );
});

test('model: over months, what is no longer raw is answered by the minute, then by the hour, then not at all', async () => {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  const path = join(root, `${++files}.db`);
  const retention = { rawMs: 3 * DAY_MS, minuteMs: 10 * DAY_MS, hourMs: 40 * DAY_MS };
  let store = open({ path, clock, retention, commitIntervalMs: HOUR_MS });
  const intervalMs = 150_000;
  const valueAt = (i: number): number => (i * i) % 977;
  const count = Math.floor((60 * DAY_MS) / intervalMs);
  let ref = store.ref({ name: 'g', labels: {} }) as number;
  for (let i = 0; i < count; i++) {
    clock.jumpTo(startMs + i * intervalMs);
    store.append(batchOf([[ref, clock.nowMs(), valueAt(i)]]));
    if (i % 72 === 71) store.maintain(clock.nowMs());
    if (i % 4999 === 4998) {
      await store[Symbol.asyncDispose]();
      store = open({ path, clock, retention, commitIntervalMs: HOUR_MS });
      ref = store.ref({ name: 'g', labels: {} }) as number;
    }
  }
  const nowMs = clock.nowMs();
  const dayStartMs = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;
  const rawFromMs = dayStartMs(nowMs - retention.rawMs);
  const minutesFromMs = dayStartMs(nowMs - retention.minuteMs);
  const hoursFromMs = dayStartMs(nowMs - retention.hourMs);
  const samples = (fromMs: number, toMs: number): number[] => {
    const values: number[] = [];
    const end = Math.min(count - 1, Math.floor((toMs - startMs) / intervalMs));
    for (let i = Math.max(0, Math.floor((fromMs - startMs) / intervalMs) + 1); i <= end; i++) values.push(valueAt(i));
    return values;
  };
  const expected = (widthMs: number, fromMs: number, toMs: number): { endMs: number; values: number[] }[] => {
    const made: { endMs: number; values: number[] }[] = [];
    for (let endMs = fromMs + widthMs; endMs <= toMs; endMs += widthMs) {
      const values = samples(endMs - widthMs, endMs);
      if (values.length > 0) made.push({ endMs, values });
    }
    return made;
  };
  const buckets = [...expected(HOUR_MS, hoursFromMs, minutesFromMs), ...expected(MINUTE_MS, rawFromMs - DAY_MS, rawFromMs)].filter(
    ({ endMs }) => endMs <= minutesFromMs || endMs > rawFromMs - DAY_MS,
  );
  const read = (figure: Figure): number[][] => [
    ...figures(store, figure, 0, minutesFromMs),
    ...figures(store, figure, rawFromMs - DAY_MS + 1, rawFromMs),
  ];
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  expect(read('sum')).toEqual(buckets.map(({ endMs, values }) => [endMs, total(values), values.length]));
  expect(read('min')).toEqual(buckets.map(({ endMs, values }) => [endMs, Math.min(...values), values.length]));
  expect(read('max')).toEqual(buckets.map(({ endMs, values }) => [endMs, Math.max(...values), values.length]));
  expect(read('last')).toEqual(buckets.map(({ endMs, values }) => [endMs, values.at(-1), values.length]));
  expect(figures(store, 'sum', rawFromMs + 1, Infinity).map(([, value]) => value)).toEqual(samples(rawFromMs, Infinity));
  const [summary] = store.summarize?.(G, 0, Infinity) ?? [];
  expect(summary).toMatchObject({ samples: samples(hoursFromMs, Infinity).length, sum: total(samples(hoursFromMs, Infinity)) });
});

/** Time that passes with every look at it, so that work ends its turn at once. */
class RushingClock extends FakeClock {
  override monotonicMs(): number {
    return super.monotonicMs() + (this.#looks += 50);
  }
  #looks = 0;
}

test('a kill in the middle of a pass costs nothing: the next process ends with the same roll-ups', async () => {
  const clock = new RushingClock();
  const startMs = clock.nowMs();
  const path = join(root, `${++files}.db`);
  const retention = { rawMs: DAY_MS };
  const store = open({ path, clock, retention });
  const refs = Array.from({ length: 80 }, (_, s) => store.ref({ name: 'g', labels: { s: String(s) } }) as number);
  for (let i = 0; i < 96; i++) {
    clock.jumpTo(startMs + 7 + i * 900_000);
    store.append(batchOf(refs.map((ref, s) => [ref, clock.nowMs(), i * s])));
  }
  await store.flush();
  clock.jumpTo(startMs + 3 * DAY_MS);
  const raw = contents(store, G);
  store.maintain(clock.nowMs());
  const middle = join(root, `${++files}.db`);
  for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, middle + suffix);
  const finish = async (one: SampleStore): Promise<Record<string, [number, number][]>> => {
    for (let i = 0; i < 60; i++) {
      one.maintain(clock.nowMs());
      await clock.advance(1000);
    }
    return contents(one, G);
  };
  const survivor = open({ path: middle, clock, retention });
  const halfway = Object.values(contents(survivor, G));
  const rolled = halfway.filter((samples) => samples.some(([atMs]) => atMs % MINUTE_MS === 0)).length;
  expect(rolled).toBeGreaterThan(0);
  expect(rolled).toBeLessThan(80);
  const whole = await finish(store);
  expect(await finish(survivor)).toEqual(whole);
  expect(Object.keys(whole)).toEqual(Object.keys(raw));
  expect(whole['g{s="7"}']).toEqual(
    raw['g{s="7"}']?.map(([atMs, value]) => [atMs > startMs + DAY_MS ? atMs : Math.ceil(atMs / MINUTE_MS) * MINUTE_MS, value]),
  );
});

test('metrics with a retention of their own go at their own time', () => {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  const metrics = [{ match: 'debug_.*', rawMs: HOUR_MS, minuteMs: 0, hourMs: 0 }];
  const store = open({ path: ':memory:', clock, retention: { metrics } });
  const kept = store.ref({ name: 'kept', labels: {} }) as number;
  const debug = store.ref({ name: 'debug_x', labels: {} }) as number;
  for (let i = 0; i < 2000; i++) {
    clock.jumpTo(startMs + i * 10_000);
    store.append(batchOf([kept, debug].map((ref) => [ref, clock.nowMs(), i])));
    if (i % 10 === 9) store.maintain(clock.nowMs());
  }
  const found = contents(store, [{ label: '__name__', op: '=~', value: '.+' }]);
  expect(found['kept{}']).toHaveLength(2000);
  expect(found['debug_x{}']?.length).toBeLessThan(800);
  expect(found['debug_x{}']?.length).toBeGreaterThanOrEqual(360);
});

test('a series whose last sample is gone leaves memory, and comes back under another number', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = open({ path, clock, retention: { rawMs: HOUR_MS, minuteMs: 0, hourMs: 0 } });
  const old = store.ref({ name: 'g', labels: { pod: 'a' } }) as number;
  const kept = store.ref({ name: 'g', labels: { pod: 'b' } }) as number;
  store.append(batchOf([old, kept].map((ref) => [ref, clock.nowMs(), 1])));
  await store.flush();
  const { generation } = store;
  for (let i = 0; i < 40; i++) {
    clock.jumpTo(clock.nowMs() + 600_000);
    store.append(batchOf([[kept, clock.nowMs(), i]]));
    store.maintain(clock.nowMs());
  }
  expect(store.stats().series).toBe(1);
  expect(store.generation).not.toBe(generation);
  expect(store.series(G, 0, Infinity)).toEqual([{ name: 'g', labels: { pod: 'b' } }]);
  expect(store.append(batchOf([[old, clock.nowMs(), 1]])).dropped).toEqual({ invalid: 1 });
  const again = store.ref({ name: 'g', labels: { pod: 'a' } }) as number;
  expect(again).not.toBe(old);
  expect(store.append(batchOf([[again, clock.nowMs(), 5]])).appended).toBe(1);
  await store.flush();
  const reopened = open({ path, clock });
  expect(contents(reopened, [...G, { label: 'pod', op: '=', value: 'a' }])).toEqual({ 'g{pod="a"}': [[clock.nowMs(), 5]] });
});

test('senders whose series were forgotten need not describe them again', () => {
  const clock = new FakeClock();
  const store = open({ path: ':memory:', clock, retention: { rawMs: HOUR_MS, minuteMs: 0, hourMs: 0 } });
  const writer = new StoreWriter(store);
  const newSeries = [{ name: 'g', labels: { by: 'wire' } }];
  const wire = (fresh: typeof newSeries): WireBatch => ({
    source: 'a',
    firstNewSlot: 0,
    newSeries: fresh,
    slots: Uint32Array.of(0),
    timesMs: Float64Array.of(clock.nowMs()),
    values: Float64Array.of(1),
  });
  const labels = { by: 'protocol' };
  const write = (fresh: typeof newSeries): AppendResult => {
    writer.addWire(wire(fresh));
    writer.add('g', 1, { atMs: clock.nowMs(), labels: { by: 'collector' } });
    writer.addIncoming([{ name: 'g', labels, timesMs: [clock.nowMs()], values: [1] }]);
    return writer.commit();
  };
  expect(write(newSeries)).toEqual({ appended: 3, dropped: {} });
  for (let i = 0; i < 4; i++) {
    clock.jumpTo(clock.nowMs() + 3 * HOUR_MS);
    store.maintain(clock.nowMs());
  }
  expect(store.stats().series).toBe(0);
  expect(write([])).toEqual({ appended: 3, dropped: {} });
});
