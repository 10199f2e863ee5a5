import { z } from 'zod';
import { activeCounts, ofInstance } from '../alert-view.ts';
import { healthView, monitoringView } from '../health-view.ts';
import { text } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { healthSchema, monitoringSchema } from '../schemas.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Health';
const LONGEST_INTERVAL_SECONDS = 86_400;

function plain(text: string, status = 200): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } });
}

export const healthRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/performance/health',
    tag: TAG,
    summary: 'Health score and what it rests on',
    scope: 'read',
    query: strictObject({ instance: text() }),
    answer: healthSchema,
    handle: ({ query }, { engine }) =>
      healthView({
        report: engine.health(),
        alerts: activeCounts(engine, query.instance),
        recommendations: ofInstance(engine.advisor.active(), query.instance),
        engine,
      }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/performance/monitoring/start',
    tag: TAG,
    summary: 'Start collection, or change its pace',
    scope: 'admin',
    body: strictObject({ interval: z.number().min(1).max(LONGEST_INTERVAL_SECONDS).describe('seconds').optional() }).optional(),
    answer: monitoringSchema,
    audit: 'monitoring.start',
    handle: async ({ body }, { engine }) => {
      await engine.startCollection(body?.interval === undefined ? undefined : body.interval * 1000);
      return monitoringView(engine.collection);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/performance/monitoring/stop',
    tag: TAG,
    summary: 'Stop collection',
    scope: 'admin',
    body: strictObject({}).optional(),
    answer: monitoringSchema,
    audit: 'monitoring.stop',
    handle: async (_request, { engine }) => {
      await engine.stopCollection();
      return monitoringView(engine.collection);
    },
  }),
  route({
    method: 'GET',
    path: '/livez',
    tag: TAG,
    summary: 'Whether the process answers',
    scope: 'public',
    lenient: true,
    handle: () => plain('ok'),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    tag: TAG,
    summary: 'Whether it is ready to serve; the log says what is wrong when not',
    scope: 'public',
    lenient: true,
    handle: (_request, { engine, log }) => {
      const problems = engine.readiness();
      if (problems.length === 0) return plain('ok');
      log.warn({ problems }, 'Asked whether it is ready, the server told of problems');
      // Data that was found damaged is gone, but the server serves: a balancer must not take it away for ever.
      return problems.includes('stopping') ? plain('stopping', 503) : plain('degraded');
    },
  }),
];
