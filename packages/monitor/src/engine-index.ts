/** `@bellwether/monitor/engine`: what a program built around the engine needs. Services that only want to be watched use `@bellwether/monitor`. */
import './base/disposable-stack.ts';
export { BellwetherError, ERROR_CODES, messageOf, type ErrorCode } from './base/errors.ts';
export type { Clock, Timer } from './base/clock.ts';
export { systemClock } from './base/system-clock.ts';
export { randomIds, type IdSource } from './base/ids.ts';
export { silentLogger, type Logger } from './base/logger.ts';
export { isLabelName, isMetricName, seriesKey, toMetricName, NO_LABELS, type Labels } from './model/labels.ts';
export type { IncomingSeries, MetricKind, MetricMeta, SeriesDescriptor } from './model/metric.ts';
export type { AppendResult, DropReason, Exemplar, SampleBatch, SeriesRef } from './model/sample-batch.ts';
export { breakdownTotal, SEVERITIES, severityBreakdown, severityRank, type Severity, type SeverityBreakdown } from './model/severity.ts';
export type { CacheStatistics, MetricSummary, MetricsSummary } from './model/summary.ts';
export type { CacheEntryInfo, CacheEntryPage } from './model/cache-port.ts';
export type { Matcher, SampleStore, Selector, SeriesView, StoreStats } from './store/sample-store.ts';
export type { StateStore } from './store/state-store.ts';
export type * from './store/state-tables.ts';
export type * from './query/query-engine.ts';
export { isStaleAt } from './model/stale-marker.ts';
export type { Expr, SelectorNode } from './query/parse/ast.ts';
export { FUNCTION_SIGNATURES } from './query/parse/function-signatures.ts';
export { parseExpression } from './query/parse/parse.ts';
export { loadSeries } from './query/test-language/load-series.ts';
export {
  parseSeriesLabels,
  parseSeriesNotation,
  parseSeriesValues,
  type NotatedSeries,
  type NotatedValue,
} from './query/test-language/series-notation.ts';
export { DEFAULT_THRESHOLDS, type Threshold, type Thresholds } from './rules/thresholds.ts';
export type * from './alerts/alerting.ts';
export { backtest, type Backtest, type BacktestFiring, type BacktestWindow } from './alerts/backtest/backtest.ts';
export { ruleOf, ruleOfThreshold } from './alerts/backtest/rule-to-test.ts';
export type * from './deliver/channel.ts';
export { healthStatus, type HealthReport, type HealthStatus } from './diagnose/health-score.ts';
export {
  CATEGORIES,
  PRIORITIES,
  type Category,
  type Evidence,
  type ExpectedGain,
  type Priority,
  type Recommendation,
} from './advise/advisor.ts';
export type { Advisor } from './advise/advisor.ts';
export type * from './engine/engine-api.ts';

export { createEngine, type EngineOptions } from './engine/create-engine.ts';
export { parseTimeInterval, timeIntervalView } from './model/time-interval.ts';
export { incidentTitle, likelyRoot, type Incident } from './alerts/incidents/correlate.ts';
export type { PushedAlert } from './alerts/pushed/pushed-alerts.ts';
export { DEFAULT_LADDER, nextEscalationMs, type NamedLadder } from './alerts/escalation/ladder.ts';
export { matchableLabels } from './alerts/mutes/silences.ts';
export { EVERYBODY, DEFAULT_ROUTE } from './deliver/routing/routing.ts';
export { groupOf, type Route as AlertRoute } from './deliver/routing/route-tree.ts';
export { parseMatchers } from './deliver/routing/parse-matchers.ts';
export type { ChannelConfig } from './deliver/channels/channel-config.ts';
export { newRouteId } from './deliver/saved/read-api-route.ts';
export { shownChannel } from './deliver/saved/secret-fields.ts';
export type { SavedPart } from './engine/notifying.ts';
export { NO_DELIVERY, type DeliveryConfig } from './deliver/delivery-config.ts';
export type { MetricSource, RunningEngine } from './engine/running-engine.ts';
export { createLocalCaches } from './engine/local-caches.ts';
export { ALERTS_IN_FRAME, firstAlerts } from './engine/first-alerts.ts';
export { SELF_METRICS } from './engine/self-metrics.ts';
export { METRICS, type CatalogueEntry } from './instruments/catalogue.ts';
export { createRegistry, type Registry } from './instruments/registry.ts';
export { observeHttp } from './observe/install-observers.ts';
export { SPAN_KINDS, type Span, type SpanKind } from './model/span.ts';
export { TraceRing, type Trace } from './store/trace-ring.ts';
export { observeCaches } from './observe/cache-observer.ts';
export { createRuntimeObservers, type RuntimeObservers } from './collect/runtime/runtime.ts';
export { createQueryEngine } from './query/create-query-engine.ts';
export { openEmbeddedStore } from './store/embedded-store.ts';
export { openDataDir } from './store/data-dir.ts';
export { openSqliteStateStore } from './store/state-store-sqlite.ts';
export { runRuleTests } from './rule-tests/run-tests.ts';
export { parseConfig, type MonitorConfig } from './config.ts';
export { parseThresholds } from './rules/thresholds.ts';
export { parseRuleFiles, readRuleFiles, type RuleFile } from './rules/groups/rule-files.ts';
export type * from './rules/groups/rule-group.ts';
export { runEngineWorker, type ServeApi, type ServedApi } from './thread/worker-host.ts';
export type { ApiOptions, WorkerConfig } from './thread/protocol.ts';
export { VERSION } from './engine/version.ts';
export { redactLabels, redactText } from './instruments/redact-labels.ts';
