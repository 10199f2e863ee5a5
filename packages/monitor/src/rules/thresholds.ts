import { BellwetherError } from '../base/errors.ts';
import { isMetricName } from '../model/labels.ts';
import type { Severity } from '../model/severity.ts';

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

/** Metrics of which less is worse when a bare number gives no direction. */
const LOWER_IS_WORSE: ReadonlySet<string> = new Set(['cache_hit_rate']);

const MOST_THRESHOLDS = 1000;
const ALLOWED = 'a number, or {"warning": number, "critical": number}';

function refuse(what: string): never {
  throw new BellwetherError('threshold_invalid', what, { hint: `A threshold is ${ALLOWED}.` });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseThreshold(metric: string, value: unknown): Threshold {
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(`threshold of ${metric}: ${value} is not a finite number`);
  if (!isRecord(value)) return refuse(`threshold of ${metric}: ${JSON.stringify(value)} is neither ${ALLOWED.replace(', or', ' nor')}`);
  const unknown = Object.keys(value).find((key) => key !== 'warning' && key !== 'critical');
  if (unknown !== undefined) return refuse(`threshold of ${metric}: unknown key "${unknown}"; allowed: warning, critical`);
  const { warning, critical } = value;
  if (typeof warning !== 'number' || typeof critical !== 'number' || !Number.isFinite(warning) || !Number.isFinite(critical)) {
    return refuse(`threshold of ${metric}: warning and critical must both be finite numbers`);
  }
  if (warning === critical)
    return refuse(`threshold of ${metric}: warning and critical are both ${warning}; make them differ, or give one number`);
  return { warning, critical };
}

/**
 * Validates thresholds from outside (a variable, a file, an assignment).
 * @returns a new object; `value` is not modified.
 * @throws BellwetherError `threshold_invalid` that names the metric, what is wrong and what is allowed.
 */
export function parseThresholds(value: unknown): Thresholds {
  if (!isRecord(value)) return refuse('thresholds must be an object of metric names');
  const entries = Object.entries(value);
  if (entries.length > MOST_THRESHOLDS) return refuse(`${entries.length} thresholds are more than ${MOST_THRESHOLDS}`);
  return Object.fromEntries(
    entries.map(([metric, threshold]) => {
      if (!isMetricName(metric))
        refuse(`"${metric.slice(0, 80)}" is not a metric name: letters, digits, _ and : are allowed, no digit first`);
      return [metric, parseThreshold(metric, threshold)];
    }),
  );
}

/** A limit that a value has crossed. */
export interface Breach {
  readonly severity: Severity;
  readonly limit: number;
  readonly direction: 'above' | 'below';
}

/** Whether less of the metric is worse: `critical < warning`, or a metric known for it under a bare number. */
export function isLowerWorse(metric: string, threshold: Threshold): boolean {
  return typeof threshold === 'number' ? LOWER_IS_WORSE.has(metric) : threshold.critical < threshold.warning;
}

/** The most severe limit that `value` is beyond; `undefined` inside all of them. A value that equals a limit has not crossed it. */
export function breachOf(metric: string, value: number, threshold: Threshold): Breach | undefined {
  const direction = isLowerWorse(metric, threshold) ? 'below' : 'above';
  const isBeyond = (limit: number): boolean => (direction === 'above' ? value > limit : value < limit);
  if (typeof threshold === 'number') return isBeyond(threshold) ? { severity: 'high', limit: threshold, direction } : undefined;
  if (isBeyond(threshold.critical)) return { severity: 'critical', limit: threshold.critical, direction };
  return isBeyond(threshold.warning) ? { severity: 'medium', limit: threshold.warning, direction } : undefined;
}
