import type { Labels } from '../model/labels.ts';
import type { MetricMeta } from '../model/metric.ts';

/** Samples of one series on their way out, oldest first. */
export interface OtlpSeries {
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  readonly meta: MetricMeta | undefined;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}
interface DataPoint {
  readonly attributes: readonly KeyValue[];
  readonly timeUnixNano: string;
  readonly asDouble: number;
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly gauge?: { readonly dataPoints: DataPoint[] };
  readonly sum?: { readonly aggregationTemporality: 2; readonly isMonotonic: true; readonly dataPoints: DataPoint[] };
}

/** ExportMetricsServiceRequest in OTLP's JSON encoding, as far as gauges and cumulative sums need it. */
export interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly { readonly scope: { readonly name: string }; readonly metrics: readonly Metric[] }[];
  }[];
}

const attribute = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
const attributes = (labels: Labels): KeyValue[] => Object.entries(labels).map(([key, value]) => attribute(key, value));

const CUMULATIVE = /_(total|count|sum|bucket)$/;

function newMetric(series: OtlpSeries, dataPoints: DataPoint[]): Metric {
  const common = { name: series.name, unit: series.meta?.unit ?? '', description: series.meta?.help ?? '' };
  const isCumulative =
    series.meta === undefined ? CUMULATIVE.test(series.name) : series.meta.kind === 'counter' || series.meta.kind === 'histogram';
  return isCumulative
    ? { ...common, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }
    : { ...common, gauge: { dataPoints } };
}

/** One metric per name, its series told apart by attributes. Values that JSON cannot hold (NaN, infinities) are left out. */
export function otlpRequest(series: readonly OtlpSeries[], resource: { readonly service: string; readonly instance: string }): OtlpRequest {
  const metrics = new Map<string, { readonly metric: Metric; readonly dataPoints: DataPoint[] }>();
  for (const one of series) {
    let entry = metrics.get(one.name);
    if (entry === undefined) {
      const dataPoints: DataPoint[] = [];
      entry = { metric: newMetric(one, dataPoints), dataPoints };
      metrics.set(one.name, entry);
    }
    const shared = attributes(one.labels);
    for (const [index, value] of one.values.entries()) {
      if (!Number.isFinite(value)) continue;
      entry.dataPoints.push({ attributes: shared, timeUnixNano: nanos(one.timesMs[index] as number), asDouble: value });
    }
  }
  return {
    resourceMetrics: [
      {
        resource: { attributes: [attribute('service.name', resource.service), attribute('service.instance.id', resource.instance)] },
        scopeMetrics: [{ scope: { name: 'bellwether' }, metrics: [...metrics.values()].map((entry) => entry.metric) }],
      },
    ],
  };
}

/** Nanoseconds exceed 2^53, so they travel as decimal text. */
function nanos(atMs: number): string {
  return (BigInt(Math.round(atMs * 1000)) * 1000n).toString();
}
