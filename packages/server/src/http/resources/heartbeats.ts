import { z } from 'zod';
import { route, type Route } from '../route.ts';
import { isoTimeOrNull } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Heartbeats';
const PATH = '/api/v1/alerting/heartbeats';

const heartbeatSchema = z.object({
  name: z.string(),
  within: z.number().describe('Seconds after the last one until it is overdue'),
  last_at: z.string().nullable(),
  overdue: z.number().describe('Seconds; 0 while it is in time'),
});

export const heartbeatRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Signs of life that are expected, and how late they are',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ heartbeats: z.array(heartbeatSchema), count: z.int() }),
    handle: (_request, { engine }) => {
      const heartbeats = engine.heartbeats.expected(engine.clock.nowMs()).map(({ name, withinMs, lastAtMs, overdueMs }) => ({
        name,
        within: withinMs / 1000,
        last_at: isoTimeOrNull(lastAtMs),
        overdue: overdueMs / 1000,
      }));
      return { heartbeats, count: heartbeats.length };
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/:name`,
    tag: TAG,
    summary: 'Give a sign of life',
    description:
      'For backups, cron jobs and other monitors: when it stays away longer than configured, `bellwether_heartbeat_overdue_seconds` rises.',
    scope: 'ingest',
    params: z.object({ name: z.string() }),
    bodyKind: 'bytes',
    handle: async ({ params }, { engine }) => {
      await engine.heartbeats.received(params.name);
      return `Noted the heartbeat ${params.name}`;
    },
  }),
];
