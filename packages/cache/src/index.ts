export { type CacheClock, type CacheTimer } from './base/clock.ts';
export { CACHE_ERROR_CODES, CacheError, type CacheErrorCode } from './base/errors.ts';
export { EnhancedCache, createEnhancedCache } from './enhanced-cache.ts';
export { type CacheEnvironment, parseCacheEnvironment } from './environment.ts';
export type { DumpRecord } from './loading/dump.ts';
export type { LoadOptions, LoadPolicy } from './loading/load-options.ts';
export type { LoadContext } from './loading/load-pipeline.ts';
export type { CacheEventName, CacheEvents, CacheListener } from './events/cache-events.ts';
export { CacheNamespace, type NamespaceOptions } from './keys/namespace.ts';
export { type AnyFunction, type CacheDecorator, type Wrapped } from './keys/wrapping.ts';
export { type CacheOptions } from './options.ts';
export type { SizeAdvice, SizeForecast } from './policy/size-advice.ts';
export { type RedisTierOptions, createRedisTier } from './tiers/redis/create-redis-tier.ts';
export { type RedisClient } from './tiers/redis/redis-client.ts';
export type { LocalMemory, SecondTier, TierEntry, TierLoad, TierStatistics } from './tiers/second-tier.ts';
export { type TierOptions } from './tiers/tier-options.ts';
export { enhancedCache } from './singleton.ts';
export type {
  CacheEntryInfo,
  CacheEntryPage,
  CacheEntryPageRequest,
  CacheGroupStatistics,
  CacheStatistics,
  EntryOptions,
  InvalidationPreview,
  LoadReport,
  LoadStatistics,
  WarmEntry,
  WarmOptions,
  WarmReport,
  WrapOptions,
} from './types.ts';
