import { type Cache as Dedupe, createCache as createDedupe } from 'async-cache-dedupe';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { createCache as createCacheManager } from 'cache-manager';
import { Cacheable, CacheableMemory } from 'cacheable';
import { Loader } from 'layered-loader';
import { LRUCache } from 'lru-cache';

/** Hour-long lifetimes everywhere. */
export const TTL_SECONDS = 3600;
const TTL_MS = TTL_SECONDS * 1000;

/** What every cache that loads has in common. `load` is given at construction where a rival wants it there. */
export interface LoadingCache {
  readonly name: string;
  getOrLoad(key: string): Promise<unknown>;
  /** `undefined` where the rival has no such thing. */
  readonly delete?: (key: string) => unknown;
  readonly clear?: () => unknown;
  readonly invalidateTag?: (tag: string) => unknown;
  /** Writes, with tags where the rival has them. */
  readonly set?: (key: string, value: object, tags?: string[]) => unknown;
  readonly get?: (key: string) => unknown;
}
/** @param size Entries it may hold. @param tags Tags of every loaded entry. */
export type MakeLoadingCache = (size: number, load: () => object | Promise<object>, tags?: string[]) => LoadingCache;

export const lruCache = (max: number): LRUCache<string, object> => new LRUCache<string, object>({ max, ttl: TTL_MS });

const lruFetch: MakeLoadingCache = (max, load) => {
  const cache = new LRUCache<string, object>({ max, ttl: TTL_MS, fetchMethod: async () => await load() });
  return {
    name: 'lru-cache.fetch',
    getOrLoad: async (key) => await cache.fetch(key),
    delete: (key) => cache.delete(key),
    clear: () => cache.clear(),
    set: (key, value) => cache.set(key, value),
  };
};
const bento: MakeLoadingCache = (maxItems, load, tags = []) => {
  const cache = new BentoCache({
    default: 'memory',
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems, serialize: false })) },
  });
  return {
    name: 'bentocache',
    getOrLoad: async (key) => await cache.getOrSet({ key, ttl: TTL_MS, tags, factory: async () => await load() }),
    delete: async (key) => await cache.delete({ key }),
    clear: async () => await cache.clear(),
    invalidateTag: async (tag) => await cache.deleteByTag({ tags: [tag] }),
    set: async (key, value, own = tags) => await cache.set({ key, value, ttl: TTL_MS, tags: own }),
    get: async (key) => await cache.get({ key }),
  };
};
const cacheable: MakeLoadingCache = (lruSize, load, tags = []) => {
  const primary = new CacheableMemory({ lruSize, useClone: false, ttl: TTL_MS });
  const cache = new Cacheable({ primary: primary as never, ttl: TTL_MS, tags: tags.length > 0 });
  return {
    name: 'cacheable',
    getOrLoad: async (key) => await cache.getOrSet(key, async () => await load(), { ttl: TTL_MS, tags } as never),
    delete: async (key) => await cache.delete(key),
    clear: async () => await cache.clear(),
    invalidateTag: async (tag) => await cache.tags.invalidateTags([tag]),
    set: async (key, value, own = tags) => await cache.set(key, value, { ttl: TTL_MS, tags: own }),
    get: async (key) => await cache.get(key),
  };
};
const cacheManager: MakeLoadingCache = (_size, load) => {
  const cache = createCacheManager({ ttl: TTL_MS });
  return {
    name: 'cache-manager',
    getOrLoad: async (key) => await cache.wrap(key, async () => await load()),
    delete: async (key) => await cache.del(key),
    clear: async () => await cache.clear(),
    set: async (key, value) => await cache.set(key, value),
  };
};
const dedupe: MakeLoadingCache = (size, load, tags = []) => {
  const made = createDedupe({ ttl: TTL_SECONDS, storage: { type: 'memory', options: { size, invalidation: tags.length > 0 } } });
  made.define('load', { references: () => tags }, async (_key: string) => await load());
  const cache = made as Dedupe & { load(key: string): Promise<unknown> };
  return {
    name: 'async-cache-dedupe',
    getOrLoad: async (key) => await cache.load(key),
    delete: async (key) => await cache.clear('load', key),
    clear: async () => await cache.clear(),
    ...(tags.length > 0 ? { invalidateTag: async (tag: string) => await cache.invalidateAll([tag]) } : {}),
  };
};
const layered: MakeLoadingCache = (maxItems, load) => {
  const cache = new Loader<object>({
    inMemoryCache: { ttlInMsecs: TTL_MS, maxItems, cacheType: 'lru-map' },
    dataSourceGetOneFn: async () => await load(),
  });
  return {
    name: 'layered-loader',
    getOrLoad: async (key) => await cache.get(key),
    delete: async (key) => await cache.invalidateCacheFor(key),
    clear: async () => await cache.invalidateCache(),
    get: (key) => cache.getInMemoryOnly(key),
  };
};

export const LOADING_RIVALS: readonly MakeLoadingCache[] = [lruFetch, bento, cacheable, cacheManager, dedupe, layered];
/** Those of them that know tags and can hold 100,000 entries of one: async-cache-dedupe takes 40 s to let go of them. */
export const TAGGING_RIVALS: readonly MakeLoadingCache[] = [bento, cacheable];
