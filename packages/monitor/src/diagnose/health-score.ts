import { SEVERITIES, type Severity, type SeverityBreakdown } from '../model/severity.ts';

export interface HealthReport {
  /** 0 to 100, one decimal. */
  readonly score: number;
  readonly status: HealthStatus;
  /** What was taken off, largest first. */
  readonly penalties: readonly { readonly reason: string; readonly points: number }[];
}

export type HealthStatus = 'excellent' | 'good' | 'fair' | 'poor' | 'critical';

/** Points a first alert of each severity costs; each further one costs half of the one before, so a storm of one kind cannot hide another. */
const ALERT_POINTS: Readonly<Record<Severity, number>> = { low: 3, medium: 10, high: 18, critical: 30 };

/** A resource in percent begins to cost at `from` and costs `most` points at 100. */
const SATURATION: readonly { readonly metric: string; readonly from: number; readonly most: number }[] = [
  { metric: 'cpu_usage', from: 60, most: 8 },
  { metric: 'memory_usage', from: 70, most: 8 },
  { metric: 'disk_usage', from: 80, most: 6 },
  { metric: 'heap_usage', from: 75, most: 6 },
];

export function healthStatus(score: number): HealthStatus {
  if (score >= 90) return 'excellent';
  if (score >= 75) return 'good';
  if (score >= 60) return 'fair';
  return score >= 40 ? 'poor' : 'critical';
}

function alertPenalties(counts: SeverityBreakdown): HealthReport['penalties'] {
  return SEVERITIES.toReversed()
    .filter((severity) => counts[severity] > 0)
    .map((severity) => ({
      reason: `${counts[severity]} active ${severity} alert${counts[severity] === 1 ? '' : 's'}`,
      points: ALERT_POINTS[severity] * (2 - 2 ** (1 - counts[severity])),
    }));
}

function saturationPenalties(current: (metric: string) => number | undefined): HealthReport['penalties'] {
  return SATURATION.flatMap(({ metric, from, most }) => {
    const value = current(metric);
    if (value === undefined || value <= from) return [];
    return [{ reason: `${metric} at ${value.toFixed(1)} %`, points: (most * Math.min(100, value) - most * from) / (100 - from) }];
  });
}

/**
 * 100 minus what active alerts and nearly used-up resources take off; never below 0. The penalties add up to the points lost, so a
 * score can always be explained.
 * @param alerts How many are active, by severity. @param current newest value of a metric in percent, `undefined` when unknown.
 */
export function healthScore(alerts: SeverityBreakdown, current: (metric: string) => number | undefined): HealthReport {
  const penalties = [...alertPenalties(alerts), ...saturationPenalties(current)].toSorted((a, b) => b.points - a.points);
  const lost = penalties.reduce((total, penalty) => total + penalty.points, 0);
  const score = Math.round(Math.max(0, 100 - lost) * 10) / 10;
  return { score, status: healthStatus(score), penalties };
}
