import type { Clock } from '../base/clock.ts';
import { CACHES_KEY, type CacheEntryInfo, type CacheEntryPage, type ObservableCache } from '../model/cache-port.ts';
import type { CacheStatistics } from '../model/summary.ts';
import type { CacheControl } from './engine-api.ts';

const oneDecimal = (value: number): number => Math.round(value * 10) / 10;
const percent = (part: number, whole: number): number => (whole === 0 ? 0 : oneDecimal((100 * part) / whole));

/** Statistics of several caches as if they were one. No cache at all gives zeros. */
export function sumStatistics(all: readonly CacheStatistics[]): CacheStatistics {
  const sum = (field: 'hits' | 'misses' | 'evictions' | 'total_size' | 'entry_count' | 'max_size'): number =>
    all.reduce((total, stats) => total + stats[field], 0);
  const hits = sum('hits');
  const misses = sum('misses');
  const entryCount = sum('entry_count');
  const maxSize = sum('max_size');
  return {
    hits,
    misses,
    evictions: sum('evictions'),
    hit_rate: percent(hits, hits + misses),
    total_size: sum('total_size'),
    entry_count: entryCount,
    max_size: maxSize,
    utilization: percent(entryCount, maxSize),
  };
}

/** The caches of this thread, by name. The map is shared by all copies of the packages in the process. */
export function localCaches(): ReadonlyMap<string, ObservableCache> {
  const registry: unknown = Reflect.get(globalThis, Symbol.for(CACHES_KEY));
  return registry instanceof Map ? registry : new Map();
}

/** One page over several caches, one after the other. */
export function pageOver(
  caches: readonly ObservableCache[],
  page: { readonly tag?: string; readonly offset: number; readonly limit: number },
): CacheEntryPage {
  const entries: CacheEntryInfo[] = [];
  let total = 0;
  for (const cache of caches) {
    const wanted = page.limit - entries.length;
    const part = cache.entryPage({ ...page, offset: Math.max(0, page.offset - total), limit: Math.max(1, wanted) });
    if (wanted > 0) entries.push(...part.entries);
    total += part.total;
  }
  return { entries, total };
}

/** Access to the caches of the thread that calls. */
export function createLocalCaches(clock: Clock): CacheControl {
  const all = (name?: string): ObservableCache[] =>
    [...localCaches().values()].filter((cache) => name === undefined || cache.name === name);
  return {
    stats: async (name) => ({ ...sumStatistics(all(name).map((cache) => cache.stats())), atMs: clock.nowMs() }),
    names: async () => [...localCaches().keys()],
    entryPage: async ({ cache, ...page }) => pageOver(all(cache), page),
    clear: async () => {
      for (const cache of all()) await cache.clear();
    },
    deleteByTags: async (tags) => {
      let removed = 0;
      for (const cache of all()) removed += await cache.deleteByTags(tags);
      return removed;
    },
    cleanup: async () => {
      let removed = 0;
      for (const cache of all()) removed += await cache.cleanup();
      return removed;
    },
  };
}
