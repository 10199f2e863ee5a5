import type { ActiveAlert, Engine, Severity, Threshold } from '@bellwether/monitor/engine';
import { isoTime } from '../time-view.ts';
import { route, type Route } from '../route.ts';
import { prometheusSuccess } from './answer.ts';
import { valueText } from './value-view.ts';

const TAG = 'Prometheus';

/** An alert as Prometheus lists it. */
function alertView(alert: ActiveAlert): object {
  return {
    labels: { ...alert.labels, alertname: alert.metricName, severity: alert.severity },
    annotations: { summary: alert.message },
    state: 'firing',
    activeAt: isoTime(alert.firedAtMs),
    value: valueText(alert.currentValue),
  };
}

function limitsOf(threshold: Threshold): readonly { readonly severity: Severity; readonly expression: string }[] {
  if (typeof threshold === 'number') return [{ severity: 'high', expression: `> ${threshold}` }];
  const sign = threshold.critical < threshold.warning ? '<' : '>';
  return [
    { severity: 'medium', expression: `${sign} ${threshold.warning}` },
    { severity: 'critical', expression: `${sign} ${threshold.critical}` },
  ];
}

function rulesOf(engine: Engine): readonly object[] {
  const active = engine.alerting.active();
  return Object.entries(engine.alerting.thresholds).flatMap(([metric, threshold]) =>
    limitsOf(threshold).map(({ severity, expression }) => {
      const alerts = active.filter((alert) => alert.metricName === metric && alert.severity === severity);
      return {
        name: metric,
        query: `${metric} ${expression}`,
        duration: 0,
        labels: { severity },
        annotations: {},
        alerts: alerts.map(alertView),
        health: 'ok',
        state: alerts.length > 0 ? 'firing' : 'inactive',
        type: 'alerting',
      };
    }),
  );
}

const shared = { method: 'GET', tag: TAG, scope: 'read', lenient: true, errors: 'prometheus' } as const;

export const ruleRoutes: readonly Route[] = [
  route({
    ...shared,
    path: '/api/v1/rules',
    summary: 'Thresholds as alerting rules',
    handle: (_request, { engine }) => {
      const group = { name: 'thresholds', file: '', interval: engine.collection.intervalMs / 1000, rules: rulesOf(engine) };
      return prometheusSuccess(JSON.stringify({ groups: [group] }));
    },
  }),
  route({
    ...shared,
    path: '/api/v1/alerts',
    summary: 'Active alerts in Prometheus’s form',
    handle: (_request, { engine }) => prometheusSuccess(JSON.stringify({ alerts: engine.alerting.active().map(alertView) })),
  }),
];
