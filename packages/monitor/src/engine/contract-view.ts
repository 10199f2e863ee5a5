import type { Recommendation } from '../advise/advisor.ts';
import type { ActiveAlert } from '../alerts/alerting.ts';
import type { Severity } from '../model/severity.ts';
import type { MetricSummary, MetricsSummary } from '../model/summary.ts';

/**
 * The shapes the contract promises, the same from the library and from the HTTP API: snake_case, ISO 8601 UTC. Everything inside the
 * engine speaks camelCase and milliseconds; this file is the border.
 */

export interface MetricReading {
  readonly current: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly timestamp: string;
}

export interface AlertReading {
  readonly id: string;
  readonly metric_name: string;
  readonly threshold: number;
  readonly current_value: number;
  readonly severity: Severity;
  readonly message: string;
  /** When it began to fire. */
  readonly timestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cause: ActiveAlert['cause'];
  readonly acknowledged_by: string | null;
  readonly silenced: boolean;
  /** Ids of the silences that cover it. */
  readonly silenced_by: readonly string[];
  readonly inhibited_by: string | null;
}

export interface RecommendationReading {
  readonly id: string;
  readonly category: string;
  readonly priority: string;
  readonly title: string;
  readonly description: string;
  readonly impact: string;
  readonly effort: string;
  /** Steps, in order. */
  readonly implementation: readonly string[];
  readonly created_at: string;
  readonly resource: string;
  readonly evidence: readonly {
    readonly statement: string;
    readonly expression: string | null;
    readonly value: number | null;
    readonly unit: string | null;
  }[];
  readonly expected_gain: {
    readonly metric: string;
    readonly lower_percent: number;
    readonly upper_percent: number;
    readonly model: string;
  } | null;
  readonly verification: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Percentages with one decimal, other values with six significant digits at least where they are not whole: enough for people, short on the wire. */
export function rounded(value: number, unit: string): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  if (unit === 'percent') return Math.round(value * 10) / 10;
  return Math.abs(value) >= 1000 ? Math.round(value * 1000) / 1000 : Number(value.toPrecision(6));
}

export function metricReading(metric: MetricSummary): MetricReading {
  const { unit } = metric;
  return {
    current: rounded(metric.current, unit),
    average: rounded(metric.average, unit),
    min: rounded(metric.min, unit),
    max: rounded(metric.max, unit),
    unit,
    timestamp: isoTime(metric.atMs),
  };
}

export function metricReadings(summary: MetricsSummary): Record<string, MetricReading> {
  return Object.fromEntries(Object.entries(summary).map(([name, metric]) => [name, metricReading(metric)]));
}

export function alertReading(alert: ActiveAlert): AlertReading {
  return {
    id: alert.id,
    metric_name: alert.metricName,
    threshold: alert.threshold,
    current_value: Number.isFinite(alert.currentValue) ? alert.currentValue : 0,
    severity: alert.severity,
    message: alert.message,
    timestamp: isoTime(alert.firedAtMs),
    labels: alert.labels,
    cause: alert.cause,
    acknowledged_by: alert.acknowledgedBy ?? null,
    silenced: alert.silenced,
    silenced_by: alert.silencedBy,
    inhibited_by: alert.inhibitedBy ?? null,
  };
}

export function recommendationReading(advice: Recommendation): RecommendationReading {
  const { gain } = advice;
  return {
    id: advice.id,
    category: advice.category,
    priority: advice.priority,
    title: advice.title,
    description: advice.description,
    impact: advice.impact,
    effort: advice.effort,
    implementation: advice.implementation,
    created_at: isoTime(advice.createdAtMs),
    resource: advice.resource,
    evidence: advice.evidence.map((fact) => ({
      statement: fact.statement,
      expression: fact.expression ?? null,
      value: fact.value ?? null,
      unit: fact.unit ?? null,
    })),
    expected_gain:
      gain === undefined
        ? null
        : { metric: gain.metric, lower_percent: gain.lowerPercent, upper_percent: gain.upperPercent, model: gain.model },
    verification: advice.verification,
    labels: advice.labels,
  };
}
