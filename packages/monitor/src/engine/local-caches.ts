import type { Clock } from '../base/clock.ts';
import { CACHES_KEY, type CacheEntryInfo, type CacheEntryPage, type ObservableCache } from '../model/cache-port.ts';
import type { CacheLoadTimes, CacheStatistics } from '../model/summary.ts';
import type { CacheControl } from './engine-api.ts';

const oneDecimal = (value: number): number => Math.round(value * 10) / 10;
const percent = (part: number, whole: number): number => (whole === 0 ? 0 : oneDecimal((100 * part) / whole));

const DERIVED: ReadonlySet<string> = new Set(['hit_rate', 'utilization']);

/**
 * Statistics of several caches as if they were one. No cache at all gives zeros. What caches tell beyond the contract as numbers (expirations, loads,
 * …) is added too, and the times of their loads are put together; what a second tier does is told by each cache alone.
 */
export function sumStatistics(all: readonly CacheStatistics[]): CacheStatistics {
  const sums: Record<string, number> = { hits: 0, misses: 0, evictions: 0, total_size: 0, entry_count: 0, max_size: 0 };
  for (const stats of all) {
    for (const [field, value] of Object.entries(stats))
      if (typeof value === 'number' && !DERIVED.has(field)) sums[field] = (sums[field] ?? 0) + value;
  }
  const { hits = 0, misses = 0, evictions = 0, total_size = 0, entry_count = 0, max_size = 0, ...more } = sums;
  const loadTimes = all.flatMap(({ load_seconds: times }) => (times === undefined ? [] : [times]));
  return {
    hits,
    misses,
    evictions,
    hit_rate: percent(hits, hits + misses),
    total_size,
    entry_count,
    max_size,
    utilization: percent(entry_count, max_size),
    ...more,
    ...(loadTimes.length === 0 ? {} : { load_seconds: sumLoadTimes(loadTimes) }),
  };
}

function sumLoadTimes(all: readonly CacheLoadTimes[]): CacheLoadTimes {
  const buckets = new Map<number | null, number>();
  for (const times of all) for (const { le, count } of times.buckets) buckets.set(le, (buckets.get(le) ?? 0) + count);
  return {
    sum: all.reduce((sum, times) => sum + times.sum, 0),
    count: all.reduce((count, times) => count + times.count, 0),
    buckets: [...buckets].map(([le, count]) => ({ le, count })).toSorted((a, b) => (a.le ?? Infinity) - (b.le ?? Infinity)),
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
