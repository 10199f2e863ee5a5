import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

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
    ['label/0bad/values', 400, 'bad_data'],
  ])('%s is refused with an error type and our code', async (path, status, errorType) => {
    const answer = await api.get(`/api/v1/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: 'error', errorType, error: expect.any(String), code: expect.any(String) });
  });

  test('parameters nobody knows are ignored, as Grafana expects', async () => {
    expect((await api.get('/api/v1/query?query=1&dedup=true&_=17')).status).toBe(200);
  });
});

describe('metadata', () => {
  test('series, labels and values are found by selector', async () => {
    const series = await api.get('/api/v1/series?match[]=orders_open&match[]=nothing');
    expect(series.body.data).toEqual([{ __name__: 'orders_open', market: 'a"b\\c\nd' }]);
    expect((await api.get('/api/v1/labels?match[]=orders_open')).body.data).toEqual(['__name__', 'market']);
    expect((await api.get('/api/v1/label/market/values')).body.data).toEqual(['a"b\\c\nd']);
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
