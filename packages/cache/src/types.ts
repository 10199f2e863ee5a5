import type { LoadOptions } from './loading/load-options.ts';
import type { TierStatistics } from './tiers/second-tier.ts';

/** Options of one entry. */
export interface EntryOptions {
  /** Lifetime in seconds, above 0 up to ten years; `null`: never expires. @default the cache's `defaultTtl` */
  readonly ttl?: number | null;
  /** Tags by which it can be invalidated. `market/456` lies below `market`. @default none */
  readonly tags?: readonly string[];
}

/** Options of `wrap` and `cacheDecorator`: those of a load, and what makes the key. */
export interface WrapOptions<Args extends readonly unknown[] = readonly unknown[], T = unknown> extends Omit<
  LoadOptions<T>,
  'tags' | 'signal'
> {
  /** First part of the keys. @default the function's name */
  readonly keyPrefix?: string;
  /** Tags of every result, or a function from the arguments to them. @default none */
  readonly tags?: readonly string[] | ((...args: Args) => readonly string[]);
  /** Text that tells calls apart, instead of the encoded arguments. */
  readonly key?: (...args: Args) => string;
}

/** Statistics as monitors and the HTTP API read them. Rates are percentages with at most one decimal. */
export interface CacheStatistics extends LoadStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Entries that had to leave for lack of room. */
  readonly evictions: number;
  /** Entries that expired and were found so, by a read or a sweep. */
  readonly expirations: number;
  /** Entries given back because a tag of theirs was invalidated. Follows the background sweep. */
  readonly invalidations: number;
  /** Values that were not kept because each alone exceeds `maxBytes`. */
  readonly refused: number;
  readonly writes: number;
  /** Writes that met a live entry. Many of them beside many misses: concurrent callers load the same key, each for itself. */
  readonly overwrites: number;
  /** 100 · hits / (hits + misses); 0 before the first read. */
  readonly hit_rate: number;
  /** Estimated bytes of keys and values; above 1,024 entries extrapolated from a sample, unless `maxBytes` is given: then what was weighed. */
  readonly total_size: number;
  readonly entry_count: number;
  readonly max_size: number;
  /** 100 · entry_count / max_size. */
  readonly utilization: number;
  /** What the second tier did, if there is one. The figures above are memory's: what the tier answers is a miss there. */
  readonly tier?: TierStatistics;
}

/** Loads of a cache. Rates and times in base units. */
export interface LoadStatistics {
  /** Loads that began. */
  readonly loads: number;
  readonly load_failures: number;
  /** Calls that shared the load of another. */
  readonly load_waits: number;
  /** Answers with a value past its `ttl`. Each of them also counts as a miss. */
  readonly stale_serves: number;
  /** Loads that began before the value expired, by `earlyRefresh`. */
  readonly early_refreshes: number;
  /** Time of the loads that succeeded. `le` is a bucket's upper bound in seconds, `null` for the one without; counts are not cumulative. */
  readonly load_seconds: {
    readonly sum: number;
    readonly count: number;
    readonly buckets: readonly { readonly le: number | null; readonly count: number }[];
  };
}

/** One group of keys, or one tag with all below it. Reads and sizes are estimated from samples, loads are exact. */
export interface CacheGroupStatistics {
  /** The group; `(other)` for all beyond the first 100. */
  readonly name: string;
  readonly hits: number;
  /** Of a tag: its loads, because a key that is not there has no tags. */
  readonly misses: number;
  readonly hit_rate: number;
  readonly entry_count: number;
  readonly total_size: number;
  readonly loads: number;
  readonly load_failures: number;
  /** Time of its loads together. */
  readonly load_seconds: number;
  readonly stale_serves: number;
}

/** What `deleteByTags` would do. */
export interface InvalidationPreview {
  /** Entries that would go, values kept as stale ones included. */
  readonly entries: number;
  /** Those of them whose load was measured. */
  readonly measuredEntries: number;
  /** Sum of their last load times: what loading them again would cost in total. */
  readonly reloadSeconds: number;
}

/** One entry as shown to people: never its value. */
export interface CacheEntryInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** Seconds left, `null` when it never expires. */
  readonly ttlSeconds: number | null;
  readonly tags: readonly string[];
}

export interface CacheEntryPage {
  readonly entries: readonly CacheEntryInfo[];
  /** Entries that match, on all pages together. */
  readonly total: number;
}

export interface CacheEntryPageRequest {
  readonly tag?: string;
  /** ≥ 0 */
  readonly offset: number;
  /** 1 to 1,000 */
  readonly limit: number;
}

/** One entry to warm the cache with: its value, or a function that loads it. */
export type WarmEntry = EntryOptions & { readonly key: string } & ({ readonly value: unknown } | { readonly load: () => unknown });

export interface WarmOptions {
  /** Loads at the same time, a whole number ≥ 1. @default 4 */
  readonly concurrency?: number;
  /** Called after each entry. */
  readonly onProgress?: (progress: WarmReport) => void;
}

/** How `load()` went. */
export interface LoadReport {
  readonly loaded: number;
  /** Expired, there already, or overtaken by a write or an invalidation. */
  readonly skipped: number;
  /** Records that are none: a key, tag or time that is not allowed. */
  readonly failed: number;
}

/** How a warming went. A failed load is counted and does not stop the others. */
export interface WarmReport {
  readonly total: number;
  readonly loaded: number;
  readonly failed: number;
}
