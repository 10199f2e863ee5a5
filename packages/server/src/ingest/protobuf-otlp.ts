/**
 * OTLP metrics in their protobuf encoding, read into the shapes of the JSON encoding. Only fields that are used are decoded; all others are
 * skipped, as protobuf asks. Field numbers are those of opentelemetry-proto 1.x, which promises never to change them.
 */
import type { PbfReader } from 'pbf';
import type {
  OtlpAttribute,
  OtlpBuckets,
  OtlpExponentialPoint,
  OtlpHistogramPoint,
  OtlpMetric,
  OtlpMetricsRequest,
  OtlpNumberPoint,
  OtlpSummaryPoint,
  OtlpValue,
} from './otlp-model.ts';
import { StrictReader } from './strict-reader.ts';

/** A message while it is being read. */
export type Draft<T> = { -readonly [K in keyof T]?: T[K] };
export type Reader<T> = (tag: number, draft: T, pbf: PbfReader) => void;

export function list<T>(items: readonly T[] | undefined, item: T): T[] {
  const grown = (items ?? []) as T[];
  grown.push(item);
  return grown;
}

/** Reads the bytes as they lie: 64-bit nanoseconds lose nothing that milliseconds need. */
function nanos(pbf: PbfReader): number {
  return pbf.readFixed64();
}

const readValue: Reader<Draft<OtlpValue>> = (tag, value, pbf) => {
  if (tag === 1) value.stringValue = pbf.readString();
  else if (tag === 2) value.boolValue = pbf.readBoolean();
  else if (tag === 3) value.intValue = pbf.readVarint(true);
  else if (tag === 4) value.doubleValue = pbf.readDouble();
};
export const readAttribute: Reader<Draft<OtlpAttribute>> = (tag, attribute, pbf) => {
  if (tag === 1) attribute.key = pbf.readString();
  else if (tag === 2) attribute.value = pbf.readMessage(readValue, {});
};

const readNumberPoint: Reader<Draft<OtlpNumberPoint>> = (tag, point, pbf) => {
  if (tag === 3) point.timeUnixNano = nanos(pbf);
  else if (tag === 4) point.asDouble = pbf.readDouble();
  else if (tag === 6) point.asInt = pbf.readSFixed64();
  else if (tag === 7) point.attributes = list(point.attributes, pbf.readMessage(readAttribute, {}));
  else if (tag === 8) point.flags = pbf.readVarint();
};

const readHistogramPoint: Reader<Draft<OtlpHistogramPoint>> = (tag, point, pbf) => {
  if (tag === 3) point.timeUnixNano = nanos(pbf);
  else if (tag === 4) point.count = pbf.readFixed64();
  else if (tag === 5) point.sum = pbf.readDouble();
  else if (tag === 6) point.bucketCounts = pbf.readPackedFixed64((point.bucketCounts ?? []) as number[]);
  else if (tag === 7) point.explicitBounds = pbf.readPackedDouble((point.explicitBounds ?? []) as number[]);
  else if (tag === 9) point.attributes = list(point.attributes, pbf.readMessage(readAttribute, {}));
  else if (tag === 10) point.flags = pbf.readVarint();
};

const readBuckets: Reader<Draft<OtlpBuckets>> = (tag, buckets, pbf) => {
  if (tag === 1) buckets.offset = pbf.readSVarint();
  else if (tag === 2) buckets.bucketCounts = pbf.readPackedVarint((buckets.bucketCounts ?? []) as number[]);
};

const readExponentialPoint: Reader<Draft<OtlpExponentialPoint>> = (tag, point, pbf) => {
  if (tag === 1) point.attributes = list(point.attributes, pbf.readMessage(readAttribute, {}));
  else if (tag === 3) point.timeUnixNano = nanos(pbf);
  else if (tag === 4) point.count = pbf.readFixed64();
  else if (tag === 5) point.sum = pbf.readDouble();
  else if (tag === 6) point.scale = pbf.readSVarint();
  else if (tag === 7) point.zeroCount = pbf.readFixed64();
  else if (tag === 8) point.positive = pbf.readMessage(readBuckets, {});
  else if (tag === 9) point.negative = pbf.readMessage(readBuckets, {});
  else if (tag === 10) point.flags = pbf.readVarint();
  else if (tag === 14) point.zeroThreshold = pbf.readDouble();
};

const readQuantile: Reader<{ quantile?: number; value?: number }> = (tag, quantile, pbf) => {
  if (tag === 1) quantile.quantile = pbf.readDouble();
  else if (tag === 2) quantile.value = pbf.readDouble();
};
const readSummaryPoint: Reader<Draft<OtlpSummaryPoint>> = (tag, point, pbf) => {
  if (tag === 3) point.timeUnixNano = nanos(pbf);
  else if (tag === 4) point.count = pbf.readFixed64();
  else if (tag === 5) point.sum = pbf.readDouble();
  else if (tag === 6) point.quantileValues = list(point.quantileValues, pbf.readMessage(readQuantile, {}));
  else if (tag === 7) point.attributes = list(point.attributes, pbf.readMessage(readAttribute, {}));
  else if (tag === 8) point.flags = pbf.readVarint();
};

/** The kinds of data are alike: points in field 1, temporality in 2, monotonic in 3. */
interface DraftData<Point> {
  dataPoints?: Point[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}
function dataReader<Point extends object>(readPoint: Reader<Point>): Reader<DraftData<Point>> {
  return (tag, data, pbf) => {
    if (tag === 1) data.dataPoints = list(data.dataPoints, pbf.readMessage(readPoint, {} as Point));
    else if (tag === 2) data.aggregationTemporality = pbf.readVarint();
    else if (tag === 3) data.isMonotonic = pbf.readBoolean();
  };
}
const readNumberData = dataReader(readNumberPoint);
const readHistogramData = dataReader(readHistogramPoint);
const readExponentialData = dataReader(readExponentialPoint);
const readSummaryData = dataReader(readSummaryPoint);

const readMetric: Reader<Draft<OtlpMetric>> = (tag, metric, pbf) => {
  if (tag === 1) metric.name = pbf.readString();
  else if (tag === 2) metric.description = pbf.readString();
  else if (tag === 3) metric.unit = pbf.readString();
  else if (tag === 5) metric.gauge = pbf.readMessage(readNumberData, {});
  else if (tag === 7) metric.sum = pbf.readMessage(readNumberData, {});
  else if (tag === 9) metric.histogram = pbf.readMessage(readHistogramData, {});
  else if (tag === 10) metric.exponentialHistogram = pbf.readMessage(readExponentialData, {});
  else if (tag === 11) metric.summary = pbf.readMessage(readSummaryData, {});
};

const readScope: Reader<{ metrics?: OtlpMetric[] }> = (tag, scope, pbf) => {
  if (tag === 2) scope.metrics = list(scope.metrics, pbf.readMessage(readMetric, {}));
};
const readResource: Reader<{ attributes?: OtlpAttribute[] }> = (tag, resource, pbf) => {
  if (tag === 1) resource.attributes = list(resource.attributes, pbf.readMessage(readAttribute, {}));
};
const readResourceMetrics: Reader<{ resource?: { attributes?: OtlpAttribute[] }; scopeMetrics?: { metrics?: OtlpMetric[] }[] }> = (
  tag,
  entry,
  pbf,
) => {
  if (tag === 1) entry.resource = pbf.readMessage(readResource, {});
  else if (tag === 2) entry.scopeMetrics = list(entry.scopeMetrics, pbf.readMessage(readScope, {}));
};

/** @throws Error for bytes that are no such message. */
export function decodeOtlp(bytes: Uint8Array): OtlpMetricsRequest {
  const resourceMetrics: NonNullable<OtlpMetricsRequest['resourceMetrics']>[number][] = [];
  new StrictReader(bytes).readFields((tag, _result, pbf) => {
    if (tag === 1) resourceMetrics.push(pbf.readMessage(readResourceMetrics, {}));
  }, undefined);
  return { resourceMetrics };
}
