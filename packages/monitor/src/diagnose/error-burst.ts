import type { Severity } from '../model/severity.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import type { ErrorBurst } from './finding.ts';
import { limitsOf } from './limits.ts';
import { rateText } from './number-text.ts';
import { callRateText, durationText, selectorText } from './promql-text.ts';
import { shareOf, type InstanceReading, type RouteReading } from './reading.ts';

/** A single failed call is not a burst. */
const ERRORS_NEEDED = 3;

/** Routes of which a share beyond the `error_rate` warning fails with a status of 500 or more. */
export function errorBursts(reading: InstanceReading, thresholds: Thresholds): ErrorBurst[] {
  const limits = limitsOf(thresholds, 'error_rate', { warning: 5, critical: 10 });
  const allErrors = reading.routes.reduce((total, route) => total + route.errors, 0);
  return reading.routes.flatMap((route) => {
    const errorRatio = route.calls === 0 ? 0 : Math.min(1, route.errors / route.calls);
    if (route.errors < ERRORS_NEEDED || 100 * errorRatio < limits.warning) return [];
    const severity: Severity = 100 * errorRatio >= limits.critical ? 'critical' : 'high';
    return [
      {
        kind: 'error-burst' as const,
        resource: `${route.method} ${route.route}`,
        labels: reading.labels,
        severity,
        facts: [fact(reading, route, errorRatio)],
        detail: {
          method: route.method,
          route: route.route,
          errorRatio,
          errorsPerSecond: (1000 * route.errors) / reading.windowMs,
          shareOfErrorsRatio: shareOf(route.errors, allErrors),
        },
      },
    ];
  });
}

function fact(reading: InstanceReading, route: RouteReading, errorRatio: number): ErrorBurst['facts'][number] {
  const labels = { ...reading.labels, method: route.method, route: route.route };
  const failed = selectorText('api_response_time_count', labels).replace(/\}$/, ',status=~"5.."}');
  return {
    statement: `${(100 * errorRatio).toFixed(1)} % of its calls fail, ${rateText((1000 * route.errors) / reading.windowMs)}`,
    expression: `100 * sum(rate(${failed}[${durationText(reading.windowMs)}])) / ${callRateText('api_response_time', labels, reading.windowMs)}`,
    value: 100 * errorRatio,
    unit: 'percent',
  };
}
