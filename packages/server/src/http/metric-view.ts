import type { CacheStatistics, MetricsSummary, MetricSummary as EngineSummary } from '@bellwether/monitor/engine';
import type { CacheStats, FullCacheStats, MetricSummary, Summary } from '../api-types.ts';
import { isoTime, rounded } from './time-view.ts';

function metricView(metric: EngineSummary): MetricSummary {
  const { unit } = metric;
  return {
    current: rounded(metric.current, unit),
    average: rounded(metric.average, unit),
    min: rounded(metric.min, unit),
    max: rounded(metric.max, unit),
    unit,
    timestamp: isoTime(metric.atMs),
    samples: metric.samples,
    series: metric.series,
  };
}

export function metricsView(summary: MetricsSummary): Record<string, MetricSummary> {
  return Object.fromEntries(Object.entries(summary).map(([name, metric]) => [name, metricView(metric)]));
}

export function cacheStatsView(stats: CacheStatistics): CacheStats {
  return {
    hits: stats.hits,
    misses: stats.misses,
    evictions: stats.evictions,
    hit_rate: rounded(stats.hit_rate, 'percent'),
    total_size: stats.total_size,
    entry_count: stats.entry_count,
    max_size: stats.max_size,
    utilization: rounded(stats.utilization, 'percent'),
  };
}

/** Totals that a cache may tell beyond the contract. */
const MORE_CACHE_TOTALS = [
  'expirations',
  'invalidations',
  'refused',
  'writes',
  'overwrites',
  'loads',
  'load_failures',
  'load_waits',
  'stale_serves',
  'early_refreshes',
] as const;

/** With all that the caches tell; for summaries and live frames the contract's fields are enough. */
export function fullCacheStatsView(stats: CacheStatistics): FullCacheStats {
  const { load_seconds } = stats;
  const totals = MORE_CACHE_TOTALS.flatMap((field) => (stats[field] === undefined ? [] : [[field, stats[field]] as const]));
  return { ...cacheStatsView(stats), ...Object.fromEntries(totals), ...(load_seconds === undefined ? {} : { load_seconds }) };
}

/** The two fixed members win over metrics of the same name. */
export function summaryView(summary: MetricsSummary, rest: { readonly cache: CacheStatistics; readonly score: number }): Summary {
  return { ...metricsView(summary), cache: cacheStatsView(rest.cache), health_score: rounded(rest.score, 'percent') };
}
