import { afterEach, describe, expect, it } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from './enhanced-cache.ts';
import type { CacheOptions } from './options.ts';
import { FakeClock, settle } from './testing/fake-clock.ts';

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
const code = (value: string): object => expect.objectContaining({ name: 'CacheError', code: value }) as object;

describe('reading and writing', () => {
  it('gives back what was set, and undefined for what was not', async () => {
    const cache = cacheWith();
    await cache.set('user:123', { name: 'Ada' });
    expect(await cache.get('user:123')).toEqual({ name: 'Ada' });
    expect(await cache.get('user:124')).toBeUndefined();
    expect(await cache.has('user:123')).toBe(true);
    expect(await cache.delete('user:123')).toBe(true);
    expect(await cache.delete('user:123')).toBe(false);
    expect(cache.hasSync('user:123')).toBe(false);
  });
  it('lets an entry go when its ttl is over, in seconds', async () => {
    const cache = cacheWith({ defaultTtl: 10 });
    cache.setSync('short', 1, { ttl: 2 });
    cache.setSync('standard', 2);
    cache.setSync('forever', 3, { ttl: null });
    await clock.advance(1999);
    expect(cache.getSync('short')).toBe(1);
    await clock.advance(1);
    expect(cache.getSync('short')).toBeUndefined();
    await clock.advance(8000);
    expect([cache.getSync('standard'), cache.getSync('forever')]).toEqual([undefined, 3]);
  });
  it('keeps the entry that was used when another has to leave', () => {
    const cache = cacheWith({ maxSize: 3 });
    for (const key of ['a', 'b', 'c']) cache.setSync(key, key);
    cache.getSync('a');
    cache.setSync('d', 'd');
    expect(['a', 'b', 'c', 'd'].map((key) => cache.hasSync(key))).toEqual([true, false, true, true]);
    expect(cache.stats()).toMatchObject({ evictions: 1, entry_count: 3, max_size: 3, utilization: 100 });
  });
  it('treats __proto__ as any other key and tag', async () => {
    const cache = cacheWith();
    cache.setSync('__proto__', 1, { tags: ['__proto__', 'constructor/x'] });
    expect(cache.getSync('__proto__')).toBe(1);
    expect(cache.getSync('constructor')).toBeUndefined();
    expect(await cache.deleteByTags(['constructor'])).toBe(1);
  });
});

describe('tags', () => {
  it('deletes entries that have any of the tags and says how many there were', async () => {
    const cache = cacheWith();
    cache.setSync('a', 1, { tags: ['user', 'premium'] });
    cache.setSync('b', 2, { tags: ['market'] });
    cache.setSync('c', 3, { tags: ['other'] });
    cache.setSync('d', 4);
    expect(await cache.deleteByTags(['user', 'market', 'premium'])).toBe(2);
    expect(await cache.deleteByTags(['user'])).toBe(0);
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.hasSync(key))).toEqual(['c', 'd']);
  });
  it('takes everything below a tag with it, and nothing beside it', async () => {
    const cache = cacheWith();
    cache.setSync('orders', 1, { tags: ['market/456/orders'] });
    cache.setSync('market', 2, { tags: ['market/456'] });
    cache.setSync('neighbour', 3, { tags: ['market/4567'] });
    expect(cache.entriesByTag('market/456')).toEqual(['orders', 'market']);
    expect(await cache.deleteByTags(['market/456'])).toBe(2);
    expect(await cache.deleteByTags(['market'])).toBe(1);
  });
  it('regression: an entry written again after an invalidation is reached by the next one', async () => {
    const cache = cacheWith();
    cache.setSync('k', 'old', { tags: ['a/b/c', 'd'] });
    cache.invalidateTags(['a']);
    cache.setSync('k', 'new', { tags: ['a/b/c', 'd'] });
    expect(await cache.deleteByTags(['a/b'])).toBe(1);
    expect(cache.getSync('k')).toBeUndefined();
  });
  it('does not count an entry that has expired', async () => {
    const cache = cacheWith();
    cache.setSync('a', 1, { tags: ['t'], ttl: 1 });
    cache.setSync('b', 1, { tags: ['t'], ttl: 5 });
    await clock.advance(1000);
    expect(await cache.deleteByTags(['t'])).toBe(1);
  });
});

describe('loading', () => {
  it('runs ten concurrent loads of a key once', async () => {
    const cache = cacheWith();
    let runs = 0;
    const load = async (): Promise<number> => (await settle(), ++runs);
    expect(await Promise.all(Array.from({ length: 10 }, () => cache.getOrLoad('k', load)))).toEqual(Array.from({ length: 10 }, () => 1));
    expect(await cache.getOrLoad('k', load)).toBe(1);
  });
  it('does not keep a failed load', async () => {
    const cache = cacheWith();
    const failing = cache.getOrLoad('k', () => Promise.reject(new Error('down')));
    await expect(failing).rejects.toThrow('down');
    expect(await cache.getOrLoad('k', () => 7)).toBe(7);
  });
  it.each([
    ['its key is deleted', (cache: EnhancedCache) => cache.deleteSync('k')],
    ['its tag is deleted', (cache: EnhancedCache) => cache.deleteByTags(['t'])],
    ['a tag above its tag is deleted', (cache: EnhancedCache) => cache.deleteByTags(['above'])],
    ['everything is cleared', (cache: EnhancedCache) => cache.clear()],
  ])('answers its caller but keeps nothing when %s during the load', async (_what, invalidate) => {
    const cache = cacheWith();
    let finish = (_value: string): void => {};
    const options = { tags: ['t', 'above/below'] };
    const old = cache.getOrLoad('k', () => new Promise<string>((resolve) => (finish = resolve)), options);
    await settle();
    await invalidate(cache);
    const fresh = cache.getOrLoad('k', () => 'fresh', options);
    finish('old');
    expect(await old).toBe('old');
    expect(await fresh).toBe('fresh');
    expect(cache.getSync('k')).toBe('fresh');
  });
  it('keeps a value that was set during the load', async () => {
    const cache = cacheWith();
    const load = cache.getOrLoad('k', async () => (await settle(), 'loaded'));
    cache.setSync('k', 'set');
    await load;
    expect(cache.getSync('k')).toBe('set');
  });
});

describe('wrapping', () => {
  it('caches by the arguments, tags by function', async () => {
    const cache = cacheWith();
    let runs = 0;
    const quote = cache.wrap(async (x: number, y: number) => (runs++, x * y), { keyPrefix: 'api', tags: (x) => [`market/${x}`] });
    expect([await quote(2, 3), await quote(2, 3), await quote(3, 2)]).toEqual([6, 6, 6]);
    expect(runs).toBe(2);
    expect(await cache.deleteByTags(['market/2'])).toBe(1);
  });
  it('keeps two functions with the same prefix apart', async () => {
    const cache = cacheWith();
    const first = cache.wrap((x: number) => x + 1, { keyPrefix: 'api' });
    const second = cache.wrap((x: number) => x + 2, { keyPrefix: 'api' });
    expect([await first(1), await second(1)]).toEqual([2, 3]);
  });
  it('caches a method decorated the standard way', async () => {
    const cache = cacheWith();
    let runs = 0;
    class Prices {
      factor = 10;
      @cache.cacheDecorator({ ttl: 300, keyPrefix: 'api' })
      async quote(x: number, y: number): Promise<number> {
        runs++;
        return x * y * this.factor;
      }
    }
    const prices = new Prices();
    expect([await prices.quote(2, 3), await prices.quote(2, 3)]).toEqual([60, 60]);
    expect(runs).toBe(1);
    const others = new Prices();
    others.factor = 1;
    expect(await others.quote(2, 3)).toBe(6);
  });
  it('caches a method decorated in the legacy call form', async () => {
    const cache = cacheWith();
    let runs = 0;
    class Prices {
      quote(x: number): Promise<number> {
        return Promise.resolve(x + ++runs);
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Prices.prototype, 'quote') as PropertyDescriptor;
    Object.defineProperty(Prices.prototype, 'quote', cache.cacheDecorator({ keyPrefix: 'api' })(Prices.prototype, 'quote', descriptor));
    const prices = new Prices();
    expect([await prices.quote(1), await prices.quote(1)]).toEqual([2, 2]);
  });
  it('refuses arguments without a value, and a use of this', async () => {
    const cache = cacheWith();
    const wrapped = cache.wrap((_value: unknown) => 1);
    class Money {
      amount = 1;
    }
    for (const bad of [Symbol('s'), () => 1, new Money(), { deep: [Promise.resolve()] }])
      await expect(wrapped(bad)).rejects.toEqual(code('cache_argument_unsupported'));
    const usesThis = cache.wrap(function total(this: { tax: number }) {
      return this.tax;
    });
    await expect(usesThis()).rejects.toEqual(code('cache_argument_unsupported'));
  });
});

describe('statistics and listing', () => {
  it('reports what the contract names', async () => {
    const cache = cacheWith({ maxSize: 8 });
    expect(cache.stats()).toMatchObject({
      hits: 0,
      misses: 0,
      evictions: 0,
      writes: 0,
      overwrites: 0,
      hit_rate: 0,
      total_size: 0,
      entry_count: 0,
      max_size: 8,
      utilization: 0,
    });
    cache.setSync('a', 'x'.repeat(100), { tags: ['t'] });
    cache.getSync('a');
    cache.getSync('a');
    cache.getSync('b');
    expect(cache.stats()).toMatchObject({ hits: 2, misses: 1, hit_rate: 66.7, entry_count: 1, utilization: 12.5 });
    expect(cache.stats().total_size).toBeGreaterThan(100);
    await cache.clear();
    expect(cache.stats()).toMatchObject({ total_size: 0, entry_count: 0 });
  });
  it('counts a write over a live entry as an overwrite, and one after expiry or removal as none', () => {
    const cache = cacheWith();
    cache.setSync('a', 1, { ttl: 1 });
    cache.setSync('a', 2, { ttl: 1 });
    clock.skip(1001);
    cache.setSync('a', 3);
    cache.deleteSync('a');
    cache.setSync('a', 4);
    expect(cache.stats()).toMatchObject({ writes: 4, overwrites: 1 });
  });
  it('lists entries by page and tag without their values', () => {
    const cache = cacheWith();
    for (let number = 0; number < 5; number++) cache.setSync(`k${number}`, 'secret', { ttl: 60, tags: number < 3 ? ['t/x'] : [] });
    const page = cache.entryPage({ tag: 't', offset: 1, limit: 1 });
    expect(page).toEqual({ total: 3, entries: [{ key: 'k1', sizeBytes: expect.any(Number) as number, ttlSeconds: 60, tags: ['t/x'] }] });
    expect(JSON.stringify(cache.entryPage({ offset: 0, limit: 10 }))).not.toContain('secret');
  });
  it('is listed for monitors until disposed, under a free name', () => {
    const caches = (globalThis as { [key: symbol]: unknown })[Symbol.for('bellwether.caches')] as Map<string, unknown> | undefined;
    const first = cacheWith({ name: 'prices' });
    const second = cacheWith({ name: 'prices' });
    const map = caches ?? ((globalThis as { [key: symbol]: unknown })[Symbol.for('bellwether.caches')] as Map<string, unknown>);
    expect([first.name, second.name, map.get('prices-2')]).toEqual(['prices', 'prices-2', second]);
    first.dispose();
    first.dispose();
    expect(map.has('prices')).toBe(false);
    expect(() => first.getSync('a')).toThrow(code('cache_disposed'));
  });
});

describe('expiry', () => {
  it('cleanup removes expired entries now and says how many', async () => {
    const cache = cacheWith({ cleanupInterval: null });
    for (let number = 0; number < 10; number++) cache.setSync(`k${number}`, number, { ttl: number < 4 ? 1 : 100 });
    await clock.advance(1500);
    expect(await cache.cleanup()).toBe(4);
    expect(await cache.cleanup()).toBe(0);
    expect(cache.stats().entry_count).toBe(6);
  });
  it('sweeps in the background at the configured interval', async () => {
    const cache = cacheWith({ cleanupInterval: 5 });
    cache.setSync('k', 1, { ttl: 1 });
    await clock.advance(4999);
    expect(cache.stats().entry_count).toBe(1);
    await clock.advance(1);
    expect(cache.stats().entry_count).toBe(0);
    cache.dispose();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('warming', () => {
  it('fills from values and loads with bounded concurrency, counting failures', async () => {
    const cache = cacheWith();
    let running = 0;
    let most = 0;
    const load = async (): Promise<string> => {
      most = Math.max(most, ++running);
      await settle();
      running--;
      return 'loaded';
    };
    const seen: number[] = [];
    const entries = [
      { key: 'v', value: 1, tags: ['w'] },
      { key: 'bad', load: () => Promise.reject(new Error('no')) },
      ...Array.from({ length: 8 }, (_, number) => ({ key: `l${number}`, load })),
    ];
    const report = await cache.warm(entries, { concurrency: 3, onProgress: ({ loaded, failed }) => seen.push(loaded + failed) });
    expect(report).toEqual({ total: 10, loaded: 9, failed: 1 });
    expect(most).toBeLessThanOrEqual(3);
    expect(seen.at(-1)).toBe(10);
    expect([cache.getSync('v'), cache.getSync('l7')]).toEqual([1, 'loaded']);
  });
});

describe('bad input', () => {
  it('refuses a warming with no loads at a time', async () => {
    for (const concurrency of [0, -1, 1.5, Number.NaN])
      await expect(cacheWith().warm([{ key: 'k', value: 1 }], { concurrency })).rejects.toEqual(code('cache_option_invalid'));
  });
  it('names what is allowed, with a stable code', async () => {
    for (const maxSize of [0, -1, 1.5, Number.NaN, Infinity])
      expect(() => createEnhancedCache({ maxSize })).toThrow(code('cache_option_invalid'));
    expect(() => createEnhancedCache({ max_size: 1 } as object)).toThrow(code('cache_option_invalid'));
    const cache = cacheWith();
    for (const ttl of [0, -1, Number.NaN, Infinity, 4e8])
      await expect(cache.set('k', 1, { ttl })).rejects.toEqual(code('cache_ttl_invalid'));
    for (const key of ['', 'x'.repeat(8193), 1 as never]) expect(() => cache.setSync(key, 1)).toThrow(code('cache_key_invalid'));
    for (const tags of [[''], ['x'.repeat(513)], [1 as never], 'user' as never])
      await expect(cache.deleteByTags(tags)).rejects.toEqual(code('cache_tag_invalid'));
  });
});
