import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, ServerProcess, TOKEN } from './server-process.ts';

const BASE = '/api/v1/performance';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(async () => {
  await server.stop();
});

const otlpGauge = (name: string, value: number, unit: string, labels: Record<string, string> = {}): unknown => ({
  resourceMetrics: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'shop' } },
          { key: 'service.instance.id', value: { stringValue: 'shop-1' } },
        ],
      },
      scopeMetrics: [
        {
          metrics: [
            {
              name,
              unit,
              gauge: {
                dataPoints: [
                  {
                    asDouble: value,
                    timeUnixNano: `${Date.now()}000000`,
                    attributes: Object.entries(labels).map(([key, text]) => ({ key, value: { stringValue: text } })),
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
});

async function pushUntilAlert(name: string, value: number, unit: string): Promise<any> {
  const { body } = await eventually(
    async () => {
      await server.post('/v1/metrics', otlpGauge(name, value, unit));
      return await server.json(`${BASE}/alerts`);
    },
    (answer) => answer.body.data.alerts.some((alert: { metric_name: string }) => alert.metric_name === name),
  );
  return body.data.alerts.find((alert: { metric_name: string }) => alert.metric_name === name);
}

describe('metrics/summary', () => {
  test('holds real readings of the host in the promised shape', async () => {
    const { status, body } = await server.json(`${BASE}/metrics/summary`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'success', timestamp: expect.stringMatching(ISO) });
    for (const name of ['cpu_usage', 'memory_usage', 'disk_usage']) {
      expect(body.data[name], name).toMatchObject({ unit: 'percent', timestamp: expect.stringMatching(ISO) });
      for (const field of ['current', 'average', 'min', 'max']) {
        expect(body.data[name][field], `${name}.${field}`).toBeGreaterThanOrEqual(0);
        expect(body.data[name][field], `${name}.${field}`).toBeLessThanOrEqual(100);
      }
    }
    expect(body.data.memory_usage.current).toBeGreaterThan(0);
    expect(Object.keys(body.data).some((name) => name.startsWith('network_'))).toBe(true);
    expect(Object.keys(body.data).some((name) => name.startsWith('process_'))).toBe(true);
    expect(body.data.health_score).toBeGreaterThanOrEqual(0);
    expect(body.data.health_score).toBeLessThanOrEqual(100);
  });

  test('carries the cache statistics of the cache route', async () => {
    const fields = ['entry_count', 'evictions', 'hit_rate', 'hits', 'max_size', 'misses', 'total_size', 'utilization'];
    const { body } = await server.json(`${BASE}/metrics/summary`);
    expect(Object.keys(body.data.cache)).toEqual(expect.arrayContaining(fields));
    const cache = await server.json(`${BASE}/cache/stats`);
    expect(Object.keys(cache.body.data)).toEqual(expect.arrayContaining(fields));
    expect(cache.body.data.max_size).toBe(2000);
  });
});

describe('alerts', () => {
  test('a breach of a pushed metric reads as promised, and goes when the value recovers', async () => {
    const alert = await pushUntilAlert('api_response_time', 1200, 'ms');
    expect(alert).toMatchObject({
      metric_name: 'api_response_time',
      threshold: 1000,
      current_value: 1200,
      severity: 'medium',
      message: 'API response time is 1200.0 ms, exceeding threshold of 1000.0',
      timestamp: expect.stringMatching(ISO),
    });
    const after = await eventually(
      async () => {
        await server.post('/v1/metrics', otlpGauge('api_response_time', 20, 'ms'));
        return await server.json(`${BASE}/alerts`);
      },
      (answer) => answer.body.data.alerts.every((one: { metric_name: string }) => one.metric_name !== 'api_response_time'),
    );
    expect(after.body.data.alerts.map((one: { metric_name: string }) => one.metric_name)).not.toContain('api_response_time');
    const history = await server.json('/api/v1/alerting/history');
    expect(JSON.stringify(history.body)).toContain('api_response_time');
  });

  test('a lower-is-worse breach says below', async () => {
    const alert = await pushUntilAlert('cache_hit_rate', 45, 'percent');
    expect(alert).toMatchObject({ severity: 'critical', message: 'Cache hit rate is 45.0%, below threshold of 50.0' });
  });

  test('the filter narrows the list and leaves the breakdown whole', async () => {
    await pushUntilAlert('error_rate', 50, 'percent');
    const { body } = await server.json(`${BASE}/alerts?severity=low`);
    expect(body.data.alerts.every((alert: { severity: string }) => alert.severity === 'low')).toBe(true);
    expect(body.data.count).toBe(body.data.alerts.length);
    expect(Object.keys(body.data.severity_breakdown).sort()).toEqual(['critical', 'high', 'low', 'medium']);
    expect(body.data.severity_breakdown.critical).toBeGreaterThanOrEqual(1);
  });

  test('an unknown severity names the allowed ones', async () => {
    const { status, body } = await server.json(`${BASE}/alerts?severity=urgent`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: 400, type: expect.any(String), title: expect.any(String), code: expect.any(String) });
    for (const allowed of ['low', 'medium', 'high', 'critical']) expect(body.detail).toContain(allowed);
  });
});

describe('recommendations', () => {
  test('are listed with their breakdown', async () => {
    const { status, body } = await server.json(`${BASE}/recommendations`);
    expect(status).toBe(200);
    expect(body.data.count).toBe(body.data.recommendations.length);
    expect(Object.keys(body.data.priority_breakdown)).toEqual(expect.arrayContaining(['low', 'medium', 'high', 'critical']));
    for (const one of body.data.recommendations) {
      expect(Object.keys(one)).toEqual(
        expect.arrayContaining(['category', 'priority', 'title', 'description', 'impact', 'effort', 'implementation', 'created_at']),
      );
    }
  });

  test('an unknown priority or category names the allowed ones', async () => {
    const priority = await server.json(`${BASE}/recommendations?priority=extreme`);
    expect(priority.status).toBe(400);
    expect(priority.body.detail).toContain('critical');
    const category = await server.json(`${BASE}/recommendations?category=astrology`);
    expect(category.status).toBe(400);
    expect(category.body.detail).toContain('database');
  });
});

describe('cache', () => {
  test('clear by tags counts what went, in the promised sentence', async () => {
    const { status, body } = await server.post(`${BASE}/cache/clear`, { tags: ['user', 'market'] });
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'success',
      message: expect.stringMatching(/^Cleared \d+ cache entries with tags: \['user', 'market'\]$/),
      timestamp: expect.stringMatching(ISO),
    });
  });

  test('clear without a body clears everything', async () => {
    const { status, body } = await server.post(`${BASE}/cache/clear`);
    expect(status).toBe(200);
    expect(body).toEqual({ status: 'success', message: 'Cleared all cache entries', timestamp: expect.stringMatching(ISO) });
  });

  test('entries are paged and never hold values', async () => {
    const { status, body } = await server.json(`${BASE}/cache/entries?tag=user`);
    expect(status).toBe(200);
    expect(Array.isArray(body.data.entries)).toBe(true);
    expect(JSON.stringify(body.data)).not.toContain('"value"');
  });

  test('cleanup says how many entries it removed', async () => {
    const { status, body } = await server.post(`${BASE}/cache/cleanup`);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toMatch(/\d+/);
  });
});

describe('health and control', () => {
  test('health has the score, its band and its aliases', async () => {
    const { status, body } = await server.json(`${BASE}/health`);
    expect(status).toBe(200);
    const { data } = body;
    expect(data.overall_security_score).toBe(data.health_score);
    expect(['excellent', 'good', 'fair', 'poor', 'critical']).toContain(data.health_status);
    expect(typeof data.active_alerts).toBe('number');
    expect(data.critical_alerts).toBeDefined();
    expect(Array.isArray(data.recommendations)).toBe(true);
  });

  test('monitoring stops and starts', async () => {
    expect((await server.post(`${BASE}/monitoring/stop`)).status).toBe(200);
    expect((await server.post(`${BASE}/monitoring/start`, { interval: 1 })).status).toBe(200);
    const wrong = await server.post(`${BASE}/monitoring/start`, { interval: 0 });
    expect(wrong.status).toBe(400);
  });

  test('the probes need no token and tell nothing', async () => {
    for (const route of ['/livez', '/readyz']) {
      const response = await server.fetch(route, {}, '');
      expect(response.status).toBe(200);
      expect((await response.text()).length).toBeLessThan(60);
    }
  });
});

describe('the ecosystem’s routes', () => {
  test('PromQL answers instant and range queries', async () => {
    const instant = await server.json(`/api/v1/query?query=${encodeURIComponent('avg(cpu_usage)')}`);
    expect(instant.body).toMatchObject({ status: 'success', data: { resultType: 'vector' } });
    expect(instant.body.data.result).toHaveLength(1);
    const nowS = Date.now() / 1000;
    const range = await server.json(`/api/v1/query_range?query=max_over_time(memory_usage[1m])&start=${nowS - 60}&end=${nowS}&step=5`);
    expect(range.body).toMatchObject({ status: 'success', data: { resultType: 'matrix' } });
    expect(range.body.data.result[0].values.length).toBeGreaterThan(0);
    const wrong = await server.json('/api/v1/query?query=sum(');
    expect(wrong.status).toBe(400);
  });

  test('the exposition is Prometheus text', async () => {
    const response = await server.fetch('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toMatch(/^# TYPE cpu_usage gauge$/m);
  });

  test('the OpenAPI document is 3.1 and covers every route of the contract', async () => {
    const { body } = await server.json('/api/v1/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/);
    for (const route of [
      'metrics/summary',
      'alerts',
      'recommendations',
      'cache/stats',
      'cache/clear',
      'cache/entries',
      'cache/cleanup',
      'health',
      'monitoring/start',
      'monitoring/stop',
    ]) {
      expect(body.paths, route).toHaveProperty([`${BASE}/${route}`]);
    }
    expect((await server.fetch('/api/docs', {}, TOKEN)).status).toBe(200);
  });

  test.each(['labels', 'metadata', 'rules', 'alerts', 'status/buildinfo', 'label/__name__/values', 'query_exemplars?query=up'])(
    '/api/v1/%s answers',
    async (route) => {
      const { status, body } = await server.json(`/api/v1/${route}`);
      expect(status).toBe(200);
      expect(body.status).toBe('success');
    },
  );

  test.each(['status', 'alerts', 'alerts/groups', 'silences', 'receivers'])('/api/v2/%s answers', async (route) => {
    expect((await server.json(`/api/v2/${route}`)).status).toBe(200);
  });
});

describe('bad input', () => {
  test.each([
    ['no token', '', 401],
    ['a wrong token', 'wrong-token-wrong-token-wrong', 401],
  ])('%s gets 401 as problem+json', async (_, token, status) => {
    const response = await server.fetch(`${BASE}/health`, {}, token);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ status, code: expect.any(String), title: expect.any(String), type: expect.any(String) });
  });

  test.each([
    ['malformed JSON', '{"tags":', 400],
    ['a wrong type', '{"tags":"user"}', 400],
    ['an unknown field', '{"tag":["user"]}', 400],
    ['a body over 1 MiB', JSON.stringify({ tags: ['x'.repeat(1_100_000)] }), 413],
  ])('%s is refused with a stable code', async (_, body, status) => {
    const response = await server.fetch(`${BASE}/cache/clear`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem: unknown = await response.json();
    expect(problem).toMatchObject({ status, code: expect.any(String) });
    expect(JSON.stringify(problem)).not.toMatch(/\bat .+:\d+:\d+/);
  });

  test('unknown routes are 404, wrong methods 405 with Allow', async () => {
    expect((await server.json(`${BASE}/nothing`)).status).toBe(404);
    const response = await server.fetch(`${BASE}/health`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('GET');
  });
});
