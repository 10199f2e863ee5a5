/**
 * Many callers load the same missing key at once, each for itself.
 *
 * Seen from a cache's counters: a miss is followed by a write, and the first write of a key inserts it; when nine others loaded the
 * same key meanwhile, their writes find it there already. So among the writes that follow misses, the share that overwrites a present
 * key is the share of wasted loads. Writes without misses (an application that refreshes its entries) are not counted.
 */
import type { CacheStampede } from './finding.ts';
import { rateText, ratioText } from './number-text.ts';
import { durationText, selectorText } from './promql-text.ts';
import type { CacheReading, InstanceReading } from './reading.ts';

const OVERWRITES_NEEDED = 20;
/** A couple of racing loads is chance; most of them being wasted is not. */
const WASTED_RATIO = 0.4;

export function cacheStampedes(reading: InstanceReading): CacheStampede[] {
  return reading.caches.flatMap((cache) => {
    const loads = Math.min(cache.misses, cache.writes ?? 0);
    const wasted = Math.min(cache.overwrites ?? 0, loads);
    const repeatedRatio = loads === 0 ? 0 : wasted / loads;
    if (wasted < OVERWRITES_NEEDED || repeatedRatio < WASTED_RATIO) return [];
    return [
      {
        kind: 'cache-stampede' as const,
        resource: cache.cache,
        labels: reading.labels,
        severity: 'high' as const,
        facts: facts(reading, cache, repeatedRatio),
        detail: { cache: cache.cache, repeatedRatio, loadsPerSecond: (1000 * loads) / reading.windowMs },
      },
    ];
  });
}

function facts(reading: InstanceReading, cache: CacheReading, repeatedRatio: number): CacheStampede['facts'] {
  const window = durationText(reading.windowMs);
  const labels = { ...reading.labels, cache: cache.cache };
  const perSecond = (1000 * cache.misses) / reading.windowMs;
  return [
    {
      statement: `${ratioText(repeatedRatio)} of its loads fetched what another load had just fetched`,
      expression: `rate(${selectorText('cache_overwrites_total', labels)}[${window}]) / rate(${selectorText('cache_misses_total', labels)}[${window}])`,
      value: repeatedRatio,
      unit: 'ratio',
    },
    {
      statement: `It misses ${rateText(perSecond)}`,
      expression: `rate(${selectorText('cache_misses_total', labels)}[${window}])`,
      value: perSecond,
      unit: 'per_second',
    },
  ];
}
