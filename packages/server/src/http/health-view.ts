import { breakdownTotal, type Engine, type HealthReport, type Recommendation, type SeverityBreakdown } from '@bellwether/monitor/engine';
import type { Health, Monitoring } from '../api-types.ts';
import { recommendationView } from './recommendation-view.ts';
import { isoTime, rounded } from './time-view.ts';

export function monitoringView(collection: Engine['collection']): Monitoring {
  return { running: collection.running, interval: collection.intervalMs / 1000 };
}

export interface HealthParts {
  readonly report: HealthReport;
  readonly alerts: SeverityBreakdown;
  readonly recommendations: readonly Recommendation[];
  readonly engine: Pick<Engine, 'collection' | 'version' | 'startedAtMs'>;
}

export function healthView({ report, alerts, recommendations, engine }: HealthParts): Health {
  const score = rounded(report.score, 'percent');
  return {
    health_score: score,
    health_status: report.status,
    active_alerts: breakdownTotal(alerts),
    critical_alerts: alerts.critical,
    recommendations: recommendations.map(recommendationView),
    overall_security_score: score,
    penalties: report.penalties.map(({ reason, points }) => ({ reason, points: rounded(points, 'percent') })),
    monitoring: monitoringView(engine.collection),
    version: engine.version,
    started_at: isoTime(engine.startedAtMs),
  };
}
