/**
 * A cache that answers too seldom, and why: it is *too small* when it is full and keeps evicting what is asked for again (evictions keep
 * pace with misses); otherwise its keys are asked for only once, live too briefly or are invalidated too often.
 */
import type { Thresholds } from '../rules/thresholds.ts';
import type { LowHitRate } from './finding.ts';
import { limitsOf } from './limits.ts';
import { rateText } from './number-text.ts';
import { durationText, selectorText } from './promql-text.ts';
import { shareOf, type CacheReading, type InstanceReading } from './reading.ts';

const LOOKUPS_NEEDED = 50;
const FULL_RATIO = 0.9;
/** Below this, evictions are housekeeping and not the cause of the misses. */
const EVICTIONS_PER_MISS = 0.3;

export function lowHitRates(reading: InstanceReading, thresholds: Thresholds): LowHitRate[] {
  const limits = limitsOf(thresholds, 'cache_hit_rate', { warning: 70, critical: 50 });
  return reading.caches.flatMap((cache) => {
    const lookups = cache.hits + cache.misses;
    const hitRatio = shareOf(cache.hits, lookups);
    if (lookups < LOOKUPS_NEEDED || 100 * hitRatio >= limits.warning) return [];
    const isFull = cache.entries === undefined || cache.maxEntries === undefined || cache.entries >= FULL_RATIO * cache.maxEntries;
    return [
      {
        kind: 'low-hit-rate' as const,
        resource: cache.cache,
        labels: reading.labels,
        severity: 100 * hitRatio <= limits.critical ? ('high' as const) : ('medium' as const),
        facts: facts(reading, cache, hitRatio),
        detail: {
          cache: cache.cache,
          hitRatio,
          wantedRatio: limits.warning / 100,
          tooSmall: isFull && cache.evictions >= EVICTIONS_PER_MISS * cache.misses,
          maxEntries: cache.maxEntries,
          evictionsPerMissRatio: shareOf(cache.evictions, cache.misses),
        },
      },
    ];
  });
}

function facts(reading: InstanceReading, cache: CacheReading, hitRatio: number): LowHitRate['facts'] {
  const window = durationText(reading.windowMs);
  const labels = { ...reading.labels, cache: cache.cache };
  const rate = (counter: string): string => `rate(${selectorText(counter, labels)}[${window}])`;
  const perSecond = (1000 * cache.evictions) / reading.windowMs;
  return [
    {
      statement: `${(100 * hitRatio).toFixed(1)} % of ${Math.round(cache.hits + cache.misses)} look-ups were answered from the cache`,
      expression: `100 * ${rate('cache_hits_total')} / (${rate('cache_hits_total')} + ${rate('cache_misses_total')})`,
      value: 100 * hitRatio,
      unit: 'percent',
    },
    {
      statement: `It evicts ${rateText(perSecond)}${cache.maxEntries === undefined ? '' : ` to stay within ${cache.maxEntries} entries`}`,
      expression: rate('cache_evictions_total'),
      value: perSecond,
      unit: 'per_second',
    },
  ];
}
