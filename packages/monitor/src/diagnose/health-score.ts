import { severityRank, type Severity } from '../model/severity.ts';

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

function alertPenalties(severities: readonly Severity[]): HealthReport['penalties'] {
  const counts = new Map<Severity, number>();
  for (const severity of severities) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return [...counts].map(([severity, count]) => ({
    reason: `${count} active ${severity} alert${count === 1 ? '' : 's'}`,
    points: ALERT_POINTS[severity] * (2 - 2 ** (1 - count)),
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
 * @param severities of the active alerts. @param current newest value of a metric in percent, `undefined` when unknown.
 */
export function healthScore(severities: readonly Severity[], current: (metric: string) => number | undefined): HealthReport {
  const penalties = [
    ...alertPenalties(severities.toSorted((a, b) => severityRank(b) - severityRank(a))),
    ...saturationPenalties(current),
  ].toSorted((a, b) => b.points - a.points);
  const lost = penalties.reduce((total, penalty) => total + penalty.points, 0);
  const score = Math.round(Math.max(0, 100 - lost) * 10) / 10;
  return { score, status: healthStatus(score), penalties };
}
