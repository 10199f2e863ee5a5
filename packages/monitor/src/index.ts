/** Performance monitoring inside a Node.js process. */
import './base/disposable-stack.ts';
import type { PerformanceMonitor } from './performance-monitor.ts';
import { sharedMonitor } from './shared-monitor.ts';

export { createPerformanceMonitor, PerformanceMonitor } from './performance-monitor.ts';
export type { MetricsReadings, PerformanceMonitorOptions, StartOptions } from './performance-monitor.ts';
export type { AlertReading, MetricReading, RecommendationReading } from './engine/contract-view.ts';
export type { ApiOptions, PushOptions } from './thread/protocol.ts';
export type { HealthReport } from './diagnose/health-score.ts';
export type { CacheStatistics } from './model/summary.ts';
export type { Labels } from './model/labels.ts';
export type { ObservableCache } from './model/cache-port.ts';
export { DEFAULT_THRESHOLDS, type Threshold, type Thresholds } from './rules/thresholds.ts';
export { adoptPromClient, type PromMetric, type PromRegistry } from './adopt/prom-client/feed.ts';
export { nameRoute } from './observe/http/route-name.ts';
export { honoRoutes, koaRoutes } from './observe/http/route-adapters.ts';
export { observePgPool, type PgPoolLike, type PgPoolOptions } from './observe/database/pg-pool.ts';
export { createQueryObserver, type QueryObserver } from './observe/database/query-observer.ts';
export { exemptDatabase } from './observe/database/sqlite.ts';
export type { InstrumentOptions, Rate, Registry } from './instruments/registry.ts';
export { observeCounter, observeGauge, type ObservableOptions } from './instruments/observable.ts';
export type { SpanOptions } from './observe/spans/tracer.ts';
export type { Counter } from './instruments/counter.ts';
export type { Gauge } from './instruments/gauge.ts';
export type { Histogram, Timer as DurationTimer } from './instruments/histogram.ts';
export type { LabelSet } from './instruments/label-index.ts';
export { BellwetherError, ERROR_CODES, type ErrorCode } from './base/errors.ts';
export type { Clock, Timer } from './base/clock.ts';
export { systemClock } from './base/system-clock.ts';

/** The process's own monitor, configured by the environment. */
export const performanceMonitor: PerformanceMonitor = sharedMonitor();
