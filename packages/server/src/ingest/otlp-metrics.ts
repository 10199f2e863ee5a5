import { toMetricName, type IncomingSeries, type Labels, type MetricKind, type MetricMeta } from '@bellwether/monitor/engine';
import { classicBuckets } from './exponential-buckets.ts';
import {
  NO_VALUE_FLAG,
  type OtlpAttribute,
  type OtlpExponentialPoint,
  type OtlpHistogramPoint,
  type OtlpMetric,
  type OtlpMetricsRequest,
  type OtlpNumberPoint,
  type OtlpSummaryPoint,
  type OtlpTemporality,
  type OtlpValue,
} from './otlp-model.ts';
import { SeriesBuilder } from './series-builder.ts';
import type { SeriesMemory } from './series-memory.ts';

/** What became of a push: the series understood, and the points that were not, with the reason of the first. */
export interface OtlpResult {
  readonly series: readonly IncomingSeries[];
  readonly rejected: number;
  readonly reason: string;
}

const DELTA = 'delta temporality is not supported: set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative';

function isDelta(temporality: OtlpTemporality | undefined): boolean {
  return temporality === 1 || temporality === 'AGGREGATION_TEMPORALITY_DELTA';
}

export function text(value: OtlpValue | undefined): string {
  if (value === undefined) return '';
  const plain = value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue;
  return plain === undefined ? JSON.stringify(value) : String(plain);
}

function labelName(key: string): string {
  const legal = key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  return /^\d/.test(legal) || legal === '' ? `_${legal}` : legal;
}

function labelsOf(attributes: readonly OtlpAttribute[] | undefined, base: Labels): Labels {
  if (attributes === undefined || attributes.length === 0) return base;
  const labels: Record<string, string> = {};
  for (const { key, value } of attributes) if (key !== undefined) labels[labelName(key)] = text(value);
  return Object.assign(labels, base);
}

/** `service.name` is the job and `service.instance.id` the instance, as Prometheus maps them. */
function resourceLabels(attributes: readonly OtlpAttribute[] = []): Labels {
  const find = (key: string): string => text(attributes.find((attribute) => attribute.key === key)?.value);
  const [namespace, name, instance] = [find('service.namespace'), find('service.name'), find('service.instance.id')];
  const job = namespace === '' ? name : `${namespace}/${name}`;
  return { ...(job === '' ? {} : { job }), ...(instance === '' ? {} : { instance }) };
}

const NANOS_PER_MS = 1_000_000;

/** Nanoseconds exceed 2^53: text keeps its milliseconds exactly by leaving off digits. */
export function timeMs(nanos: string | number | undefined): number {
  if (typeof nanos === 'string' && /^\d{7,}$/.test(nanos)) return Number(nanos.slice(0, -6));
  return nanos === undefined ? Number.NaN : Math.floor(Number(nanos) / NANOS_PER_MS);
}

/** Names and values as Prometheus has them without suffixes: `http.server.duration` → `http_server_duration`. */
class Translation {
  readonly builder: SeriesBuilder;
  rejected = 0;
  reason = '';
  readonly #nowMs: number;

  constructor({ nowMs, memory }: { readonly nowMs: number; readonly memory: SeriesMemory }) {
    this.builder = new SeriesBuilder(memory);
    this.#nowMs = nowMs;
  }

  metric(metric: OtlpMetric, resource: Labels): void {
    const name = toMetricName(metric.name ?? '');
    const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
    const all = [gauge, sum, histogram, exponentialHistogram, summary].reduce((total, part) => total + (part?.dataPoints?.length ?? 0), 0);
    if ((metric.name ?? '') === '') return this.#reject(all, 'a metric has no name');
    if ([sum, histogram, exponentialHistogram].some((part) => isDelta(part?.aggregationTemporality))) return this.#reject(all, DELTA);
    const target = (kind: MetricKind): Target => ({
      name,
      resource,
      meta: { kind, unit: metric.unit ?? '', help: metric.description ?? '' },
    });
    for (const point of gauge?.dataPoints ?? []) this.#number(point, target('gauge'));
    for (const point of sum?.dataPoints ?? []) this.#number(point, target(sum?.isMonotonic === true ? 'counter' : 'gauge'));
    for (const point of histogram?.dataPoints ?? []) this.#histogram(point, target('histogram'));
    for (const point of exponentialHistogram?.dataPoints ?? []) this.#exponential(point, target('histogram'));
    for (const point of summary?.dataPoints ?? []) this.#summary(point, target('gauge'));
  }

  #reject(points: number, reason: string): void {
    this.rejected += points;
    if (points > 0 && this.reason === '') this.reason = reason;
  }

  /** @returns time and labels, `undefined` when the point says that there is no value. */
  #place(point: OtlpNumberPoint | OtlpHistogramPoint, target: Target): Place | undefined {
    if (((point.flags ?? 0) & NO_VALUE_FLAG) !== 0) return undefined;
    const atMs = timeMs(point.timeUnixNano);
    return { atMs: Number.isNaN(atMs) || atMs === 0 ? this.#nowMs : atMs, labels: labelsOf(point.attributes, target.resource) };
  }

  #number(point: OtlpNumberPoint, target: Target): void {
    const place = this.#place(point, target);
    if (place === undefined) return;
    const value = Number(point.asDouble ?? point.asInt);
    if (point.asDouble === undefined && point.asInt === undefined) return this.#reject(1, `${target.name}: a point has no value`);
    this.builder.add({ ...target, ...place, value });
  }

  #histogram(point: OtlpHistogramPoint, target: Target): void {
    const place = this.#place(point, target);
    if (place === undefined) return;
    const { bucketCounts = [], explicitBounds = [] } = point;
    if (bucketCounts.length > 0 && bucketCounts.length !== explicitBounds.length + 1)
      return this.#reject(1, `${target.name}: a histogram has ${bucketCounts.length} counts for ${explicitBounds.length} bounds`);
    let below = 0;
    const counts = bucketCounts.slice(0, explicitBounds.length).map((count) => (below += Number(count)));
    this.#parts({ count: Number(point.count ?? 0), sum: point.sum, bounds: explicitBounds, counts }, { target, place });
  }

  #exponential(point: OtlpExponentialPoint, target: Target): void {
    const place = this.#place(point, target);
    if (place === undefined) return;
    this.#parts({ ...classicBuckets(point), count: Number(point.count ?? 0), sum: point.sum }, { target, place });
  }

  #parts(parts: HistogramParts, { target, place }: { readonly target: Target; readonly place: Place }): void {
    const add = (suffix: string, value: number, labels: Labels = place.labels): void =>
      this.builder.add({ name: `${target.name}${suffix}`, meta: target.meta, labels, atMs: place.atMs, value });
    for (const [index, bound] of parts.bounds.entries()) {
      add('_bucket', parts.counts[index] ?? 0, { ...place.labels, le: boundText(bound) });
    }
    add('_bucket', parts.count, { ...place.labels, le: '+Inf' });
    add('_count', parts.count);
    if (parts.sum !== undefined) add('_sum', parts.sum);
  }

  #summary(point: OtlpSummaryPoint, target: Target): void {
    const place = this.#place(point, target);
    if (place === undefined) return;
    const counter: MetricMeta = { ...target.meta, kind: 'counter' };
    for (const { quantile = 0, value = 0 } of point.quantileValues ?? [])
      this.builder.add({ ...target, atMs: place.atMs, labels: { ...place.labels, quantile: String(quantile) }, value });
    this.builder.add({ ...place, name: `${target.name}_count`, meta: counter, value: Number(point.count ?? 0) });
    this.builder.add({ ...place, name: `${target.name}_sum`, meta: counter, value: point.sum ?? 0 });
  }
}

interface Target {
  readonly name: string;
  readonly resource: Labels;
  readonly meta: MetricMeta;
}
interface Place {
  readonly atMs: number;
  readonly labels: Labels;
}
interface HistogramParts {
  readonly count: number;
  readonly sum: number | undefined;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** Prometheus writes whole bounds as `1.0` in 3.x; the two must not become different series, so one form is kept. */
function boundText(bound: number): string {
  return Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : String(bound);
}

/** Translates a push. Never throws for odd points: they are counted as rejected, with a reason. `nowMs` is the time of points without one. */
export function translateOtlp(request: OtlpMetricsRequest, options: { readonly nowMs: number; readonly memory: SeriesMemory }): OtlpResult {
  const translation = new Translation(options);
  for (const { resource, scopeMetrics } of request.resourceMetrics ?? []) {
    const labels = resourceLabels(resource?.attributes);
    for (const scope of scopeMetrics ?? []) for (const metric of scope.metrics ?? []) translation.metric(metric, labels);
  }
  return { series: translation.builder.build(), rejected: translation.rejected, reason: translation.reason };
}
