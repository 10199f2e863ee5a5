import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApi } from '../testing/test-api.ts';
import type { OpenApiDocument } from './documentation/openapi.ts';
import { allRoutes } from './routes.ts';

let api: TestApi;
let document: OpenApiDocument;
beforeAll(async () => {
  api = await TestApi.open();
  for (let i = 0; i < 5; i++) {
    await api.record('cpu_usage', 97.26);
    await api.record('memory_usage', 50, { instance: 'shop-1', job: 'shop' });
    await api.engine.alerting.evaluate(api.clock.nowMs());
    await api.engine.advisor.evaluate(api.clock.nowMs());
    await api.clock.advance(1000);
  }
  const endsAt = new Date(api.clock.nowMs() + 3_600_000).toISOString();
  await api.call('POST', '/api/v1/alerting/silences', {
    body: { matchers: [{ name: 'alertname', value: 'disk_usage' }], ends_at: endsAt, comment: 'works' },
  });
  document = (await api.get('/api/v1/openapi.json')).body;
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const SAMPLE_QUERY: Readonly<Record<string, string>> = { '/api/v1/performance/history': '?metric=cpu_usage' };
const described = allRoutes().filter((route) => route.answer !== undefined && route.method === 'GET' && !route.path.includes(':'));

describe('contract: the answer fits its schema', () => {
  test.each(described.map((route) => [route.path, route] as const))('GET %s', async (path, route) => {
    const { status, body } = await api.get(path + (SAMPLE_QUERY[path] ?? ''));
    expect(status).toBe(200);
    if (path === '/api/v1/session') return expect(body.data).toMatchObject({ scope: 'admin', expires_at: null });
    expect(route.answer?.safeParse(body.data).error?.issues).toBeUndefined();
    return expect(body).toMatchObject({ status: 'success', timestamp: expect.stringMatching(/Z$/) });
  });
});

test('a breach reads as promised, with percent to one decimal', async () => {
  const { data } = (await api.get('/api/v1/performance/alerts')).body;
  expect(data.alerts[0]).toMatchObject({ metric_name: 'cpu_usage', severity: 'critical', threshold: 90 });
  expect(data.alerts[0].message).toMatch(/^CPU usage is 97\.3%, exceeding threshold of 90\.0$/);
  expect((await api.get('/api/v1/performance/metrics/summary')).body.data.cpu_usage.current).toBe(97.3);
});

test('the filter narrows the list, the breakdown stays whole', async () => {
  const { data } = (await api.get('/api/v1/performance/alerts?severity=low')).body;
  expect(data.alerts.every((alert: { severity: string }) => alert.severity === 'low')).toBe(true);
  expect(data.count).toBe(data.alerts.length);
  expect(data.severity_breakdown.critical).toBe(1);
});

test('health has its aliases and counts', async () => {
  const { data } = (await api.get('/api/v1/performance/health')).body;
  expect(data.overall_security_score).toBe(data.health_score);
  expect(data.active_alerts).toBeTypeOf('number');
  expect(data.critical_alerts).toBe(1);
  expect(Array.isArray(data.recommendations)).toBe(true);
});

test('a dashboard is kept as it is, replaced and deleted', async () => {
  const content = { tiles: [{ query: 'rate(orders_total[5m])' }] };
  const made = await api.call('POST', '/api/v1/dashboards', { body: { name: 'Orders', content } });
  expect(made.status).toBe(201);
  const { id } = made.body.data;
  await api.call('PUT', `/api/v1/dashboards/${id}`, { body: { name: 'Orders and more', content } });
  expect((await api.get('/api/v1/dashboards')).body.data.dashboards).toMatchObject([
    { id, name: 'Orders and more', owner: 'BELLWETHER_TOKEN', content },
  ]);
  expect((await api.call('DELETE', `/api/v1/dashboards/${id}`)).status).toBe(200);
  expect((await api.get(`/api/v1/dashboards/${id}`)).status).toBe(404);
});

test('the summary of an instance is its own', async () => {
  const { data } = (await api.get('/api/v1/performance/metrics/summary?instance=shop-1')).body;
  expect(data.memory_usage.current).toBe(50);
  expect(data.cpu_usage).toBeUndefined();
});

test('regression: an instance that pushed several metrics with the same labels is listed once, with its newest sample', async () => {
  const meta = { kind: 'gauge', unit: '', help: '' } as const;
  const nowMs = api.clock.nowMs();
  const labels = { instance: 'shop-9', job: 'shop' };
  await api.engine.ingest([
    { name: 'orders_open', labels, meta, timesMs: [nowMs - 5000, nowMs - 2000], values: [1, 2] },
    { name: 'orders_done', labels, meta, timesMs: [nowMs - 3000], values: [3] },
  ]);
  const { data } = (await api.get('/api/v1/performance/instances')).body;
  expect(data.instances.filter(({ instance }: { instance: string }) => instance === 'shop-9')).toEqual([
    { instance: 'shop-9', job: 'shop', last_sample_at: new Date(nowMs - 2000).toISOString() },
  ]);
});

describe('the OpenAPI document', () => {
  test('is 3.1 and has every route and nothing else', () => {
    expect(document.openapi).toMatch(/^3\.1/);
    const inDocument = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const inCode = allRoutes().map((route) => `${route.method.toLowerCase()} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(inDocument.sort()).toEqual(inCode.sort());
  });

  test('refers only to schemas it has, and every operation has its own id', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(document.components.schemas, name).toHaveProperty([name]);
    expect(JSON.stringify(document)).not.toContain('$defs');
    const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map((operation) => operation.operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is readable as a page that loads nothing and escapes everything', async () => {
    const page = await api.get('/api/docs', { token: '' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('/api/v1/performance/metrics/summary');
    expect(page.text).not.toMatch(/<script|https?:\/\/|\son\w+=/);
    expect(page.text).not.toContain('[object Object]');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});
