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

/** Contract's cache statistics. `hit_rate` and `utilization` are percentages, `total_size` bytes, `max_size` entries. */
export interface CacheStatistics {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly hit_rate: number;
  readonly total_size: number;
  readonly entry_count: number;
  readonly max_size: number;
  readonly utilization: number;
}
