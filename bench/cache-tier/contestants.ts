import { createEnhancedCache, createRedisTier } from '@bellwether/cache';
import KeyvRedis from '@keyv/redis';
import { RedisMessageProvider } from '@qified/redis';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { Cacheable } from 'cacheable';

/** One process's cache: memory, Redis and a bus, all through one port. */
export interface Instance {
  get(key: string): Promise<unknown>;
  getOrLoad(key: string, load: () => Promise<unknown>): Promise<unknown>;
  /** With the tag `t`. */
  set(key: string, value: unknown): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** Invalidates what has the tag `t`. */
  deleteTag(): Promise<unknown>;
  close(): unknown;
}

export interface Contestant {
  readonly name: string;
  start(port: number): Promise<Instance>;
}

const TAGS = ['t'];
const TTL_SECONDS = 600;

const ours: Contestant = {
  name: 'bellwether',
  async start(port) {
    const cache = createEnhancedCache({ tier: createRedisTier({ url: `redis://127.0.0.1:${port}` }) });
    return {
      get: (key) => cache.get(key),
      getOrLoad: (key, load) => cache.getOrLoad(key, load, { ttl: TTL_SECONDS, tags: TAGS }),
      set: (key, value) => cache.set(key, value, { ttl: TTL_SECONDS, tags: TAGS }),
      delete: (key) => cache.delete(key),
      deleteTag: () => cache.deleteByTags(TAGS),
      close: () => cache.dispose(),
    };
  },
};

const bentocache: Contestant = {
  name: 'bentocache',
  async start(port) {
    const connection = { host: '127.0.0.1', port };
    const store = bentostore()
      .useL1Layer(memoryDriver({ maxItems: 10_000 }))
      .useL2Layer(redisDriver({ connection }))
      .useBus(redisBusDriver({ connection }));
    const cache = new BentoCache({ default: 'main', stores: { main: store }, suppressL2Errors: true });
    const ttl = TTL_SECONDS * 1000;
    return {
      get: (key) => cache.get({ key }),
      getOrLoad: (key, factory) => cache.getOrSet({ key, factory, ttl, tags: TAGS }),
      set: (key, value) => cache.set({ key, value, ttl, tags: TAGS }),
      delete: (key) => cache.delete({ key }),
      deleteTag: () => cache.deleteByTag({ tags: TAGS }),
      close: () => cache.disconnectAll(),
    };
  },
};

const cacheable: Contestant = {
  name: 'cacheable',
  async start(port) {
    const uri = `redis://127.0.0.1:${port}`;
    const secondary = new KeyvRedis(uri);
    secondary.on('error', () => undefined);
    const qified = new RedisMessageProvider({ uri });
    const cache = new Cacheable({ secondary, sync: { qified }, tags: true });
    cache.on('error', () => undefined);
    const ttl = TTL_SECONDS * 1000;
    return {
      get: (key) => cache.get(key),
      getOrLoad: (key, load) => cache.getOrSet(key, load, { ttl }),
      set: (key, value) => cache.set(key, value, { ttl, tags: TAGS }),
      delete: (key) => cache.delete(key),
      deleteTag: () => cache.tags.invalidateTag('t'),
      close: async () => {
        await cache.disconnect();
        await qified.disconnect();
      },
    };
  },
};

export const CONTESTANTS: readonly Contestant[] = [ours, bentocache, cacheable];
