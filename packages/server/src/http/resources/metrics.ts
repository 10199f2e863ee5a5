import { isMetricName, NO_LABELS, type Labels, type QueryValue } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { MetricHistory } from '../../api-types.ts';
import { summaryView } from '../metric-view.ts';
import { durationParameter, text, timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';
import { instanceListSchema, metricHistorySchema, summarySchema } from '../schemas.ts';
import { isoTime } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Metrics';
const BASE = '/api/v1/performance';
const HOUR_MS = 3_600_000;
const POINTS = 240;

function quoted(value: string): string {
  return JSON.stringify(value);
}

function withoutName(labels: Labels): Labels {
  const { __name__: _name, ...rest } = labels;
  return rest;
}

function historySeries(value: QueryValue): MetricHistory['series'] {
  if (value.type !== 'matrix') return [];
  return value.series.map((series) => ({
    labels: withoutName(series.labels ?? NO_LABELS),
    points: series.timesMs.map((atMs, index) => {
      const sample = series.values[index] ?? Number.NaN;
      return [atMs / 1000, Number.isFinite(sample) ? sample : null] as const;
    }),
  }));
}

export const metricRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${BASE}/metrics/summary`,
    tag: TAG,
    summary: 'Every metric over the trailing hour',
    description: 'One member per metric; `cache` and `health_score` beside them.',
    scope: 'read',
    query: strictObject({ instance: text() }),
    answer: summarySchema,
    handle: async ({ query }, { engine }) => {
      const [summary, cache] = await Promise.all([engine.summary(query.instance), engine.caches.stats()]);
      return summaryView(summary, { cache, score: engine.health().score });
    },
  }),
  route({
    method: 'GET',
    path: `${BASE}/history`,
    tag: TAG,
    summary: 'One metric over time',
    description: 'A shorthand of `/api/v1/query_range` for a single metric. Times are seconds since the epoch or RFC 3339.',
    scope: 'read',
    query: strictObject({
      metric: z.string().min(1).max(200),
      from: text(),
      to: text(),
      step: text(),
      instance: text(),
    }),
    answer: metricHistorySchema,
    handle: async ({ query }, { engine, limits }): Promise<MetricHistory> => {
      if (!isMetricName(query.metric)) throw new ApiProblem('parameter_invalid', `metric: ${quoted(query.metric)} is not a metric name`);
      const toMs = timeParameter('to', query.to, engine.clock.nowMs());
      const fromMs = timeParameter('from', query.from, toMs - HOUR_MS);
      if (!(fromMs < toMs)) throw new ApiProblem('parameter_invalid', 'from: must be before to');
      const wholeSeconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000 / POINTS));
      const stepMs = query.step === undefined ? wholeSeconds * 1000 : durationParameter('step', query.step);
      const expression = `${query.metric}{instance=${quoted(query.instance ?? '')}}`;
      const [result, metadata] = await Promise.all([
        engine.query.range(expression, { fromMs, toMs, stepMs }, { timeoutMs: limits.queryTimeoutMs }),
        engine.query.metadata(),
      ]);
      return {
        metric: query.metric,
        unit: metadata.get(query.metric)?.unit ?? '',
        from: isoTime(fromMs),
        to: isoTime(toMs),
        step_seconds: stepMs / 1000,
        series: historySeries(result.value),
      };
    },
  }),
  route({
    method: 'GET',
    path: `${BASE}/instances`,
    tag: TAG,
    summary: 'Instances that are watched',
    description: 'This process (`instance` is empty) and everyone who pushed within the last minutes.',
    scope: 'read',
    query: strictObject({}),
    answer: instanceListSchema,
    handle: async (_request, { engine }) => {
      const instances = (await engine.instances()).map(({ instance, job, lastSampleAtMs }) => ({
        instance,
        job,
        last_sample_at: isoTime(lastSampleAtMs),
      }));
      return { instances, count: instances.length };
    },
  }),
  route({
    method: 'GET',
    path: `${BASE}/stream`,
    tag: TAG,
    summary: 'Live view as server-sent events',
    description: 'Events named `frame`, each a whole picture as JSON, at least every 5 s.',
    scope: 'read',
    query: strictObject({}),
    handle: (_request, { live }) => live.open(),
  }),
];
