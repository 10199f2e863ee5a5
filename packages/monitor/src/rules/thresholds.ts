/**
 * Limits of one metric, in the metric's own unit. `critical < warning` says that lower is worse. A bare number is one threshold of
 * severity `high`; `warning` gives `medium`, `critical` gives `critical`.
 */
export type Threshold = number | { readonly warning: number; readonly critical: number };

/** Metric name → limits. */
export type Thresholds = Readonly<Record<string, Threshold>>;

/** What the contract promises when nothing is configured. */
export const DEFAULT_THRESHOLDS: Thresholds = Object.freeze({
  cpu_usage: { warning: 70, critical: 90 },
  memory_usage: { warning: 80, critical: 95 },
  disk_usage: { warning: 85, critical: 95 },
  api_response_time: { warning: 1000, critical: 5000 },
  database_query_time: { warning: 500, critical: 2000 },
  cache_hit_rate: { warning: 70, critical: 50 },
  error_rate: { warning: 5, critical: 10 },
});
