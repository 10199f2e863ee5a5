import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPrometheus, startPrometheus } from '../../../../../tests/servers/servers.ts';
import { TestApi } from '../../testing/test-api.ts';
import { negotiateFormat } from './exposition.ts';
import { expositionSlices } from './exposition-stream.ts';

const ODD = 'a"b\\c\nd é';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.open();
  const nowMs = api.clock.nowMs();
  const one = (name: string, labels: Record<string, string>, value: number, kind: 'counter' | 'gauge' | 'histogram', help = '') => ({
    name,
    labels,
    timesMs: [nowMs],
    values: [value],
    meta: { kind, unit: '', help },
  });
  await api.engine.ingest([
    one('orders_open', { market: ODD }, 4, 'gauge', 'Orders "open"\nnow \\ here.'),
    one('requests_total', { status: '200' }, 7, 'counter', 'Requests.'),
    one('requests_total', { status: '500' }, 1e21, 'counter', 'Requests.'),
    one('hits', {}, 1, 'gauge'),
    one('hits_total', {}, 2, 'counter'),
    one('odd_counter', {}, 3, 'counter'),
    one('wait', {}, -0.5, 'gauge'),
    one('wait_bucket', { le: '+Inf' }, 3, 'histogram'),
    one('wait_count', {}, 3, 'histogram'),
    one('infinite', {}, Infinity, 'gauge'),
    one('sunk', {}, -Infinity, 'gauge'),
    one('unknown_number', {}, NaN, 'gauge'),
  ]);
});
afterAll(() => api[Symbol.asyncDispose]());

const LABELLED = 'market="a\\"b\\\\c\\nd é"';
const ONLY = /^(#.*)?(orders_open|requests|hits|odd_counter|wait|infinite|sunk|unknown_number)/;
const mine = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line === '# EOF' || ONLY.test(line.replace(/^# (HELP|TYPE) /, '')))
    .join('\n');

describe('golden text', () => {
  test('Prometheus’s text format', async () => {
    const { headers, text } = await api.get('/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(mine(text)).toBe(
      [
        '# TYPE hits gauge',
        'hits 1',
        '# TYPE hits_total counter',
        'hits_total 2',
        '# TYPE infinite gauge',
        'infinite +Inf',
        '# TYPE odd_counter counter',
        'odd_counter 3',
        '# HELP orders_open Orders "open"\\nnow \\\\ here.',
        '# TYPE orders_open gauge',
        `orders_open{${LABELLED}} 4`,
        '# HELP requests_total Requests.',
        '# TYPE requests_total counter',
        'requests_total{status="200"} 7',
        'requests_total{status="500"} 1e+21',
        '# TYPE sunk gauge',
        'sunk -Inf',
        '# TYPE unknown_number gauge',
        'unknown_number NaN',
        '# TYPE wait gauge',
        'wait -0.5',
        '# TYPE wait_bucket counter',
        'wait_bucket{le="+Inf"} 3',
        '# TYPE wait_count counter',
        'wait_count 3',
      ].join('\n'),
    );
  });

  test('OpenMetrics: counters are named without _total where that is free, and are of unknown type otherwise', async () => {
    const { headers, text } = await api.get('/metrics', { headers: { accept: OPENMETRICS } });
    expect(headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(mine(text)).toBe(
      [
        '# TYPE hits gauge',
        'hits 1',
        '# TYPE hits_total unknown',
        'hits_total 2',
        '# TYPE infinite gauge',
        'infinite +Inf',
        '# TYPE odd_counter unknown',
        'odd_counter 3',
        '# TYPE orders_open gauge',
        '# HELP orders_open Orders \\"open\\"\\nnow \\\\ here.',
        `orders_open{${LABELLED}} 4`,
        '# TYPE requests counter',
        '# HELP requests Requests.',
        'requests_total{status="200"} 7',
        'requests_total{status="500"} 1e+21',
        '# TYPE sunk gauge',
        'sunk -Inf',
        '# TYPE unknown_number gauge',
        'unknown_number NaN',
        '# TYPE wait gauge',
        'wait -0.5',
        '# TYPE wait_bucket unknown',
        'wait_bucket{le="+Inf"} 3',
        '# TYPE wait_count unknown',
        'wait_count 3',
        '# EOF',
      ].join('\n'),
    );
    expect(text.endsWith('# EOF\n')).toBe(true);
  });
});

describe('content negotiation', () => {
  test.each([
    [null, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html, text/plain;q=0.5', 'text'],
    [OPENMETRICS, 'openmetrics'],
    ['application/openmetrics-text', 'openmetrics'],
    ['application/openmetrics-text; version=2.0.0', 'text'],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    ['application/openmetrics-text;q=0.3, text/plain', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=nonsense', 'text'],
  ])('%s asks for %s', (accept, format) => expect(negotiateFormat(accept)).toBe(format));

  test('HEAD tells the type and nothing else', async () => {
    const { status, headers, text } = await api.call('HEAD', '/metrics', { headers: { accept: OPENMETRICS } });
    expect([status, headers.get('content-type'), text]).toEqual([200, 'application/openmetrics-text; version=1.0.0; charset=utf-8', '']);
  });

  test('gzip for those who take it', async () => {
    const plain = await api.get('/metrics');
    const request = new Request('http://localhost:8000/metrics', {
      headers: { authorization: 'Bearer test-administrator-0123456789', 'accept-encoding': 'br;q=1, gzip;q=0.8' },
    });
    const response = await api.app.handle(request);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(mine(gunzipSync(await response.arrayBuffer()).toString())).toBe(mine(plain.text));
    const refused = await api.app.handle(
      new Request(request, { headers: { ...Object.fromEntries(request.headers), 'accept-encoding': 'gzip;q=0' } }),
    );
    expect(refused.headers.get('content-encoding')).toBeNull();
    await refused.body?.cancel();
  });
});

test('a large text comes in slices with a pause after each, whole and in order', async () => {
  const nowMs = api.clock.nowMs();
  await using other = await TestApi.open();
  const series = Array.from({ length: 5000 }, (_, i) => ({
    name: `m${i % 3}_total`,
    labels: { i: String(i) },
    timesMs: [nowMs],
    values: [i],
  }));
  await other.engine.ingest(series);
  let pauses = 0;
  const slices: string[] = [];
  for await (const slice of expositionSlices(other.engine.store, { nowMs, format: 'text', pause: async () => pauses++ }))
    slices.push(slice);
  expect(pauses).toBeGreaterThanOrEqual(10);
  expect(Math.max(...slices.map((slice) => slice.split('\n').length))).toBeLessThan(600);
  const lines = slices
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('m'));
  expect(lines).toHaveLength(5000);
  expect(lines[0]).toBe('m0_total{i="0"} 0');
});

test('an empty store is an empty text, and an end', async () => {
  await using empty = await TestApi.open();
  const text = async (format: 'text' | 'openmetrics'): Promise<string> => {
    const slices = [];
    for await (const slice of expositionSlices(empty.engine.store, { nowMs: 0, format })) slices.push(slice);
    return slices.join('');
  };
  expect([await text('text'), await text('openmetrics')]).toEqual(['', '# EOF\n']);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('Prometheus’s own parsers', () => {
  test.skipIf(!hasPromtool)('promtool reads the text', async () => {
    const { text } = await api.get('/metrics');
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    // 3: it was read, and promtool has an opinion about a name. 1: it was not read.
    expect([0, 3]).toContain(status);
    expect(stderr).not.toContain('error while linting');
  });

  test.skipIf(!hasPrometheus)('a Prometheus that scrapes us asks for OpenMetrics and has every value', async () => {
    const asked: string[] = [];
    const target = createServer(async (request, response) => {
      const headers = { authorization: 'Bearer test-administrator-0123456789', accept: request.headers.accept ?? '' };
      const answer = await api.app.handle(new Request('http://localhost:8000/metrics', { headers }));
      asked.push(answer.headers.get('content-type') ?? '');
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(await answer.text());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    const { port } = target.address() as AddressInfo;
    await using prometheus = await startPrometheus(
      'prometheus',
      `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: us, static_configs: [{targets: ['127.0.0.1:${port}']}]}]\n`,
    );
    const ask = async (query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
      return ((await answer.json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }).data.result;
    };
    await expect.poll(async () => (await ask('up'))[0]?.value[1], { timeout: 15_000, interval: 200 }).toBe('1');
    target.close();
    target.closeAllConnections();
    expect(asked[0]).toContain('openmetrics');
    expect((await ask('orders_open'))[0]).toMatchObject({ metric: { market: ODD }, value: [expect.any(Number), '4'] });
    expect((await ask('sum(requests_total)'))[0]?.value[1]).toBe('1e+21');
    for (const [query, value] of [
      ['infinite', '+Inf'],
      ['sunk', '-Inf'],
      ['unknown_number', 'NaN'],
      ['wait_bucket', '3'],
    ] as const)
      expect((await ask(query))[0]?.value[1]).toBe(value);
  });
});
