import { matchableLabels, parseMatchers, SEVERITIES, type ActiveAlert } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { Acknowledgement } from '../../api-types.ts';
import { alertListView, alertView, ofInstance } from '../alert-view.ts';
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
    query: strictObject({
      severity: choice(SEVERITIES),
      instance: text(),
      metric: text(200),
      filter: text(2000),
      acknowledged: choice(YES_NO),
      silenced: choice(YES_NO),
      ...page,
    }),
    answer: alertPageSchema,
    handle: ({ query }, { engine }) => {
      const all = engine.alerting.active();
      const filters = testsOf(parseMatchers(query.filter ?? ''));
      const wanted = ofInstance(all, query.instance).filter(
        (alert) =>
          (query.severity === undefined || alert.severity === query.severity) &&
          (query.metric === undefined || alert.metricName === query.metric) &&
          isAs(query.acknowledged, alert.acknowledgedBy !== undefined) &&
          isAs(query.silenced, alert.silenced) &&
          (filters.length === 0 || matchesAll(filters, matchableLabels(alert))),
      );
      const listed = wanted.slice(query.offset, query.offset + query.limit);
      const { severity_breakdown } = alertListView(all, { limit: 0 });
      return { alerts: listed.map(alertView), count: listed.length, total: wanted.length, severity_breakdown };
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
      const alert = engine.alerting.active().find(({ id }) => id === params.id);
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
      const all = engine.alerting.active().flatMap(acknowledgementsOf);
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
