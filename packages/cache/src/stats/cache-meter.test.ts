import { afterEach, describe, expect, it } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from '../enhanced-cache.ts';
import type { CacheOptions } from '../options.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { GroupCounts, OTHER, keyPrefix, tagRoot } from './group-counts.ts';
import { ReadCounts } from './read-counts.ts';

const clock = new FakeClock();
const made: EnhancedCache[] = [];
const cacheWith = (options: CacheOptions = {}): EnhancedCache => {
  const cache = createEnhancedCache({ clock, ...options });
  made.push(cache);
  return cache;
};
afterEach(() => {
  for (const cache of made.splice(0)) cache.dispose();
});
const takes =
  (ms: number, value: unknown = 1) =>
  async (): Promise<unknown> => {
    await new Promise<void>((resolve) => clock.schedule(ms, resolve));
    return value;
  };

describe('statistics of loads', () => {
  it('count loads by latency, failures, callers who shared a load, and stale answers', async () => {
    const cache = cacheWith();
    const asked = [cache.getOrLoad('a', takes(4)), cache.getOrLoad('a', takes(4)), cache.getOrLoad('b', takes(90_000))];
    const failed = cache.getOrLoad('c', () => Promise.reject(new Error('down'))).catch(() => {});
    await clock.advance(90_000);
    await Promise.all([...asked, failed]);
    await cache.getOrLoad('s', () => 1, { ttl: 1, staleWhileRevalidate: 60 });
    clock.skip(1000);
    await cache.getOrLoad('s', () => 2, { staleWhileRevalidate: 60 });
    await settle();
    const { load_seconds: seconds, ...stats } = cache.stats();
    expect(stats).toMatchObject({ loads: 5, load_failures: 1, load_waits: 1, stale_serves: 1, hits: 0, misses: 6 });
    expect([seconds.count, seconds.sum]).toEqual([4, 90.004]);
    expect(seconds.buckets.filter(({ count }) => count > 0)).toEqual([
      { le: 0.001, count: 2 },
      { le: 0.005, count: 1 },
      { le: null, count: 1 },
    ]);
  });
  it('say why entries left', async () => {
    const cache = cacheWith({ maxSize: 2, policy: 'lru' });
    cache.setSync('a', 1, { ttl: 1 });
    clock.skip(1000);
    await cache.cleanup();
    for (const key of ['b', 'c', 'd']) cache.setSync(key, 1, { tags: ['t'] });
    cache.invalidateTags(['t']);
    expect(cache.stats()).toMatchObject({ evictions: 1, expirations: 1, invalidations: 2, entry_count: 0 });
  });
});

describe('statistics by group', () => {
  it('tell the groups’ reads within the error of the sample, loads exactly', async () => {
    const cache = cacheWith();
    for (let number = 0; number < 20; number++) cache.setSync(`user:${number}`, 'x', { tags: [`account/${number}`, 'account'] });
    for (let read = 0; read < 40_000; read++) cache.getSync(read % 4 === 0 ? `user:${read % 20}` : `order:${read}`);
    await cache.getOrLoad('quote(1)', () => 1, { tags: ['market/7'] });
    await cache.getOrLoad('quote(2)', () => Promise.reject(new Error('down'))).catch(() => {});
    const [order, user, quote] = cache.statsByGroup();
    expect([order?.name, user?.name, quote?.name]).toEqual(['order', 'user', 'quote']);
    expect(Math.abs((user?.hits ?? 0) - 10_000)).toBeLessThan(256);
    expect(Math.abs((order?.misses ?? 0) - 30_000)).toBeLessThan(256);
    expect(user).toMatchObject({ hit_rate: 100, entry_count: 20, loads: 0 });
    expect(quote).toMatchObject({ entry_count: 1, loads: 2, load_failures: 1 });
    const tags = cache.statsByTag();
    expect(tags.map(({ name }) => name)).toEqual(['account', 'market']);
    expect(tags[0]).toMatchObject({ entry_count: 20 });
    expect(tags[1]).toMatchObject({ loads: 1, misses: 1, entry_count: 1 });
  });
  it('take the group from a function of the user', async () => {
    const cache = cacheWith({ groupOf: (key) => `shard ${key.length}` });
    await cache.getOrLoad('abc', () => 1);
    expect(cache.statsByGroup()).toMatchObject([{ name: 'shard 3', loads: 1, entry_count: 1 }]);
  });
  it('go on when that function fails: no read does', () => {
    const cache = cacheWith({
      groupOf: (key) => {
        if (key === 'bad') throw new Error('no group');
        return 7 as never;
      },
    });
    for (let read = 0; read < 200; read++) expect([cache.getSync('bad'), cache.getSync('worse')]).toEqual([undefined, undefined]);
    expect(new Set(cache.statsByGroup().map(({ name }) => name))).toEqual(new Set(['(failed)', '(no text)']));
  });
  it('have one row for all groups beyond the first hundred, whatever their names', () => {
    const counts = new GroupCounts();
    for (let number = 0; number < 1000; number++) counts.of(number === 5 ? '__proto__' : `g${number}`).loads++;
    const rows = counts.rows(new Map([['never read', { entries: 3, bytes: 9 }]]));
    expect(rows.length).toBe(101);
    expect(rows.find(({ name }) => name === OTHER)).toMatchObject({ loads: 900, entry_count: 3 });
    expect(rows.find(({ name }) => name === '__proto__')).toMatchObject({ loads: 1 });
  });
  it('name the group of a key by its prefix and of a tag by its first step', () => {
    expect(['user:1', 'api:quote(1,2)', 'quote("a:b")', 'plain', ':odd'].map(keyPrefix)).toEqual([
      'user',
      'api',
      'quote',
      '(none)',
      '(none)',
    ]);
    expect(['market/456/orders', 'market', '/odd'].map(tagRoot)).toEqual(['market', 'market', '/odd']);
  });
});

describe('read counts', () => {
  it('property: totals are exact at every moment, and the strides taken add up to them', () => {
    const counts = new ReadCounts(() => clock.random());
    let taken = 0;
    for (let read = 1; read <= 5000; read++) {
      if (counts.hit()) taken += counts.takeHits();
      if (read % 3 === 0 && counts.miss()) counts.takeMisses();
      expect([counts.hits, counts.misses]).toEqual([read, Math.trunc(read / 3)]);
    }
    expect(5000 - taken).toBeLessThan(256);
  });
});

describe('the dry run of an invalidation', () => {
  it('says how many entries would go and what loading them again would cost, and removes none', async () => {
    const cache = cacheWith();
    const loads = [cache.getOrLoad('a', takes(200), { tags: ['market/1', 'x'] }), cache.getOrLoad('b', takes(300), { tags: ['market/2'] })];
    await clock.advance(300);
    await Promise.all(loads);
    cache.setSync('c', 1, { tags: ['market'] });
    cache.setSync('d', 1, { tags: ['other'] });
    cache.setSync('e', 1);
    expect(await cache.previewDeleteByTags(['market', 'x'])).toEqual({ entries: 3, measuredEntries: 2, reloadSeconds: 0.5 });
    expect(cache.stats().entry_count).toBe(5);
    expect(await cache.deleteByTags(['market', 'x'])).toBe(3);
    expect(await cache.previewDeleteByTags(['market'])).toEqual({ entries: 0, measuredEntries: 0, reloadSeconds: 0 });
    await expect(cache.previewDeleteByTags([''])).rejects.toMatchObject({ code: 'cache_tag_invalid' });
  });
});
