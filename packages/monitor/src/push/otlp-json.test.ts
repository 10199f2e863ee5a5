import { expect, test } from 'vitest';
import { otlpRequest } from './otlp-json.ts';

test('gauges and counters become data points with their labels and nanosecond times', () => {
  const request = otlpRequest(
    [
      {
        key: '1',
        name: 'cpu_usage',
        labels: {},
        meta: { kind: 'gauge', unit: 'percent', help: 'CPU' },
        timesMs: [1_700_000_000_123],
        values: [12.5],
      },
      { key: '2', name: 'requests_total', labels: { route: '/a' }, meta: undefined, timesMs: [1000, 2000], values: [1, 2] },
      { key: '3', name: 'requests_total', labels: { route: '/b' }, meta: undefined, timesMs: [1000], values: [Number.NaN] },
    ],
    { service: 'shop', instance: 'shop-1' },
  );
  const [resource] = request.resourceMetrics;
  expect(resource?.resource.attributes).toContainEqual({ key: 'service.instance.id', value: { stringValue: 'shop-1' } });
  const [cpu, requests] = resource?.scopeMetrics[0]?.metrics ?? [];
  expect(cpu).toEqual({
    name: 'cpu_usage',
    unit: 'percent',
    description: 'CPU',
    gauge: { dataPoints: [{ attributes: [], timeUnixNano: '1700000000123000000', asDouble: 12.5 }] },
  });
  expect(requests?.sum?.dataPoints).toHaveLength(2);
  expect(requests?.sum).toMatchObject({ aggregationTemporality: 2, isMonotonic: true });
});
