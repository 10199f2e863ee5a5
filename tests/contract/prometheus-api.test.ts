import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findPrometheus, PrometheusOracle } from '../../packages/monitor/src/query/testing/prometheus-oracle.ts';
import { MIXED_START_MS, mixedSeries } from '../../packages/monitor/src/query/testing/mixed-series.ts';
import { writeToPrometheus } from '../../packages/monitor/src/query/testing/write-to-prometheus.ts';
import { ServerProcess, TOKEN } from './server-process.ts';

const binary = findPrometheus(3);
if (binary === undefined) console.warn('SKIPPED: no Prometheus 3 to compare the HTTP API with. Set BELLWETHER_PROMETHEUS to its binary.');

const SECOND = MIXED_START_MS / 1000;
const window = `start=${SECOND}&end=${SECOND + 3600}`;
const encoded = encodeURIComponent;

/** Requests as Grafana's Prometheus data source, promtool and curl make them: path, or path and form body. */
const REQUESTS: readonly (readonly [path: string, form?: string])[] = [
  // A panel, Explore (instant and range), the health check, an alert rule.
  ['query_range', `query=${encoded('sum by (job) (rate(requests_total[1m]))')}&start=${SECOND + 600}&end=${SECOND + 1200}&step=15`],
  ['query_range', `query=up&start=${SECOND + 600}.5&end=${SECOND + 900}.25&step=15.000`],
  ['query_range', `query=up&start=${SECOND + 600}&end=${SECOND + 900}&step=1m&timeout=30s&lookback_delta=10s`],
  ['query', `query=${encoded('1+1')}&time=4`],
  ['query', `query=${encoded('vector(1)+vector(1)')}&time=1764000000.123`],
  ['query', `query=${encoded('topk(2, temperature)')}&time=${SECOND + 600}`],
  ['query', `query=${encoded('up{job="api"}[2m]')}&time=${SECOND + 600}`],
  ['query', `query=odd&time=${SECOND + 600}`],
  ['query', `query=${encoded('"text"')}&time=${SECOND + 600}`],
  ['query', `query=nothing&time=${SECOND + 600}`],
  ['query', `query=temperature&limit=2&time=${SECOND + 600}`],
  ['query', `query=${encoded('sort_desc(temperature)')}&time=${new Date(MIXED_START_MS + 600_000).toISOString()}`],
  [`query?query=up&time=${SECOND + 600}`],
  // The query builder and variables.
  ['labels', `${window}&match[]=${encoded('{__name__="up"}')}`],
  ['labels', `${window}&limit=2`],
  [`labels?${window}`],
  [`label/__name__/values?${window}`],
  [`label/__name__/values?${window}&limit=2`],
  [`label/job/values?${window}&match[]=up&match[]=owner`],
  [`label/job/values?${window}&match[]=${encoded('temperature{instance="a"}')}`],
  [`label/nope/values?${window}`],
  [`label/U__service_2e_name/values?${window}`],
  [`label/no-identifier/values?${window}`],
  ['series', `${window}&match[]=${encoded('{job="api",__name__=~"up|owner"}')}`],
  [`series?${window}&match[]=up&limit=1`],
  [`query_exemplars?query=up&${window}`],
  // What is wrong.
  ['query', `query=${encoded('sum(')}`],
  ['query', ''],
  ['query', `query=up&time=yesterday`],
  ['query', `query=up&timeout=never`],
  ['query', `query=up&lookback_delta=never`],
  ['query', `query=up&limit=many`],
  ['query', `query=${encoded('temperature + on (job) temperature')}&time=${SECOND + 600}`],
  ['query', `query=${encoded('label_replace(up, "job", "", "", "")')}&time=${SECOND + 600}`],
  ['query_range', `query=up&start=10&end=0&step=1`],
  ['query_range', `query=up&start=0&end=100000&step=1`],
  ['query_range', `query=up&start=0&end=10&step=0`],
  ['query_range', `query=up&start=0&end=10&step=-5`],
  ['query_range', `query=up&start=0&end=10`],
  ['query_range', `query=${encoded('up[5m]')}&start=0&end=10&step=1`],
  ['series', ''],
  ['series', 'match[]={'],
  [`labels?limit=many`],
  // Tools.
  ['format_query', `query=${encoded('sum by(job)(rate(up{b="c",a!="d"}[90s]offset 1d))>bool 1e3')}`],
  ...[
    'sum without (job) (rate(up{a=~"b|c"}[5m] offset 1m))',
    'topk(3, -up @ end())',
    'a * on (x) group_left (y) b',
    '(1 + 2) ^ -3',
    'a / 2 > bool 5',
    'max_over_time(sum(up)[10m:30s] @ 1700000000.5)',
    'label_join(up, "a", "-", "b", "c")',
    'hour()',
    'round(up)',
    '{"my.metric"} or "text"',
    'a and b',
  ].map((text) => ['parse_query', `query=${encoded(text)}`] as const),
];

interface Reply {
  readonly http: number;
  readonly status: string;
  readonly errorType?: string;
  readonly data?: unknown;
  readonly warnings?: unknown;
  readonly infos?: unknown;
}

describe.skipIf(binary === undefined)('the Prometheus API compared with a real Prometheus 3', () => {
  let server: ServerProcess;
  let oracle: PrometheusOracle;
  beforeAll(async () => {
    oracle = await PrometheusOracle.start(binary as string);
    server = await ServerProcess.start();
    const series = mixedSeries();
    await oracle.write(series);
    await writeToPrometheus(`http://127.0.0.1:${server.port}`, series, { headers: { authorization: `Bearer ${TOKEN}` } });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await oracle[Symbol.asyncDispose]();
  });

  async function ask(base: string, [path, form]: (typeof REQUESTS)[number]): Promise<Reply> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const init = form === undefined ? { headers } : { method: 'POST', body: new URLSearchParams(form), headers };
    const reply = await fetch(`${base}/api/v1/${path}`, init);
    const { status, errorType, data, warnings, infos } = (await reply.json()) as Reply;
    const shown = /limit=\d/.test(`${path}${form ?? ''}`) ? countOf(data) : inOrder(data);
    return { http: reply.status, status, ...(errorType === undefined ? {} : { errorType }), data: shown, warnings, infos };
  }

  test.each(REQUESTS.map((request) => [request.join(' ').slice(0, 160), request] as const))('contract: %s', async (_name, request) => {
    const [ours, theirs] = await Promise.all([ask(`http://127.0.0.1:${server.port}`, request), ask(oracle.url, request)]);
    expect(ours).toEqual(theirs);
  });
});

/** Series in one order: without sort() an engine may answer in any. */
function inOrder(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('result' in data) || !Array.isArray(data.result)) return data;
  const sorted = data.result.toSorted((a, b) => (metricText(a) < metricText(b) ? -1 : 1)) as unknown[];
  return { ...data, result: sorted };
}

function metricText(series: unknown): string {
  const { metric = {} } = series as { metric?: Record<string, string> };
  return JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Which of a list's items a limit leaves is for each engine to say; how many is not. */
function countOf(data: unknown): unknown {
  const list: unknown = typeof data === 'object' && data !== null && 'result' in data ? data.result : data;
  return Array.isArray(list) ? list.length : list;
}
