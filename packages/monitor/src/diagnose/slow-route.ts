import type { Thresholds } from '../rules/thresholds.ts';
import type { SlowRoute } from './finding.ts';
import { limitsOf, severityAbove } from './limits.ts';
import { millisecondsText, ratioText } from './number-text.ts';
import { meanTimeText, p95Text } from './promql-text.ts';
import { meanMs, routeTimeMs, shareOf, type InstanceReading, type RouteReading } from './reading.ts';

/** Fewer calls are a coincidence. */
const CALLS_NEEDED = 3;

/**
 * Routes whose slow calls exceed the response-time warning: the 95th percentile where there are buckets, else the mean. The percentile
 * is what a user meets once in twenty clicks; a mean hides it.
 */
export function slowRoutes(reading: InstanceReading, thresholds: Thresholds): SlowRoute[] {
  const limits = limitsOf(thresholds, 'api_response_time', { warning: 1000, critical: 5000 });
  const totalMs = routeTimeMs(reading);
  return reading.routes.flatMap((route) => {
    const slowMs = Math.max(meanMs(route), route.p95Ms ?? 0);
    const severity = severityAbove(slowMs, limits);
    if (severity === undefined || route.calls < CALLS_NEEDED) return [];
    const shareOfTimeRatio = shareOf(route.totalMs, totalMs);
    return [
      {
        kind: 'slow-route' as const,
        resource: `${route.method} ${route.route}`,
        labels: reading.labels,
        severity,
        facts: facts(reading, route, shareOfTimeRatio),
        detail: {
          method: route.method,
          route: route.route,
          meanMs: meanMs(route),
          p95Ms: route.p95Ms,
          limitMs: limits.warning,
          shareOfTimeRatio,
        },
      },
    ];
  });
}

function facts(reading: InstanceReading, route: RouteReading, share: number): SlowRoute['facts'] {
  const labels = { ...reading.labels, method: route.method, route: route.route };
  const mean = meanMs(route);
  return [
    ...(route.p95Ms === undefined
      ? []
      : [
          {
            statement: `1 in 20 calls takes longer than ${millisecondsText(route.p95Ms)}`,
            expression: p95Text('api_response_time', labels, reading.windowMs),
            value: route.p95Ms,
            unit: 'ms',
          },
        ]),
    {
      statement: `The mean of ${Math.round(route.calls)} calls is ${millisecondsText(mean)}, ${ratioText(share)} of all time spent in routes`,
      expression: meanTimeText('api_response_time', labels, reading.windowMs),
      value: mean,
      unit: 'ms',
    },
  ];
}
