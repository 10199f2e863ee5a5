import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { CACHES_KEY } from '../model/cache-port.ts';
import { observeCaches } from './cache-observer.ts';
import { createRegistry, type Registry } from '../instruments/registry.ts';

const stats = { hits: 0, misses: 0, evictions: 0, hit_rate: 0, total_size: 2048, entry_count: 10, max_size: 40, utilization: 25 };
let clock: FakeClock;
let registry: Registry;
let observed: Disposable;
let before: unknown;

beforeEach(() => {
  clock = new FakeClock();
  registry = createRegistry({ clock });
  before = Reflect.get(globalThis, Symbol.for(CACHES_KEY));
  Reflect.set(globalThis, Symbol.for(CACHES_KEY), new Map([['users', { name: 'users', stats: () => stats }]]));
  observed = observeCaches(registry);
  Object.assign(stats, { hits: 0, misses: 0 });
});
afterEach(() => {
  observed[Symbol.dispose]();
  Reflect.set(globalThis, Symbol.for(CACHES_KEY), before);
});

const names: string[] = [];
async function drain(): Promise<Record<string, number>> {
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  if (batch?.firstNewSlot === 0) names.length = 0;
  names.push(...(batch?.newSeries ?? []).map(({ name }) => name));
  return Object.fromEntries([...(batch?.slots ?? [])].map((slot, i) => [names[slot], batch?.values[i] as number]));
}

test('a cache is told as gauges and counters; the hit rate follows the look-ups since it was last told', async () => {
  Object.assign(stats, { hits: 15, misses: 5 });
  expect(await drain()).toMatchObject({
    cache_entries: 10,
    cache_max_entries: 40,
    cache_size_bytes: 2048,
    cache_utilization: 25,
    cache_hits_total: 15,
    cache_misses_total: 5,
    cache_hit_rate: 75,
  });
  Object.assign(stats, { hits: 20, misses: 10 });
  expect(await drain()).not.toHaveProperty('cache_hit_rate');
  Object.assign(stats, { hits: 20, misses: 30 });
  expect(await drain()).toMatchObject({ cache_hit_rate: 16.7, cache_misses_total: 30 });
});

test('loads are told when the cache counts them', async () => {
  Object.assign(stats, { loads: 4, load_failures: 1, load_waits: 9, stale_serves: 2, expirations: 3, load_seconds: { sum: 1.5 } });
  expect(await drain()).toMatchObject({
    cache_loads_total: 4,
    cache_load_failures_total: 1,
    cache_load_waits_total: 9,
    cache_stale_serves_total: 2,
    cache_expirations_total: 3,
    cache_load_seconds_total: 1.5,
  });
});

test('counters go on when the statistics of a cache are reset', async () => {
  Object.assign(stats, { hits: 30, misses: 0 });
  await drain();
  Object.assign(stats, { hits: 4, misses: 0 });
  expect(await drain()).toMatchObject({ cache_hits_total: 34 });
});
