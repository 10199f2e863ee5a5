import { type EnhancedCache, createEnhancedCache } from './enhanced-cache.ts';
import { parseCacheEnvironment } from './environment.ts';

let instance: EnhancedCache | undefined;

function theCache(): EnhancedCache {
  return (instance ??= createEnhancedCache({ ...parseCacheEnvironment(process.env), name: 'default' }));
}

/**
 * The process's cache, listed as `default`. Made from the CACHE_* variables and BELLWETHER_CACHE_URL at its first use, not at import, so a bad value throws
 * `cache_config_invalid` where the cache is first used; call `parseCacheEnvironment(process.env)` at start to refuse it earlier.
 */
export const enhancedCache: EnhancedCache = new Proxy({} as EnhancedCache, {
  get: (_target, property) => bound(property),
  has: (_target, property) => property in theCache(),
});

/** Methods are bound once each, so that `enhancedCache.get === enhancedCache.get` and a call costs one look-up. */
const methods = new Map<string | symbol, unknown>();

function bound(property: string | symbol): unknown {
  const known = methods.get(property);
  if (known !== undefined) return known;
  const cache = theCache();
  const value: unknown = Reflect.get(cache, property, cache);
  if (typeof value !== 'function') return value;
  const method: unknown = value.bind(cache);
  methods.set(property, method);
  return method;
}
