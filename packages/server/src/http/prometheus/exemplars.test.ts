import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

test('exemplars are found by any expression over their series, in Prometheus’s form', async () => {
  await using api = await TestApi.open();
  const nowMs = api.clock.nowMs();
  api.engine.takeBatch({
    source: 'test',
    firstNewSlot: 0,
    newSeries: [],
    slots: new Uint32Array(0),
    timesMs: new Float64Array(0),
    values: new Float64Array(0),
    exemplars: [
      { series: { name: 'work_bucket', labels: { le: '128' } }, atMs: nowMs - 500, value: 100, labels: { trace_id: 'abc' } },
      { series: { name: 'other_bucket', labels: { le: '1' } }, atMs: nowMs, value: 1, labels: { trace_id: 'def' } },
    ],
  });
  const query = encodeURIComponent('histogram_quantile(0.9, sum by (le) (rate(work_bucket[5m]))) > 1');
  const { body } = await api.get(`/api/v1/query_exemplars?query=${query}`);
  expect(body.data).toEqual([
    {
      seriesLabels: { __name__: 'work_bucket', le: '128' },
      exemplars: [{ labels: { trace_id: 'abc' }, value: '100', timestamp: (nowMs - 500) / 1000 }],
    },
  ]);
  expect((await api.get(`/api/v1/query_exemplars?query=${query}&end=${nowMs / 1000 - 10}`)).body.data).toEqual([]);
  expect((await api.get('/api/v1/query_exemplars?query=sum(')).status).toBe(400);
});
