import type { QueryOptions, QueryResult } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { durationParameter, timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type ApiContext, type Method, type Route } from '../route.ts';
import { prometheusSuccess } from './answer.ts';
import { queryValueJson } from './value-view.ts';

const LONGEST_QUERY = 100_000;
/** As Prometheus has it: more points than anybody can see. */
const MOST_STEPS = 11_000;

const expression = z.string().max(LONGEST_QUERY);
const instantSchema = z.object({ query: expression, time: z.string().optional(), timeout: z.string().optional() });
const rangeSchema = z.object({ query: expression, start: z.string(), end: z.string(), step: z.string(), timeout: z.string().optional() });

function optionsOf(timeout: string | undefined, { limits }: ApiContext, raw: Request): QueryOptions {
  const wantedMs = timeout === undefined || timeout === '' ? limits.queryTimeoutMs : durationParameter('timeout', timeout);
  return { timeoutMs: Math.min(wantedMs, limits.queryTimeoutMs), signal: raw.signal };
}

function answer(result: QueryResult): Response {
  return prometheusSuccess(queryValueJson(result.value), result);
}

const shared = (method: Method) =>
  ({ method, tag: 'Prometheus', scope: 'read', lenient: true, bodyKind: 'form', errors: 'prometheus' }) as const;

const routesFor = (method: Method): readonly Route[] => [
  route({
    ...shared(method),
    path: '/api/v1/query',
    summary: 'Evaluate PromQL at one instant',
    query: instantSchema,
    handle: async ({ query, raw }, context) => {
      const atMs = timeParameter('time', query.time, context.engine.clock.nowMs());
      return answer(await context.engine.query.instant(query.query, atMs, optionsOf(query.timeout, context, raw)));
    },
  }),
  route({
    ...shared(method),
    path: '/api/v1/query_range',
    summary: 'Evaluate PromQL over a range of time',
    query: rangeSchema,
    handle: async ({ query, raw }, context) => {
      const fromMs = timeParameter('start', query.start, Number.NaN);
      const toMs = timeParameter('end', query.end, Number.NaN);
      if (!(fromMs <= toMs)) throw new ApiProblem('parameter_invalid', 'end: must not be before start, and both are needed');
      const range = { fromMs, toMs, stepMs: durationParameter('step', query.step) };
      if ((toMs - fromMs) / range.stepMs > MOST_STEPS)
        throw new ApiProblem('parameter_invalid', `The range has more than ${MOST_STEPS} steps`, {
          hint: 'Use a larger step or a shorter range.',
        });
      return answer(await context.engine.query.range(query.query, range, optionsOf(query.timeout, context, raw)));
    },
  }),
  route({
    ...shared(method),
    path: '/api/v1/format_query',
    summary: 'An expression in its canonical form',
    query: z.object({ query: expression }),
    handle: ({ query }, { engine }) => prometheusSuccess(JSON.stringify(engine.query.format(query.query))),
  }),
  route({
    ...shared(method),
    path: '/api/v1/query_exemplars',
    summary: 'Exemplars; none are stored yet',
    query: z.object({ query: expression }),
    handle: ({ query }, { engine }) => {
      engine.query.format(query.query);
      return prometheusSuccess('[]');
    },
  }),
];

export const queryRoutes: readonly Route[] = [...routesFor('GET'), ...routesFor('POST')];
