import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { messageOf } from '../../base/errors.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Labels } from '../../model/labels.ts';
import { openEmbeddedStore } from '../../store/embedded-store.ts';
import { put } from '../../store/sample-store.contract.ts';
import type { SampleStore } from '../../store/sample-store.ts';
import { createQueryEngine } from '../create-query-engine.ts';
import { DIFFERENTIAL_EXPRESSIONS } from './differential-expressions.ts';
import { formatLabels } from '../context/frame.ts';
import { randomExpressions } from './random-expressions.ts';
import type { QueryEngine, QueryValue } from '../query-engine.ts';
import { writeToPrometheus, type WrittenSeries } from './write-to-prometheus.ts';

/** A Prometheus of version 3, from BELLWETHER_PROMETHEUS or the path;. */
function findPrometheus(): string | undefined {
  const binary = process.env['BELLWETHER_PROMETHEUS'] ?? 'prometheus';
  try {
    const version = execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return / version 3\./.test(version) ? binary : undefined;
  } catch {
    return undefined;
  }
}
const prometheus = findPrometheus();
if (prometheus === undefined) {
  console.warn('SKIPPED: no Prometheus 3 to compare PromQL with. Set BELLWETHER_PROMETHEUS to its binary.');
}

const T0 = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 4 * 3_600_000;
const MINUTES = 60;

/** Series of every kind the functions tell apart, with gaps, resets, NaN and infinities. */
function data(): WrittenSeries[] {
  let seed = 11;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const every = (stepMs: number, value: (i: number) => number | undefined): (readonly [number, number])[] =>
    Array.from({ length: Math.floor((MINUTES * 60_000) / stepMs) }, (_, i) => [T0 + i * stepMs, value(i)] as const).filter(
      (sample): sample is readonly [number, number] => sample[1] !== undefined,
    );
  const series = [];
  for (const job of ['api', 'db', 'web']) {
    for (const instance of ['a', 'b']) {
      let total = 0;
      series.push({
        name: 'requests_total',
        labels: { job, instance },
        samples: every(15_000, (i) => {
          total = job === 'db' && i % 70 === 69 ? Math.floor(random() * 5) : total + Math.floor(random() * 20);
          return instance === 'b' && i % 50 > 40 ? undefined : total;
        }),
      });
      series.push({
        name: 'temperature',
        labels: { job, instance },
        samples: every(10_000, (i) => Math.round(1000 * Math.sin(i / 9 + total) + 50 * random()) / 100),
      });
      let cumulative = [0, 0, 0, 0];
      const buckets: (readonly [number, number])[][] = [[], [], [], []];
      for (let i = 0; i < MINUTES * 4; i++) {
        let sum = 0;
        cumulative = cumulative.map((count) => count + (sum += Math.floor(random() * 6)));
        cumulative.forEach((count, b) => buckets[b]?.push([T0 + i * 15_000, count]));
      }
      ['0.1', '0.5', '2', '+Inf'].forEach((le, b) =>
        series.push({ name: 'latency_bucket', labels: { job, instance, le }, samples: buckets[b] ?? [] }),
      );
    }
    series.push({ name: 'owner', labels: { job, team: `team-${job}` }, samples: every(60_000, () => 1) });
    series.push({ name: 'up', labels: { job }, samples: every(30_000, (i) => (i % 7 === 3 ? 0 : 1)) });
  }
  series.push({ name: 'odd', labels: { kind: 'nan' }, samples: every(30_000, (i) => (i % 3 === 0 ? Number.NaN : i)) });
  series.push({ name: 'odd', labels: { kind: 'inf' }, samples: every(30_000, (i) => (i % 5 === 0 ? Infinity : -i)) });
  series.push({ name: 'odd', labels: { kind: 'huge' }, samples: every(30_000, (i) => (i % 2 === 0 ? 1.7e308 : -3e-300)) });
  series.push({ name: 'odd', labels: { kind: 'constant' }, samples: every(30_000, () => 42.5) });
  series.push({ name: 'once', labels: {}, samples: [[T0 + 600_000, 5] as const] });
  return series;
}

type Answer =
  | { readonly error: string }
  | { readonly series: Readonly<Record<string, readonly (readonly [number, number])[]>>; readonly notes: readonly boolean[] };

const parse = (text: string): number => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

function near(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-6);
}

/** What differs, `undefined` when nothing does. */
function difference(ours: Answer, theirs: Answer): string | undefined {
  if ('error' in ours || 'error' in theirs) {
    if ('error' in ours && 'error' in theirs) return undefined;
    return 'error' in ours ? `we fail: ${ours.error}` : `they fail: ${(theirs as { error: string }).error}`;
  }
  const keys = new Set([...Object.keys(ours.series), ...Object.keys(theirs.series)]);
  for (const key of keys) {
    const a = ours.series[key];
    const b = theirs.series[key];
    if (a === undefined || b === undefined) return `${key} is only ${a === undefined ? 'theirs' : 'ours'}`;
    if (a.length !== b.length) return `${key} has ${a.length} values, theirs ${b.length}`;
    const i = a.findIndex(([atMs, value], k) => atMs !== b[k]?.[0] || !near(value, b[k][1]));
    if (i >= 0) return `${key} differs: ${JSON.stringify(a[i])} theirs ${JSON.stringify(b[i])}`;
  }
  if (ours.notes[0] !== theirs.notes[0] || ours.notes[1] !== theirs.notes[1])
    return `annotations differ (warnings, infos): ${ours.notes.join(', ')} theirs ${theirs.notes.join(', ')}`;
  return undefined;
}

describe.skipIf(prometheus === undefined)('PromQL compared with a real Prometheus 3', () => {
  let dir = '';
  let stop: (() => Promise<unknown>) | undefined;
  let base = '';
  let store: SampleStore;
  let query: QueryEngine;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'bellwether-prometheus-'));
    const series = data();
    writeFileSync(join(dir, 'p.yml'), 'global: {scrape_interval: 15s}\n');
    const binary = prometheus as string;
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const child = spawn(
      binary,
      [
        `--config.file=${join(dir, 'p.yml')}`,
        `--storage.tsdb.path=${join(dir, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
      ],
      { stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => child.once('close', resolve));
    stop = async () => (child.kill(), await ended);
    for (let tries = 0; tries < 100; tries++) {
      if (
        await fetch(`${base}/-/ready`).then(
          (r) => r.ok,
          () => false,
        )
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await writeToPrometheus(base, series);
    const clock = new FakeClock(T0 + 4 * 3_600_000);
    store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger });
    for (const { name, labels, samples } of series) put(store, { name, labels }, samples);
    query = createQueryEngine({ store, clock });
  }, 60_000);
  afterAll(async () => {
    if (stop === undefined) return;
    await stop();
    await store[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });

  const from = T0 + 20 * 60_000;
  const range = { fromMs: from, toMs: from + 35 * 60_000, stepMs: 150_000 };

  async function theirs(path: string, parameters: Record<string, string>): Promise<Answer> {
    const reply = (await (
      await fetch(`${base}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) })
    ).json()) as PrometheusReply;
    if (reply.status !== 'success') return { error: reply.error ?? '' };
    const { resultType, result } = reply.data;
    const notes = [(reply.warnings ?? []).length > 0, (reply.infos ?? []).length > 0];
    if (resultType === 'scalar') return { series: { '': [pair(result as [number, string])] }, notes };
    if (resultType === 'string') return { series: {}, notes };
    const series = (result as { metric: Labels; value?: [number, string]; values?: [number, string][] }[]).map(
      ({ metric, value, values }) => [formatLabels(metric), (values ?? [value as [number, string]]).map(pair)] as const,
    );
    return { series: Object.fromEntries(series), notes };
  }
  async function ours(
    ask: () => Promise<{ readonly value: QueryValue; readonly warnings: readonly string[]; readonly infos: readonly string[] }>,
  ): Promise<Answer> {
    try {
      const { value, warnings, infos } = await ask();
      return { series: plain(value), notes: [warnings.length > 0, infos.length > 0] };
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  async function disagreements(expressions: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const expression of expressions) {
      const at = String(from / 1000);
      const instant = difference(await ours(() => query.instant(expression, from)), await theirs('query', { query: expression, time: at }));
      if (instant !== undefined) found.push(`instant ${expression}: ${instant}`);
      const window = { start: at, end: String(range.toMs / 1000), step: String(range.stepMs / 1000) };
      const over = difference(
        await ours(() => query.range(expression, range)),
        await theirs('query_range', { query: expression, ...window }),
      );
      if (over !== undefined) found.push(`range ${expression}: ${over}`);
    }
    return found;
  }

  test('model: every function, operator and modifier gives what Prometheus gives, annotations and refusals included', async () => {
    expect(await disagreements(DIFFERENTIAL_EXPRESSIONS)).toEqual([]);
  }, 60_000);

  test('model: random expressions give what Prometheus gives', async () => {
    expect(await disagreements(randomExpressions(Number(process.env['BELLWETHER_RANDOM_EXPRESSIONS'] ?? 300)))).toEqual([]);
  }, 120_000);
});

interface PrometheusReply {
  readonly status: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly data: { readonly resultType: string; readonly result: unknown };
}

function pair([seconds, text]: [number, string]): [number, number] {
  return [Math.round(seconds * 1000), parse(text)];
}

function plain(value: QueryValue): Record<string, [number, number][]> {
  if (value.type === 'scalar') return { '': [[value.atMs, value.value]] };
  if (value.type === 'vector')
    return Object.fromEntries(value.samples.map(({ labels, atMs, value }) => [formatLabels(labels), [[atMs, value]]]));
  if (value.type === 'matrix')
    return Object.fromEntries(
      value.series.map(({ labels, timesMs, values }) => [formatLabels(labels), timesMs.map((atMs, i) => [atMs, values[i] ?? Number.NaN])]),
    );
  return {};
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
