/**
 * One metric over the trailing hour: `current` is the newest sample, the rest are over all samples of the window. `samples` is the
 * number they rest on, `atMs` the newest sample's time. With several label sets `current` is the newest of any of them and `series` counts them.
 */
export interface MetricSummary {
  readonly current: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly atMs: number;
  readonly samples: number;
  readonly series: number;
}

/** Metric name → summary. */
export type MetricsSummary = Readonly<Record<string, MetricSummary>>;

/** Times of the loads of a cache that succeeded. `le`: upper bound of a bucket in seconds, `null` for the one without; counts are not cumulative. */
export interface CacheLoadTimes {
  readonly sum: number;
  readonly count: number;
  readonly buckets: readonly { readonly le: number | null; readonly count: number }[];
}

/** What a cache may tell beyond the contract: totals since its start, but for `load_seconds`. */
export interface MoreCacheStatistics {
  readonly expirations?: number;
  readonly invalidations?: number;
  readonly refused?: number;
  readonly writes?: number;
  readonly overwrites?: number;
  readonly loads?: number;
  readonly load_failures?: number;
  readonly load_waits?: number;
  readonly stale_serves?: number;
  readonly early_refreshes?: number;
  readonly load_seconds?: CacheLoadTimes;
}

/** Contract's cache statistics. `hit_rate` and `utilization` are percentages, `total_size` bytes, `max_size` entries. */
export interface CacheStatistics extends MoreCacheStatistics {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly hit_rate: number;
  readonly total_size: number;
  readonly entry_count: number;
  readonly max_size: number;
  readonly utilization: number;
}
