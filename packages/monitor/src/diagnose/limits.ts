import type { Severity } from '../model/severity.ts';
import type { Threshold, Thresholds } from '../rules/thresholds.ts';

/** Where a metric begins to be a problem, and where it is an emergency. */
export interface Limits {
  readonly warning: number;
  readonly critical: number;
}

/** The configured limits of `metric`, or `fallback`. A threshold of one number is both. */
export function limitsOf(thresholds: Thresholds, metric: string, fallback: Limits): Limits {
  const threshold: Threshold | undefined = thresholds[metric];
  if (threshold === undefined) return fallback;
  return typeof threshold === 'number' ? { warning: threshold, critical: threshold } : threshold;
}

/** How bad a value is against limits where higher is worse; `undefined` below the warning. */
export function severityAbove(value: number, limits: Limits): Severity | undefined {
  if (value >= limits.critical) return 'critical';
  return value >= limits.warning ? 'high' : undefined;
}
