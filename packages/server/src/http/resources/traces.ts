import { wholeNumber } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { traceListSchema } from '../schemas.ts';
import { traceListView } from '../trace-view.ts';
import { strictObject } from '../validate.ts';

const WINDOW_MS = 3_600_000;

export const traceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/performance/traces',
    tag: 'Traces',
    summary: 'The slowest requests of the trailing hour, step by step',
    description:
      'Longest first. Each trace is a request with what it did: statements, requests to others, measured operations. Kept in memory: slow and failed requests, and a share of the others.',
    scope: 'read',
    query: strictObject({ limit: wholeNumber({ from: 1, to: 200, fallback: 20 }) }),
    answer: traceListSchema,
    handle: ({ query }, { engine }) =>
      traceListView(engine.traces.slowest(query.limit, { nowMs: engine.clock.nowMs(), windowMs: WINDOW_MS })),
  }),
];
