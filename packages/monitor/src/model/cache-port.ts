import type { CacheStatistics } from './summary.ts';

/** One cache entry as the API shows it: never its value. `ttlSeconds` is the time left, `null` when it never expires. */
export interface CacheEntryInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly ttlSeconds: number | null;
  readonly tags: readonly string[];
}

export interface CacheEntryPage {
  readonly entries: readonly CacheEntryInfo[];
  /** Entries that match, on all pages together. */
  readonly total: number;
}

/**
 * What the monitor needs of a cache. `@bellwether/cache` fits and lists its instances under `CACHES_KEY`; so may any other cache.
 * The monitor never imports the cache package, nor the cache the monitor.
 */
export interface ObservableCache {
  readonly name: string;
  stats(): CacheStatistics;
  /** Entries in no promised order that carry `tag` (all without one). @param page `offset` ≥ 0, `limit` 1 to 1,000. */
  entryPage(page: { readonly tag?: string; readonly offset: number; readonly limit: number }): CacheEntryPage;
  clear(): Promise<void>;
  /** Removes entries that have any of the tags; returns their number. */
  deleteByTags(tags: readonly string[]): Promise<number>;
  /** Removes expired entries; returns their number. */
  cleanup(): number | Promise<number>;
}

/** `globalThis[Symbol.for(CACHES_KEY)]` is a `Map<string, ObservableCache>` of the process's live caches by name, made by whoever comes first. */
export const CACHES_KEY = 'bellwether.caches';
