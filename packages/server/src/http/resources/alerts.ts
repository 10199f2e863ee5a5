import { SEVERITIES } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { alertHistoryView, alertListPieces } from '../alert-view.ts';
import { choice, text, timeParameter, wholeNumber } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { alertHistorySchema, alertListSchema, thresholdsSchema } from '../schemas.ts';
import { streamedJson } from '../streamed-json.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Alerts';
/** Without a limit everything is listed, as it always was. */
const PAGE = { from: 1, to: 999_999_999, fallback: 999_999_999 };
const OFFSET = { from: 0, to: 999_999_999, fallback: 0 };

export const alertRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/performance/alerts',
    tag: TAG,
    summary: 'Active alerts',
    description:
      'The breakdown covers all active alerts, whatever the filter. Most severe first, then newest; `limit` and `offset` give a page.',
    scope: 'read',
    query: strictObject({ severity: choice(SEVERITIES), instance: text(), limit: wholeNumber(PAGE), offset: wholeNumber(OFFSET) }),
    answer: alertListSchema,
    handle: ({ query }, { engine }) => streamedJson(alertListPieces(engine, query)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/alerting/history',
    tag: TAG,
    summary: 'Past and present alerts: every transition, resolution times, and means by rule',
    scope: 'read',
    description: 'From `from` to `to`, those that began before and still fired then too; newest first. `limit` and `offset` give a page.',
    query: strictObject({
      metric: text(200),
      from: text(),
      to: text(),
      limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }),
      offset: wholeNumber(OFFSET),
    }),
    answer: alertHistorySchema,
    handle: async ({ query }, { engine }) => {
      const { metric, from, to, limit, offset } = query;
      const filter = {
        ...(metric === undefined ? {} : { metricName: metric }),
        ...(from === undefined ? {} : { fromMs: timeParameter('from', from, 0) }),
        ...(to === undefined ? {} : { toMs: timeParameter('to', to, 0) }),
      };
      return alertHistoryView(await engine.alerting.history({ ...filter, limit, offset }), await engine.alerting.historyByRule(filter));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/alerting/alerts/:id/ack',
    tag: TAG,
    summary: 'Acknowledge an alert',
    description: 'Stops its escalation. The name is the token’s unless one is given.',
    scope: 'admin',
    params: z.object({ id: z.string() }),
    body: strictObject({ by: z.string().min(1).max(100).optional() }).optional(),
    audit: 'alert.acknowledge',
    handle: async ({ params, body, caller }, { engine }) => {
      await engine.alerting.acknowledge(params.id, body?.by ?? caller.name);
      return 'Acknowledged';
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/performance/thresholds',
    tag: TAG,
    summary: 'Limits that raise alerts',
    scope: 'read',
    query: strictObject({}),
    answer: thresholdsSchema,
    handle: (_request, { engine }) => engine.alerting.thresholds,
  }),
  route({
    method: 'PUT',
    path: '/api/v1/performance/thresholds',
    tag: TAG,
    summary: 'Replace the limits',
    description: 'Replaced as a whole; takes effect at the next evaluation, until the next start.',
    scope: 'admin',
    body: thresholdsSchema,
    answer: thresholdsSchema,
    audit: 'thresholds.replace',
    handle: ({ body }, { engine }) => {
      engine.alerting.thresholds = body;
      return engine.alerting.thresholds;
    },
  }),
];
