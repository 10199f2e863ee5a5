import { parseExpression, type QueryOptions, type QueryResult, type QueryValue } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { durationParameter, timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type ApiContext, type Method, type Route } from '../route.ts';
import { prometheusStream, prometheusSuccess } from './answer.ts';
import { expressionView } from './expression-view.ts';
import { limited } from './limited.ts';
import { selectorsOf } from './selectors-of.ts';
import { exemplarsJson, queryValueJson } from './value-view.ts';

const LONGEST_QUERY = 100_000;
/** Without a start, exemplars of this time are listed. */
const EXEMPLAR_WINDOW_MS = 3_600_000;
/** As Prometheus has it: more points than anybody can see. */
const MOST_STEPS = 11_000;

const expression = z.string().max(LONGEST_QUERY);
const optional = z.string().optional();
const options = { timeout: optional, limit: optional, lookback_delta: optional, stats: optional };
const instantSchema = z.object({ query: expression, time: optional, ...options });
const rangeSchema = z.object({ query: expression, start: z.string(), end: z.string(), step: z.string(), ...options });

type Options = { readonly [K in keyof typeof options]?: string | undefined };

function optionsOf(query: Options, { limits }: ApiContext, raw: Request): QueryOptions {
  const isGiven = (text: string | undefined): text is string => text !== undefined && text !== '';
  const wantedMs = isGiven(query.timeout) ? durationParameter('timeout', query.timeout) : limits.queryTimeoutMs;
  return {
    timeoutMs: Math.min(wantedMs, limits.queryTimeoutMs),
    signal: raw.signal,
    ...(isGiven(query.lookback_delta) ? { lookbackMs: durationParameter('lookback_delta', query.lookback_delta) } : {}),
  };
}

function cut(value: QueryValue, limit: string | undefined): { readonly value: QueryValue; readonly warnings: readonly string[] } {
  if (value.type === 'vector') {
    const { items, warnings } = limited(value.samples, limit);
    return { value: { ...value, samples: items }, warnings };
  }
  if (value.type === 'matrix') {
    const { items, warnings } = limited(value.series, limit);
    return { value: { ...value, series: items }, warnings };
  }
  return { value, warnings: limited([], limit).warnings };
}

/** Evaluates, measures, and answers as Prometheus does. */
async function answer(
  evaluate: () => Promise<QueryResult>,
  request: { readonly query: Options; readonly raw: Request },
  { engine }: ApiContext,
): Promise<Response> {
  const startedMs = engine.clock.monotonicMs();
  const result = await evaluate();
  const { value, warnings } = cut(result.value, request.query.limit);
  const tookSeconds = (engine.clock.monotonicMs() - startedMs) / 1000;
  const stats = {
    timings: { evalTotalTime: tookSeconds, execTotalTime: tookSeconds },
    samples: { totalQueryableSamples: result.samplesRead ?? 0 },
  };
  const wantsStats = (request.query.stats ?? '') !== '';
  const parts = queryValueJson(value, wantsStats ? JSON.stringify(stats) : undefined);
  return prometheusStream(request.raw, parts, { warnings: [...result.warnings, ...warnings], infos: result.infos });
}

const shared = (method: Method) =>
  ({ method, tag: 'Prometheus', scope: 'read', lenient: true, bodyKind: 'form', errors: 'prometheus' }) as const;

const routesFor = (method: Method): readonly Route[] => [
  route({
    ...shared(method),
    path: '/api/v1/query',
    summary: 'Evaluate PromQL at one instant',
    query: instantSchema,
    handle: (request, context) => {
      const { query } = request;
      const atMs = timeParameter('time', query.time, context.engine.clock.nowMs());
      return answer(() => context.engine.query.instant(query.query, atMs, optionsOf(query, context, request.raw)), request, context);
    },
  }),
  route({
    ...shared(method),
    path: '/api/v1/query_range',
    summary: 'Evaluate PromQL over a range of time',
    query: rangeSchema,
    handle: (request, context) => {
      const { query } = request;
      const fromMs = timeParameter('start', query.start, Number.NaN);
      const toMs = timeParameter('end', query.end, Number.NaN);
      if (!(fromMs <= toMs)) throw new ApiProblem('parameter_invalid', 'end: must not be before start, and both are needed');
      const range = { fromMs, toMs, stepMs: durationParameter('step', query.step) };
      if ((toMs - fromMs) / range.stepMs > MOST_STEPS)
        throw new ApiProblem('parameter_invalid', `The range has more than ${MOST_STEPS} steps`, {
          hint: 'Use a larger step or a shorter range.',
        });
      return answer(() => context.engine.query.range(query.query, range, optionsOf(query, context, request.raw)), request, context);
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
    path: '/api/v1/parse_query',
    summary: 'The parts of an expression, as a tree',
    query: z.object({ query: expression }),
    handle: ({ query }) => prometheusSuccess(JSON.stringify(expressionView(parseExpression(query.query)))),
  }),
  route({
    ...shared(method),
    path: '/api/v1/query_exemplars',
    summary: 'Spans in which the largest values of histograms were recorded',
    query: z.object({ query: expression, start: optional, end: optional }),
    handle: ({ query }, { engine }) => {
      const toMs = timeParameter('end', query.end, engine.clock.nowMs());
      const fromMs = timeParameter('start', query.start, toMs - EXEMPLAR_WINDOW_MS);
      return prometheusSuccess(exemplarsJson(engine.exemplars(selectorsOf(parseExpression(query.query)), fromMs, toMs)));
    },
  }),
];

export const queryRoutes: readonly Route[] = [...routesFor('GET'), ...routesFor('POST')];
