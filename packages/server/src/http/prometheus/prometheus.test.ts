import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { ADMIN_TOKEN, TestApi } from '../../testing/test-api.ts';
import { prometheusStream } from './answer.ts';

let api: TestApi;
let startMs: number;
beforeAll(async () => {
  api = await TestApi.open();
  startMs = api.clock.nowMs();
  for (const value of [1, 2.5, 4]) {
    await api.record('orders_open', value, { market: 'a"b\\c\nd' });
    await api.clock.advance(1000);
  }
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
const at = (offsetS: number): number => startMs / 1000 + offsetS;

describe('queries in Prometheus’s form', () => {
  test('an instant vector is [seconds, "value"]', async () => {
    const { body } = await api.get(`/api/v1/query?query=orders_open&time=${at(2)}`);
    expect(body).toEqual({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { __name__: 'orders_open', market: 'a"b\\c\nd' }, value: [at(2), '4'] }] },
    });
  });

  test('scalars, strings and special values are written as Prometheus writes them', async () => {
    const value = async (query: string): Promise<unknown> =>
      (await api.get(`/api/v1/query?time=5.123&query=${encodeURIComponent(query)}`)).body.data;
    expect(await value('1/0')).toEqual({ resultType: 'scalar', result: [5.123, '+Inf'] });
    expect(await value('-1/0')).toEqual({ resultType: 'scalar', result: [5.123, '-Inf'] });
    expect(await value('0/0')).toEqual({ resultType: 'scalar', result: [5.123, 'NaN'] });
    expect(await value('"text"')).toEqual({ resultType: 'string', result: [5.123, 'text'] });
  });

  test('a range query takes RFC 3339 and durations, and a form by POST', async () => {
    const start = new Date(startMs).toISOString();
    const end = new Date(startMs + 2000).toISOString();
    const get = await api.get(`/api/v1/query_range?query=orders_open&start=${start}&end=${end}&step=1s`);
    expect(get.body.data.result[0].values).toEqual([
      [at(0), '1'],
      [at(1), '2.5'],
      [at(2), '4'],
    ]);
    const form = new URLSearchParams({ query: 'orders_open', start, end, step: '1' }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await api.call('POST', '/api/v1/query_range', { body: form, headers })).body).toEqual(get.body);
  });

  test.each([
    ['query?query=sum(', 400, 'bad_data'],
    ['query', 400, 'bad_data'],
    ['query?query=up&time=yesterday', 400, 'bad_data'],
    ['query?query=up&timeout=never', 400, 'bad_data'],
    ['query_range?query=up&start=0&end=100000&step=1', 400, 'bad_data'],
    ['query_range?query=up&start=10&end=0&step=1', 400, 'bad_data'],
    ['query_range?query=up&start=0&end=10&step=0', 400, 'bad_data'],
    ['query_range?query=up&start=0&end=10&step=-5', 400, 'bad_data'],
    ['query_range?query=up&start=NaN&end=Infinity&step=1', 400, 'bad_data'],
    ['series', 400, 'bad_data'],
    ['series?match[]={', 400, 'bad_data'],
    ['labels?limit=many', 400, 'bad_data'],
    ['query?query=up&limit=-1', 400, 'bad_data'],
    ['query?query=up&lookback_delta=never', 400, 'bad_data'],
    ['parse_query?query=sum(', 400, 'bad_data'],
  ])('%s is refused with an error type and our code', async (path, status, errorType) => {
    const answer = await api.get(`/api/v1/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: 'error', errorType, error: expect.any(String), code: expect.any(String) });
  });

  test('what the data cannot be combined by is an execution error', async () => {
    const query = encodeURIComponent(
      '{__name__=~"orders_.+"} + on () group_left () (vector(1) or label_replace(vector(2), "x", "y", "", ""))',
    );
    const answer = await api.get(`/api/v1/query?time=${at(2)}&query=${query}`);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ status: 'error', errorType: 'execution', code: 'query_failed' });
  });

  test('a client that left ends its query', async () => {
    const left = AbortSignal.abort();
    const asked = api.engine.query.instant('orders_open', startMs, { signal: left });
    await expect(asked).rejects.toMatchObject({ code: 'query_canceled' });
  });

  test('answers are compressed for whoever takes gzip', async () => {
    const request = (headers: Record<string, string>): Request =>
      new Request(`http://localhost:8000/api/v1/query?time=${at(2)}&query=orders_open`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
      });
    const zipped = await api.app.handle(request({ 'accept-encoding': 'deflate, gzip' }));
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    const plain = await api.app.handle(request({ 'accept-encoding': 'gzip;q=0' }));
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).toBe(await plain.text());
  });

  test('a long answer is sent in pieces and no more is made once the client leaves', async () => {
    let made = 0;
    function* parts(): Generator<string> {
      for (; made < 1000; made++) yield 'x'.repeat(10_000);
    }
    const response = prometheusStream(new Request('http://localhost/'), parts(), {});
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    expect(made).toBeLessThan(100);
  });

  test('limit cuts the list and says so; statistics come when asked for; the lookback can be shortened', async () => {
    await api.record('orders_open', 9, { market: 'other' });
    const now = api.clock.nowMs() / 1000;
    const limited = await api.get(`/api/v1/query?query=orders_open&time=${now}&limit=1&stats=all`);
    expect(limited.body.data.result).toHaveLength(1);
    expect(limited.body.warnings).toEqual(['results truncated due to limit']);
    expect(limited.body.data.stats.samples.totalQueryableSamples).toBeGreaterThanOrEqual(2);
    const short = await api.get(`/api/v1/query?query=orders_open&time=${now}&lookback_delta=500ms`);
    expect(short.body.data.result).toEqual([{ metric: { __name__: 'orders_open', market: 'other' }, value: [now, '9'] }]);
  });

  test('annotations come with their place in the text', async () => {
    const { body } = await api.get(`/api/v1/query?time=${at(2)}&query=${encodeURIComponent('rate(orders_open[1m])')}`);
    expect(body.infos).toEqual([
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "orders_open" (1:6)',
    ]);
  });

  test('parameters nobody knows are ignored, as Grafana expects', async () => {
    expect((await api.get('/api/v1/query?query=1&dedup=true&_=17')).status).toBe(200);
  });
});

describe('metadata', () => {
  test('labels that are no identifiers are found by their escaped names', async () => {
    await api.engine.ingest([
      {
        name: 'http_calls',
        labels: { 'service.name': 'shop' },
        meta: { kind: 'counter', unit: '', help: '' },
        timesMs: [startMs],
        values: [1],
      },
    ]);
    expect((await api.get('/api/v1/label/U__service_2e_name/values')).body.data).toEqual(['shop']);
    expect((await api.get('/api/v1/label/no-identifier/values')).body.data).toEqual([]);
    const query = encodeURIComponent('sum by ("service.name") ({"http_calls"})');
    const { result } = (await api.get(`/api/v1/query?time=${at(0)}&query=${query}`)).body.data;
    expect(result).toEqual([{ metric: { 'service.name': 'shop' }, value: [at(0), '1'] }]);
  });

  test('what clients ask of the server itself is answered', async () => {
    expect((await api.get('/api/v1/status/buildinfo')).body.data).toMatchObject({ version: '3.5.0', application: 'bellwether' });
    expect((await api.get('/api/v1/status/runtimeinfo')).body.data.timeSeriesCount).toBeGreaterThan(0);
    expect((await api.get('/api/v1/status/tsdb')).body.data.headStats.numSeries).toBeGreaterThan(0);
    expect((await api.get('/api/v1/status/flags')).body.data['query.timeout']).toBe('30s');
    expect((await api.get('/api/v1/status/config')).body.data).toEqual({ yaml: '' });
  });

  test('series, labels and values are found by selector', async () => {
    const series = await api.get(`/api/v1/series?match[]=orders_open{market!="other"}&match[]=nothing`);
    expect(series.body.data).toEqual([{ __name__: 'orders_open', market: 'a"b\\c\nd' }]);
    expect((await api.get('/api/v1/labels?match[]=orders_open')).body.data).toEqual(['__name__', 'market']);
    expect((await api.get('/api/v1/label/market/values?match[]=orders_open{market!="other"}')).body.data).toEqual(['a"b\\c\nd']);
    expect((await api.get('/api/v1/metadata?metric=orders_open')).body.data).toEqual({
      orders_open: [{ type: 'gauge', unit: '', help: '' }],
    });
  });

  test('thresholds show as rules with both limits, the lower-is-worse one with its sign', async () => {
    const { groups } = (await api.get('/api/v1/rules')).body.data;
    const queries = groups[0].rules.map((rule: { query: string }) => rule.query);
    expect(queries).toEqual(expect.arrayContaining(['cpu_usage > 70', 'cpu_usage > 90', 'cache_hit_rate < 70', 'cache_hit_rate < 50']));
  });
});
