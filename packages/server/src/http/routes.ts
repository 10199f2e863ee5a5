import { ingestRoutes } from '../ingest/routes.ts';
import { alertmanagerRoutes } from './alertmanager/routes.ts';
import { documentationRoutes } from './documentation/routes.ts';
import { expositionRoutes } from './prometheus/exposition-route.ts';
import { metadataRoutes } from './prometheus/metadata-routes.ts';
import { queryRoutes } from './prometheus/query-routes.ts';
import { ruleRoutes } from './prometheus/rule-routes.ts';
import { statusRoutes } from './prometheus/status-routes.ts';
import { accessRoutes } from './resources/access.ts';
import { alertRuleRoutes } from './resources/alert-rules.ts';
import { acknowledgementRoutes } from './resources/acknowledgements.ts';
import { alertRouteRoutes } from './resources/alert-routes.ts';
import { alertRoutes } from './resources/alerts.ts';
import { backtestRoutes } from './resources/backtest.ts';
import { cacheRoutes } from './resources/cache.ts';
import { channelRoutes } from './resources/channels.ts';
import { dashboardRoutes } from './resources/dashboards.ts';
import { heartbeatRoutes } from './resources/heartbeats.ts';
import { incidentRoutes } from './resources/incidents.ts';
import { escalationRoutes } from './resources/escalations.ts';
import { healthRoutes } from './resources/health.ts';
import { metricRoutes } from './resources/metrics.ts';
import { recommendationRoutes } from './resources/recommendations.ts';
import { sessionRoutes } from './resources/session.ts';
import { silenceRoutes } from './resources/silences.ts';
import { traceRoutes } from './resources/traces.ts';
import type { Route } from './route.ts';

/** In the order the documentation lists them. */
const ROUTES: readonly Route[] = [
  ...metricRoutes,
  ...alertRoutes,
  ...acknowledgementRoutes,
  ...escalationRoutes,
  ...alertRouteRoutes,
  ...alertRuleRoutes,
  ...backtestRoutes,
  ...recommendationRoutes,
  ...cacheRoutes,
  ...traceRoutes,
  ...healthRoutes,
  ...incidentRoutes,
  ...silenceRoutes,
  ...channelRoutes,
  ...heartbeatRoutes,
  ...dashboardRoutes,
  ...queryRoutes,
  ...metadataRoutes,
  ...ruleRoutes,
  ...statusRoutes,
  ...expositionRoutes,
  ...ingestRoutes,
  ...alertmanagerRoutes,
  ...sessionRoutes,
  ...accessRoutes,
];

/** Every route of the API, its documentation's among them. */
export function allRoutes(): readonly Route[] {
  return [...ROUTES, ...documentationRoutes(ROUTES)];
}
