import { isLabelName, type Engine, type Selector } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Method, type Route } from '../route.ts';
import { prometheusSuccess } from './answer.ts';

const TAG = 'Prometheus';
/** Without a start, what had samples within this time is listed. */
const DEFAULT_WINDOW_MS = 6 * 3_600_000;

const many = z.union([z.string(), z.array(z.string())]).optional();
const windowShape = { start: z.string().optional(), end: z.string().optional(), limit: z.string().optional() };
const selectorsSchema = z.object({ 'match[]': many, ...windowShape });
type SelectorsQuery = z.infer<typeof selectorsSchema>;

const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

function windowOf(query: SelectorsQuery, engine: Engine): { readonly fromMs: number; readonly toMs: number } {
  const toMs = timeParameter('end', query.end, engine.clock.nowMs());
  const fromMs = timeParameter('start', query.start, toMs - DEFAULT_WINDOW_MS);
  if (fromMs > toMs) throw new ApiProblem('parameter_invalid', 'end: must not be before start');
  return { fromMs, toMs };
}

function selectorsOf(query: SelectorsQuery, engine: Engine): Selector[] {
  return listOf(query['match[]']).map((text) => engine.query.parseSelector(text));
}

function limited<T>(items: readonly T[], limit: string | undefined): readonly T[] {
  if (limit === undefined || limit === '') return items;
  if (!/^\d{1,9}$/.test(limit)) throw new ApiProblem('parameter_invalid', 'limit: must be a whole number');
  return Number(limit) === 0 ? items : items.slice(0, Number(limit));
}

const shared = (method: Method) => ({ method, tag: TAG, scope: 'read', lenient: true, bodyKind: 'form', errors: 'prometheus' }) as const;

const selectorRoutes = (method: Method): readonly Route[] => [
  route({
    ...shared(method),
    path: '/api/v1/series',
    summary: 'Series that match any selector',
    query: selectorsSchema,
    handle: async ({ query }, { engine }) => {
      const selectors = selectorsOf(query, engine);
      if (selectors.length === 0) throw new ApiProblem('parameter_invalid', 'match[]: at least one selector is required');
      const { fromMs, toMs } = windowOf(query, engine);
      return prometheusSuccess(JSON.stringify(limited(await engine.query.series(selectors, fromMs, toMs), query.limit)));
    },
  }),
  route({
    ...shared(method),
    path: '/api/v1/labels',
    summary: 'Names of labels',
    query: selectorsSchema,
    handle: async ({ query }, { engine }) => {
      const { fromMs, toMs } = windowOf(query, engine);
      const names = await engine.query.labelNames(selectorsOf(query, engine), fromMs, toMs);
      return prometheusSuccess(JSON.stringify(limited(names, query.limit)));
    },
  }),
];

export const metadataRoutes: readonly Route[] = [
  ...selectorRoutes('GET'),
  ...selectorRoutes('POST'),
  route({
    ...shared('GET'),
    path: '/api/v1/label/:name/values',
    summary: 'Values of a label',
    params: z.object({ name: z.string() }),
    query: selectorsSchema,
    handle: async ({ query, params }, { engine }) => {
      if (!isLabelName(params.name)) throw new ApiProblem('parameter_invalid', `"${params.name.slice(0, 80)}" is not a label name`);
      const { fromMs, toMs } = windowOf(query, engine);
      const values = await engine.query.labelValues(params.name, selectorsOf(query, engine), fromMs, toMs);
      return prometheusSuccess(JSON.stringify(limited(values, query.limit)));
    },
  }),
  route({
    ...shared('GET'),
    path: '/api/v1/metadata',
    summary: 'Type, unit and help of metrics',
    query: z.object({ metric: z.string().optional(), limit: z.string().optional() }),
    handle: async ({ query }, { engine }) => {
      const all = [...(await engine.query.metadata())].filter(([name]) => query.metric === undefined || name === query.metric);
      const entries = limited(all, query.limit).map(([name, { kind, help, unit }]) => [name, [{ type: kind, help, unit }]] as const);
      return prometheusSuccess(JSON.stringify(Object.fromEntries(entries)));
    },
  }),
  route({
    ...shared('GET'),
    path: '/api/v1/status/buildinfo',
    summary: 'Version, as Prometheus’s clients ask for it',
    description: 'The version is that of the PromQL dialect; `application` names this program.',
    handle: (_request, { version }) =>
      prometheusSuccess(
        JSON.stringify({
          version: '3.0.0',
          revision: '',
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: '',
          application: 'bellwether',
          applicationVersion: version,
        }),
      ),
  }),
];
