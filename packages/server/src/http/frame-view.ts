import { ALERTS_IN_FRAME, firstAlerts, type Engine, type LiveFrame } from '@bellwether/monitor/engine';
import type { Frame } from '../api-types.ts';
import { alertView } from './alert-view.ts';
import { healthView } from './health-view.ts';
import { cacheStatsView, metricsView } from './metric-view.ts';
import { recommendationView } from './recommendation-view.ts';
import { isoTime } from './time-view.ts';

export function frameView(frame: LiveFrame, engine: Engine): Frame {
  const { alerts, alertCounts, recommendations } = frame;
  return {
    timestamp: isoTime(frame.atMs),
    summary: metricsView(frame.summary),
    health: healthView({ report: frame.health, alerts: alertCounts, recommendations, engine }),
    alerts: alerts.map(alertView),
    severity_breakdown: alertCounts,
    recommendations: recommendations.map(recommendationView),
    cache: cacheStatsView(frame.cache),
  };
}

/** The picture of this moment, for whoever cannot wait for the next collection. */
export async function frameNow(engine: Engine): Promise<LiveFrame> {
  const [summary, cache] = await Promise.all([engine.summary(), engine.caches.stats()]);
  return {
    atMs: engine.clock.nowMs(),
    summary,
    health: engine.health(),
    ...firstAlerts(engine.alerting, ALERTS_IN_FRAME),
    recommendations: engine.advisor.active(),
    cache,
  };
}
