import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from '../enhanced-cache.ts';
import type { CacheOptions } from '../options.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import type { CacheEventName } from './cache-events.ts';

const clock = new FakeClock();
const made: EnhancedCache[] = [];
const cacheWith = (options: CacheOptions = {}): EnhancedCache => {
  const cache = createEnhancedCache({ clock, policy: 'lru', ...options });
  made.push(cache);
  return cache;
};
afterEach(() => {
  for (const cache of made.splice(0)) cache.dispose();
  vi.restoreAllMocks();
});

describe('events', () => {
  it('tell of everything that happens to entries, after the call that caused it', async () => {
    const cache = cacheWith({ maxSize: 2 });
    const heard: unknown[] = [];
    const names: CacheEventName[] = ['set', 'delete', 'invalidate', 'clear', 'expire', 'evict', 'load', 'loadError', 'stale'];
    for (const name of names) cache.on(name, (event) => heard.push([name, event]));
    const take = async (): Promise<unknown[]> => (await settle(), heard.splice(0));
    cache.setSync('a', 1, { ttl: 1, tags: ['t'] });
    expect(heard).toEqual([]);
    expect(await take()).toEqual([['set', { key: 'a' }]]);
    clock.skip(1000);
    expect([cache.getSync('a'), await take()]).toEqual([undefined, [['expire', { key: 'a' }]]]);
    await cache.getOrLoad('b', () => clock.advance(5), { ttl: 2, staleWhileRevalidate: 10 });
    expect(await take()).toEqual([['load', { key: 'b', loadMs: 5 }]]);
    clock.skip(2000);
    const error = new Error('down');
    await cache.getOrLoad('b', () => Promise.reject(error), { staleWhileRevalidate: 10 });
    expect(await take()).toEqual([
      ['stale', { key: 'b' }],
      ['loadError', { key: 'b', error }],
    ]);
    cache.setSync('c', 1);
    cache.setSync('d', 1);
    expect(await take()).toEqual([
      ['set', { key: 'c' }],
      ['evict', { key: 'b' }],
      ['set', { key: 'd' }],
    ]);
    cache.deleteSync('c');
    cache.deleteSync('c');
    cache.invalidateTags(['t/x']);
    await cache.clear();
    expect(await take()).toEqual([
      ['delete', { key: 'c' }],
      ['invalidate', { tags: ['t/x'] }],
      ['clear', {}],
    ]);
  });
  it('a listener that throws or rejects breaks neither the cache nor other listeners; one warning says so', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const cache = cacheWith();
    const heard: string[] = [];
    cache.on('set', () => {
      throw new Error('thrown');
    });
    cache.on('set', () => Promise.reject(new Error('rejected')));
    cache.on('set', ({ key }) => heard.push(key));
    cache.setSync('a', 1);
    cache.setSync('b', 2);
    await settle();
    expect([heard, cache.getSync('b'), warnings.mock.calls.length]).toEqual([['a', 'b'], 2, 1]);
  });
  it('a listener may use the cache', async () => {
    const cache = cacheWith({ maxSize: 2 });
    cache.on('evict', ({ key }) => cache.setSync(`gone`, key));
    for (const key of ['a', 'b', 'c']) cache.setSync(key, key);
    await settle();
    expect(cache.getSync('gone')).toBeDefined();
  });
  it('stop when the listener is taken off, and with the cache', async () => {
    const cache = cacheWith({ maxSize: 1 });
    const heard: string[] = [];
    const listener = ({ key }: { key: string }): number => heard.push(key);
    const offs = [cache.on('evict', listener), cache.on('evict', listener)];
    cache.setSync('a', 1);
    cache.setSync('b', 1);
    await settle();
    offs[0]?.();
    cache.setSync('c', 1);
    await settle();
    offs[1]?.();
    cache.setSync('d', 1);
    await settle();
    expect(heard).toEqual(['a', 'a', 'b']);
  });
  it('refuses a name that does not exist', () => {
    expect(() => cacheWith().on('evicted' as never, () => {})).toThrow(expect.objectContaining({ code: 'cache_option_invalid' }) as Error);
  });
});

describe('iteration', () => {
  it('gives every live entry once, and may be left early', async () => {
    const cache = cacheWith();
    cache.setSync('old', 0, { ttl: 1 });
    clock.skip(1000);
    for (let number = 0; number < 1500; number++) cache.setSync(`k${number}`, number);
    const seen: (readonly [string, unknown])[] = [];
    for await (const entry of cache.entries()) seen.push(entry);
    expect([seen.length, new Map(seen).size, new Map(seen).get('k7')]).toEqual([1500, 1500, 7]);
    for await (const key of cache.keys()) {
      expect(key).toMatch(/^k/);
      break;
    }
  });
  it('is safe while entries come and go: what stays comes once, nothing comes twice', async () => {
    const cache = cacheWith({ maxSize: 5000 });
    for (let number = 0; number < 3000; number++) cache.setSync(`k${number}`, number);
    const seen: string[] = [];
    for await (const key of cache.keys()) {
      seen.push(key);
      const number = Number(key.slice(1));
      if (number < 3000 && number % 3 === 0) cache.deleteSync(`k${number + 1}`);
      if (number % 3 === 2) cache.setSync(key, 'overwritten');
      if (seen.length === 1000) cache.setSync('k90000', 1);
    }
    expect(new Set(seen).size).toBe(seen.length);
    for (let number = 0; number < 3000; number += 3) expect(seen).toContain(`k${number}`);
  });
});
