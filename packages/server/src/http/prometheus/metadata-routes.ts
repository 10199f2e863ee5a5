import type { Engine, Selector } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Method, type Route } from '../route.ts';
import { prometheusSuccess } from './answer.ts';
import { limited } from './limited.ts';

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

function listAnswer(items: readonly unknown[], limit: string | undefined): Response {
  const { items: first, warnings } = limited(items, limit);
  return prometheusSuccess(JSON.stringify(first), { warnings });
}

/** A label's name as it stands in an address: names that are no identifiers come as `U__` with `_2e_` for what is none, and `__` for `_`. */
function labelName(inPath: string): string {
  if (!inPath.startsWith('U__')) return inPath;
  return inPath.slice(3).replaceAll(/__|_([0-9a-fA-F]{1,6})_/g, (_, code?: string) => {
    const point = Number.parseInt(code ?? '5f', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  });
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
      return listAnswer(await engine.query.series(selectors, fromMs, toMs), query.limit);
    },
  }),
  route({
    ...shared(method),
    path: '/api/v1/labels',
    summary: 'Names of labels',
    query: selectorsSchema,
    handle: async ({ query }, { engine }) => {
      const { fromMs, toMs } = windowOf(query, engine);
      return listAnswer(await engine.query.labelNames(selectorsOf(query, engine), fromMs, toMs), query.limit);
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
      const { fromMs, toMs } = windowOf(query, engine);
      return listAnswer(await engine.query.labelValues(labelName(params.name), selectorsOf(query, engine), fromMs, toMs), query.limit);
    },
  }),
  route({
    ...shared('GET'),
    path: '/api/v1/metadata',
    summary: 'Type, unit and help of metrics',
    query: z.object({ metric: z.string().optional(), limit: z.string().optional() }),
    handle: async ({ query }, { engine }) => {
      const all = [...(await engine.query.metadata())].filter(([name]) => query.metric === undefined || name === query.metric);
      const entries = limited(all, query.limit).items.map(([name, { kind, help, unit }]) => [name, [{ type: kind, help, unit }]] as const);
      return prometheusSuccess(JSON.stringify(Object.fromEntries(entries)));
    },
  }),
];
