export { aggregators, AggregatorFactory } from './aggregators.ts';
export { AggregatorRegistry } from './aggregator-registry.ts';
export { exponentialBuckets, linearBuckets } from './buckets.ts';
export { Counter, type CounterConfiguration, type CounterIncrement } from './counter.ts';
export { collectDefaultMetrics, type DefaultMetricsConfiguration } from './default-metrics.ts';
export { Gauge, type GaugeConfiguration } from './gauge.ts';
export { Histogram, type HistogramConfiguration, type HistogramObservation } from './histogram.ts';
export type { LabelValues } from './label-table.ts';
export { Metric, type MetricConfiguration } from './metric.ts';
export type { Aggregator, Exemplar, MetricObject, MetricType, MetricValue } from './metric-object.ts';
export {
  OPENMETRICS_CONTENT_TYPE as openMetricsContentType,
  PROMETHEUS_CONTENT_TYPE as contentType,
  PROMETHEUS_CONTENT_TYPE as prometheusContentType,
  register,
  Registry,
  type RegistryContentType,
} from './registry.ts';
export { Summary, type SummaryConfiguration } from './summary.ts';
export { isMetricName as validateMetricName } from '../../model/labels.ts';
