/**
 * OTLP metrics as far as they are understood, in the names of its JSON encoding. Sixty-four-bit integers come as text or numbers; everything
 * may be missing, and unknown members are ignored, as the protocol asks.
 */
export interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}
export interface OtlpAttribute {
  readonly key?: string;
  readonly value?: OtlpValue;
}
interface Point {
  readonly attributes?: readonly OtlpAttribute[];
  readonly timeUnixNano?: string | number;
  readonly flags?: number;
}
export interface OtlpNumberPoint extends Point {
  readonly asDouble?: number | string;
  readonly asInt?: string | number;
}
export interface OtlpHistogramPoint extends Point {
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
}
export interface OtlpBuckets {
  readonly offset?: number;
  readonly bucketCounts?: readonly (string | number)[];
}
export interface OtlpExponentialPoint extends Point {
  readonly count?: string | number;
  readonly sum?: number;
  readonly scale?: number;
  readonly zeroCount?: string | number;
  readonly zeroThreshold?: number;
  readonly positive?: OtlpBuckets;
  readonly negative?: OtlpBuckets;
}
export interface OtlpSummaryPoint extends Point {
  readonly count?: string | number;
  readonly sum?: number;
  readonly quantileValues?: readonly { readonly quantile?: number; readonly value?: number }[];
}
/** 1 is delta, 2 cumulative; the JSON encoding may spell them out. */
export type OtlpTemporality = number | string;

export interface OtlpMetric {
  readonly name?: string;
  readonly unit?: string;
  readonly description?: string;
  readonly gauge?: { readonly dataPoints?: readonly OtlpNumberPoint[] };
  readonly sum?: {
    readonly dataPoints?: readonly OtlpNumberPoint[];
    readonly aggregationTemporality?: OtlpTemporality;
    readonly isMonotonic?: boolean;
  };
  readonly histogram?: { readonly dataPoints?: readonly OtlpHistogramPoint[]; readonly aggregationTemporality?: OtlpTemporality };
  readonly exponentialHistogram?: {
    readonly dataPoints?: readonly OtlpExponentialPoint[];
    readonly aggregationTemporality?: OtlpTemporality;
  };
  readonly summary?: { readonly dataPoints?: readonly OtlpSummaryPoint[] };
}
export interface OtlpMetricsRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeMetrics?: readonly { readonly metrics?: readonly OtlpMetric[] }[];
  }[];
}

/** Set on points that say "no value recorded": the series ended. */
export const NO_VALUE_FLAG = 1;
