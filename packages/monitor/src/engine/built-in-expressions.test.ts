import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hasPrometheus,
  hasVictoriaMetrics,
  startPrometheus,
  startVictoriaMetrics,
  type TestServer,
} from '../../../../tests/servers/servers.ts';
import { historyQueries } from '../../../web/src/charts/history-queries.ts';
import { KNOWN_METRICS } from '../../../web/src/charts/catalogue.ts';
import { takeReadings as takeThresholdReadings } from '../alerts/thresholds/take-readings.ts';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { takeReadings } from '../diagnose/take-readings.ts';
import { createQueryEngine } from '../query/create-query-engine.ts';
import type { QueryEngine, QueryResult, QueryValue } from '../query/query-engine.ts';
import type { HeldSeries, QueryEngineUnderTest } from '../query/query-engine.contract.ts';
import { openRemote, storeWith } from '../query/remote/testing/remote-bench.ts';
import { DEFAULT_THRESHOLDS } from '../rules/thresholds.ts';
import type { SampleStore } from '../store/sample-store.ts';

type Ask = (query: QueryEngine) => Promise<QueryResult>;

/** Two samples at least in each range: with fewer, VictoriaMetrics takes one of before the range where Prometheus has no answer. */
const STEP_MS = 2000;
const STEPS = 600;
const endMs = Math.floor(Date.now() / STEP_MS) * STEP_MS - 60_000;
/** Between two samples, as any moment nearly always is. */
const atMs = endMs + 1234;

/**
 * A server and an instance that pushes, both with everything the built-in expressions ask for. Counters grow evenly:
 * VictoriaMetrics does not extrapolate, so that of others its rates differ by up to a sample's share of the range.
 */
function builtInSeries(): HeldSeries {
  const series: { name: string; labels: Record<string, string>; samples: (readonly [number, number])[] }[] = [];
  const add = (name: string, labels: Record<string, string>, valueAt: (step: number) => number): void => {
    const samples = Array.from({ length: STEPS }, (_, i) => [endMs - (STEPS - 1 - i) * STEP_MS, valueAt(i)] as const);
    series.push({ name, labels, samples });
  };
  const gauges = [
    'cpu_usage',
    'memory_usage',
    'disk_usage',
    'process_cpu_usage',
    'process_heap_used_bytes',
    'nodejs_eventloop_utilization',
  ];
  for (const [owner, labels] of [{}, { instance: 'a:1', job: 'api' }].entries()) {
    for (const [i, name] of [...gauges, 'process_uptime_seconds', 'error_rate', 'cache_hit_rate'].entries())
      add(name, labels, (step) => 10 * (owner + 1) + i + (step % 7) / 4);
    for (const [timer, own] of [
      ['api_response_time', { method: 'GET', route: '/orders', status: '200' }],
      ['database_query_time', { query: 'select ?', operation: 'select' }],
      ['http_client_time', { host: 'example.org' }],
    ] as const) {
      const of = { ...labels, ...own };
      add(timer, of, (step) => 20 + (step % 5));
      add(`${timer}_count`, of, (step) => 10 * step);
      add(`${timer}_sum`, of, (step) => 250 * step);
      for (const [le, share] of [
        ['10', 2],
        ['50', 9],
        ['+Inf', 10],
      ] as const)
        add(`${timer}_bucket`, { ...of, le }, (step) => share * step);
    }
    for (const column of ['hits', 'misses', 'evictions', 'writes', 'overwrites'])
      add(`cache_${column}_total`, { ...labels, cache: 'default' }, (step) => step * column.length);
    for (const column of ['entries', 'max_entries']) add(`cache_${column}`, { ...labels, cache: 'default' }, () => 100 + column.length);
    add('disk_total_bytes', { ...labels, mount: '/' }, () => 1e11);
    add('disk_usage_bytes', { ...labels, mount: '/' }, (step) => 5e10 + step * 1e6);
  }
  return series;
}

/** Every question that thresholds, advice and the page's charts put. */
async function builtInQuestions(local: QueryEngine): Promise<ReadonlyMap<string, Ask>> {
  const asked = new Map<string, Ask>();
  const recorder: QueryEngine = Object.assign(Object.create(local) as QueryEngine, {
    instant: (expression: string, at: number) => {
      asked.set(`${expression} at ${at}`, (query) => query.instant(expression, at));
      return local.instant(expression, at);
    },
    range: (expression: string, range: Parameters<QueryEngine['range']>[1]) => {
      asked.set(`${expression} over ${JSON.stringify(range)}`, (query) => query.range(expression, range));
      return local.range(expression, range);
    },
    metadata: async () => new Map([['api_response_time', { kind: 'histogram', unit: 'ms', help: '' }]]),
  });
  await takeReadings({ query: recorder, log: silentLogger }, atMs);
  await takeThresholdReadings(recorder, Object.keys(DEFAULT_THRESHOLDS), { nowMs: atMs, intervalMs: STEP_MS });
  for (const instance of ['', 'a:1'])
    for (const { expression } of historyQueries(
      KNOWN_METRICS.map(({ name }) => name),
      instance,
      60,
    ))
      await recorder.range(expression, { fromMs: atMs - 600_000, toMs: atMs, stepMs: 10_000 });
  return asked;
}

/** Values by labels and instant. */
function plain(value: QueryValue): Map<string, number> {
  const all = new Map<string, number>();
  const put = (labels: Readonly<Record<string, string>>, at: number, number: number): void =>
    void all.set(`${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))} ${at}`, number);
  if (value.type === 'vector') for (const { labels, atMs, value: number } of value.samples) put(labels, atMs, number);
  if (value.type === 'matrix')
    for (const { labels, timesMs, values } of value.series) timesMs.forEach((at, i) => put(labels, at, values[i] ?? Number.NaN));
  return all;
}

function differences(ours: QueryValue, theirs: QueryValue): string[] {
  const [a, b] = [plain(ours), plain(theirs)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) => {
    const [one, other] = [a.get(key), b.get(key)];
    if (one === undefined || other === undefined) return [`${key}: ${one} and ${other}`];
    return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one)) ? [] : [`${key}: ${one} and ${other}`];
  });
}

const engines: readonly (readonly [name: string, isHere: boolean, start: () => Promise<TestServer>])[] = [
  ['Prometheus', hasPrometheus, () => startPrometheus()],
  ['VictoriaMetrics', hasVictoriaMetrics, () => startVictoriaMetrics()],
];
for (const [name, isHere, start] of engines) {
  describe.skipIf(!isHere)(`built-in expressions on a real ${name}`, () => {
    let server: TestServer;
    let remote: QueryEngineUnderTest;
    let store: SampleStore;
    let local: QueryEngine;
    beforeAll(async () => {
      server = await start();
      const series = builtInSeries();
      store = storeWith(series);
      local = createQueryEngine({ store, clock: systemClock });
      remote = await openRemote(server, series);
    }, 60_000);
    afterAll(async () => {
      await remote[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    test('model: every one gives what the embedded engine gives', async () => {
      const questions = await builtInQuestions(local);
      expect(questions.size).toBeGreaterThan(60);
      const found: string[] = [];
      let withAnswer = 0;
      for (const [text, ask] of questions) {
        const ours = (await ask(local)).value;
        if (plain(ours).size > 0) withAnswer++;
        found.push(
          ...differences(ours, (await ask(remote.query)).value)
            .slice(0, 2)
            .map((line) => `${text}\n  ${line}`),
        );
      }
      expect(withAnswer).toBeGreaterThan(50);
      expect(found).toEqual([]);
    }, 30_000);
  });
}
