import { CACHES_KEY, type ObservableCache } from '../model/cache-port.ts';
import type { CacheStatistics } from '../model/summary.ts';
import { metaOf } from '../instruments/catalogue.ts';
import type { Gauge } from '../instruments/gauge.ts';
import type { Registry } from '../instruments/registry.ts';

/** A hit rate over fewer look-ups is chance. */
const LOOKUPS_NEEDED = 20;

interface Seen {
  hits: number;
  misses: number;
}

const MORE_COUNTERS = ['writes', 'overwrites', 'expirations', 'loads', 'load_failures', 'load_waits', 'stale_serves'] as const;
const COUNTERS = ['hits', 'misses', 'evictions', ...MORE_COUNTERS] as const;

/**
 * Reads every cache of this process at each drain: what `@bellwether/cache` lists, and whatever else is listed under `CACHES_KEY`. The hit rate is
 * that of the look-ups since it was last told, so it follows the present and not the average of a lifetime.
 */
export function observeCaches(registry: Registry): Disposable {
  const counters = new Map<string, CumulativeCounter>();
  const gauge = (name: string): Gauge => registry.gauge(name, metaOf(name));
  const gauges = {
    entries: gauge('cache_entries'),
    maxEntries: gauge('cache_max_entries'),
    sizeBytes: gauge('cache_size_bytes'),
    utilization: gauge('cache_utilization'),
  };
  const seen = new WeakMap<ObservableCache, Seen>();
  const observe = (cache: ObservableCache): void => {
    const stats = cache.stats();
    const labels = { cache: cache.name };
    gauges.entries.set(stats.entry_count, labels);
    gauges.maxEntries.set(stats.max_size, labels);
    gauges.sizeBytes.set(stats.total_size, labels);
    gauges.utilization.set(stats.utilization, labels);
    const reach = (name: string, total: number | undefined): void => {
      if (total === undefined) return;
      const key = `${name}\0${cache.name}`;
      let counter = counters.get(key);
      if (counter === undefined) counters.set(key, (counter = new CumulativeCounter(registry, name, labels)));
      counter.reach(total);
    };
    for (const field of COUNTERS) reach(`cache_${field}_total`, stats[field]);
    reach('cache_load_seconds_total', stats.load_seconds?.sum);
    const last = seen.get(cache) ?? { hits: 0, misses: 0 };
    const rate = hitRate(stats, last);
    if (rate === undefined) return;
    registry.recordCustom('cache_hit_rate', rate, 'percent', labels);
    seen.set(cache, { hits: stats.hits, misses: stats.misses });
  };
  return registry.onDrain(() => {
    const caches: unknown = Reflect.get(globalThis, Symbol.for(CACHES_KEY));
    if (!(caches instanceof Map)) return;
    for (const cache of caches.values() as IterableIterator<ObservableCache>) observe(cache);
  });
}

/** Percent, with one decimal; `undefined` while there are too few look-ups to tell. */
function hitRate(stats: CacheStatistics, last: Seen): number | undefined {
  // Statistics that went back were reset.
  const wasReset = stats.hits < last.hits || stats.misses < last.misses;
  const hits = stats.hits - (wasReset ? 0 : last.hits);
  const lookups = hits + stats.misses - (wasReset ? 0 : last.misses);
  return lookups < LOOKUPS_NEEDED ? undefined : Math.round((1000 * hits) / lookups) / 10;
}

/** A counter of ours that follows a total kept elsewhere; a total that falls was reset and counts from 0 again. */
export class CumulativeCounter {
  readonly #add: (step: number) => void;
  #total = 0;

  constructor(registry: Registry, name: string, labels: Readonly<Record<string, string>>) {
    const bound = registry.counter(name, metaOf(name)).with(labels);
    this.#add = (step) => bound.add(step);
  }
  reach(total: number): void {
    if (!Number.isFinite(total)) return;
    this.#add(total < this.#total ? total : total - this.#total);
    this.#total = total;
  }
}
