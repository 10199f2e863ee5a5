import { afterEach, describe, expect, it } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from '../enhanced-cache.ts';
import type { CacheOptions } from '../options.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import type { DumpRecord } from './dump.ts';

const clock = new FakeClock();
const made: EnhancedCache[] = [];
const cacheWith = (options: CacheOptions = {}): EnhancedCache => {
  const cache = createEnhancedCache({ clock, policy: 'lru', ...options });
  made.push(cache);
  return cache;
};
afterEach(() => {
  for (const cache of made.splice(0)) cache.dispose();
});
async function records(cache: EnhancedCache): Promise<DumpRecord[]> {
  const all: DumpRecord[] = [];
  for await (const record of cache.dump()) all.push(record);
  return all;
}
const keysOf = async (cache: EnhancedCache): Promise<string[]> => (await records(cache)).map(({ key }) => key);

describe('a dump', () => {
  it('comes hottest first and restores values, lifetimes, tags and the order of use, by way of JSON', async () => {
    const cache = cacheWith();
    cache.setSync('a', { n: 1 }, { ttl: 100, tags: ['t/x'] });
    cache.setSync('b', 'two', { ttl: null });
    cache.setSync('short', 3, { ttl: 5 });
    cache.setSync('dead', 4, { tags: ['gone'] });
    cache.getSync('a');
    cache.invalidateTags(['gone']);
    const text = (await records(cache)).map((record) => JSON.stringify(record));
    clock.skip(10_000);
    const other = cacheWith();
    const parsed = text.map((line) => JSON.parse(line) as DumpRecord);
    expect(parsed.map(({ key }) => key)).toEqual(['a', 'short', 'b']);
    expect(await other.load(parsed)).toEqual({ loaded: 2, skipped: 1, failed: 0 });
    expect(await keysOf(other)).toEqual(['a', 'b']);
    expect([other.getSync('a'), other.getSync('b'), other.hasSync('short')]).toEqual([{ n: 1 }, 'two', false]);
    clock.skip(89_999);
    expect(other.hasSync('a')).toBe(true);
    clock.skip(1);
    expect([other.hasSync('a'), other.hasSync('b')]).toEqual([false, true]);
  });
  it('keeps the stale time and the load time', async () => {
    const cache = cacheWith();
    const load = async (): Promise<number> => (await new Promise<void>((resolve) => clock.schedule(70, resolve)), 1);
    const answer = cache.getOrLoad('k', load, { ttl: 10, staleIfError: 60, tags: ['t'] });
    await clock.advance(70);
    await answer;
    const other = cacheWith();
    await other.load(cache.dump());
    expect(await other.previewDeleteByTags(['t'])).toEqual({ entries: 1, measuredEntries: 1, reloadSeconds: 0.07 });
    clock.skip(30_000);
    expect(await other.getOrLoad('k', () => Promise.reject(new Error('down')), { staleIfError: 60 })).toBe(1);
  });
  it('fills a smaller cache with the hottest and pushes nothing out', async () => {
    const cache = cacheWith();
    for (let number = 0; number < 50; number++) cache.setSync(`k${number}`, number);
    const small = cacheWith({ maxSize: 3 });
    small.setSync('own', 1);
    expect(await small.load(cache.dump())).toMatchObject({ loaded: 2 });
    expect(await keysOf(small)).toEqual(['k49', 'k48', 'own']);
    expect(small.stats().evictions).toBe(0);
  });
  it('brings back nothing that is set, deleted or invalidated while it is loaded', async () => {
    const list = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, value: 'old', expiresAtMs: null, tags: [`t/${key}`] }));
    const cache = cacheWith();
    const source = async function* (): AsyncGenerator<DumpRecord> {
      yield { key: 'first', value: 1, expiresAtMs: null };
      cache.setSync('a', 'new');
      cache.setSync('b', 'new');
      cache.deleteSync('b');
      cache.deleteSync('c');
      cache.invalidateTags(['t/d']);
      yield* list;
    };
    expect(await cache.load(source())).toEqual({ loaded: 2, skipped: 4, failed: 0 });
    expect([cache.getSync('a'), cache.hasSync('b'), cache.hasSync('c'), cache.hasSync('d')]).toEqual(['new', false, false, false]);
    expect(cache.getSync('e')).toBe('old');
  });
  it('is given up when everything is cleared meanwhile', async () => {
    const cache = cacheWith();
    const source = async function* (): AsyncGenerator<DumpRecord> {
      yield { key: 'a', value: 1, expiresAtMs: null };
      await cache.clear();
      yield { key: 'b', value: 1, expiresAtMs: null };
    };
    await cache.load(source());
    expect(cache.stats().entry_count).toBe(0);
  });
  it('counts records that are none and goes on', async () => {
    const cache = cacheWith();
    const bad = [
      null,
      {},
      { key: '', value: 1, expiresAtMs: null },
      { key: 'k', value: 1 },
      { key: 'k', value: 1, expiresAtMs: Number.NaN },
      { key: 'k', value: 1, expiresAtMs: clock.nowMs() + 4e14 },
      { key: 'k', value: 1, expiresAtMs: null, tags: 't' },
      { key: 'k', value: 1, expiresAtMs: null, keptForMs: -1 },
      { key: 'k', value: 1, expiresAtMs: null, loadMs: 'long' },
    ] as unknown as DumpRecord[];
    const good: DumpRecord = { key: '__proto__', value: 1, expiresAtMs: null, tags: ['__proto__'] };
    expect(await cache.load([...bad, good])).toEqual({ loaded: 1, skipped: 0, failed: bad.length });
    await expect(cache.load('k' as never)).rejects.toMatchObject({ code: 'cache_option_invalid' });
  });
  it('may be taken while entries come and go', async () => {
    const cache = cacheWith({ maxSize: 4000 });
    for (let number = 0; number < 4000; number++) cache.setSync(`k${number}`, number);
    let seen = 0;
    for await (const { key, value } of cache.dump()) {
      expect(`k${value}`).toBe(key);
      if (++seen % 10 === 0) cache.setSync(`k${4000 + seen}`, 4000 + seen);
      if (seen === 3000) await cache.clear();
    }
    expect(seen).toBe(3000);
  });
});
