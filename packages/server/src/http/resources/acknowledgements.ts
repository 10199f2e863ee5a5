import { matchableLabels, parseMatchers, SEVERITIES, type ActiveAlert } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { Acknowledgement } from '../../api-types.ts';
import { activeAlerts, alertPage, alertView, isOfInstance } from '../alert-view.ts';
import { matchesAll, testsOf } from '../alertmanager/filter.ts';
import { choice, text, wholeNumber } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { acknowledgementSchema, alertPageSchema } from '../alerting-schemas.ts';
import { alertSchema } from '../schemas.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Alerts';
const BASE = '/api/v1/alerting';
const YES_NO = ['true', 'false'] as const;
const page = { limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }), offset: wholeNumber({ from: 0, to: 999_999_999, fallback: 0 }) };

const pageQuery = strictObject({
  severity: choice(SEVERITIES),
  instance: text(),
  metric: text(200),
  filter: text(2000),
  acknowledged: choice(YES_NO),
  silenced: choice(YES_NO),
  ...page,
});

/** What is asked of alerts beside their severity; `undefined` when nothing is. @throws BellwetherError `query_invalid` */
function condition(query: z.infer<typeof pageQuery>): ((alert: ActiveAlert) => boolean) | undefined {
  const { instance, metric, acknowledged, silenced } = query;
  const filters = testsOf(parseMatchers(query.filter ?? ''));
  if ([instance, metric, acknowledged, silenced].every((one) => one === undefined) && filters.length === 0) return undefined;
  return (alert) =>
    (instance === undefined || isOfInstance(alert, instance)) &&
    (metric === undefined || alert.metricName === metric) &&
    isAs(acknowledged, alert.acknowledgedBy !== undefined) &&
    isAs(silenced, alert.silenced) &&
    (filters.length === 0 || matchesAll(filters, matchableLabels(alert)));
}

function isAs(wanted: 'true' | 'false' | undefined, holds: boolean): boolean {
  return wanted === undefined || (wanted === 'true') === holds;
}

function acknowledgementsOf(alert: ActiveAlert): readonly Acknowledgement[] {
  const { id, metricName, labels, severity, message, acknowledgedBy } = alert;
  if (acknowledgedBy === undefined) return [];
  return [{ alert_id: id, metric_name: metricName, labels, severity, message, acknowledged_by: acknowledgedBy }];
}

/** Active alerts a page at a time, and who has taken them. */
export const acknowledgementRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${BASE}/alerts`,
    tag: TAG,
    summary: 'Active alerts, a page at a time',
    description:
      'Most severe first, then newest. `filter` takes matchers such as `job="web",severity=~"high|critical"`. The breakdown covers all active alerts.',
    scope: 'read',
    query: pageQuery,
    answer: alertPageSchema,
    handle: ({ query }, { engine }) => {
      const { alerts, total } = alertPage(engine, { ...query, fits: condition(query) });
      return { alerts: alerts.map(alertView), count: alerts.length, total, severity_breakdown: engine.alerting.activeCounts };
    },
  }),
  route({
    method: 'GET',
    path: `${BASE}/alerts/:id`,
    tag: TAG,
    summary: 'One active alert',
    scope: 'read',
    params: z.object({ id: z.string() }),
    answer: alertSchema,
    handle: ({ params }, { engine }) => {
      const alert = engine.alerting.activeAlert(params.id);
      if (alert === undefined) throw new ApiProblem('state_not_found', `No active alert has the id ${params.id.slice(0, 80)}`);
      return alertView(alert);
    },
  }),
  route({
    method: 'GET',
    path: `${BASE}/acks`,
    tag: TAG,
    summary: 'Active alerts that somebody has taken',
    scope: 'read',
    query: strictObject(page),
    answer: z.object({ acks: z.array(acknowledgementSchema), count: z.int(), total: z.int() }),
    handle: ({ query }, { engine }) => {
      const all = [...activeAlerts(engine)].flatMap(acknowledgementsOf);
      const acks = all.slice(query.offset, query.offset + query.limit);
      return { acks, count: acks.length, total: all.length };
    },
  }),
  route({
    method: 'POST',
    path: `${BASE}/acks`,
    tag: TAG,
    summary: 'Acknowledge an alert',
    description: 'Stops its escalation. The name is the token’s unless one is given.',
    scope: 'admin',
    body: strictObject({ alert_id: z.string().min(1).max(200), by: z.string().min(1).max(100).optional() }),
    audit: 'alert.acknowledge',
    handle: async ({ body, caller }, { engine }) => {
      await engine.alerting.acknowledge(body.alert_id, body.by ?? caller.name);
      return 'Acknowledged';
    },
  }),
  route({
    method: 'DELETE',
    path: `${BASE}/acks/:id`,
    tag: TAG,
    summary: 'Take an acknowledgement back',
    description: 'The escalation goes on from where it stood.',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    audit: 'alert.unacknowledge',
    handle: async ({ params, caller }, { engine }) => {
      await engine.alerting.unacknowledge(params.id, caller.name);
      return 'No longer acknowledged';
    },
  }),
];
