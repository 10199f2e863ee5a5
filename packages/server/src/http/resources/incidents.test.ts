import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

const PATH = '/api/v1/alerting/incidents';

test('what breaks together is listed as one, with its root, and taken as one', async () => {
  await using api = await TestApi.open();
  await api.record('cpu_usage', 95);
  await api.record('memory_usage', 97);
  await api.engine.alerting.evaluate(api.clock.nowMs());
  const { incidents, count } = (await api.get(PATH)).body.data;
  expect(count).toBe(1);
  expect(incidents[0]).toMatchObject({ title: expect.stringContaining('and 1 more alert'), ended_at: null });
  expect(incidents[0].alerts.map(({ id }: { id: string }) => id)).toContain(incidents[0].likely_root);
  const taken = await api.call('POST', `${PATH}/${incidents[0].id}/acknowledge`);
  expect(taken.body.message).toBe('Acknowledged 2 alerts');
  const { alerts } = (await api.get('/api/v1/performance/alerts')).body.data;
  expect(alerts.every(({ acknowledged_by }: { acknowledged_by: string | null }) => acknowledged_by !== null)).toBe(true);
  expect((await api.get(`${PATH}/${incidents[0].id}`)).body.data.id).toBe(incidents[0].id);
  expect((await api.get(`${PATH}/unknown`)).status).toBe(404);
  expect((await api.get(`${PATH}?state=closed`)).status).toBe(400);
});

test('a list shows the first alerts of an incident and counts them all; the incident gives them page by page', async () => {
  await using api = await TestApi.open();
  const pushed = Array.from({ length: 60 }, (_, i) => ({
    labels: { alertname: `Slow${i}`, job: 'api' },
    startsAt: '2026-01-01T00:00:00Z',
  }));
  expect((await api.call('POST', '/api/v2/alerts', { body: pushed })).status).toBe(200);
  const { incidents } = (await api.get(PATH)).body.data;
  expect(incidents).toHaveLength(1);
  const [{ id, member_count, alerts }] = incidents;
  expect([member_count, alerts.length]).toEqual([60, 50]);
  expect((await api.get(`${PATH}/${id}`)).body.data.alerts).toHaveLength(60);
  const page = (await api.get(`${PATH}/${id}?limit=2&offset=48`)).body.data;
  expect([page.member_count, page.alerts]).toEqual([60, alerts.slice(48)]);
  expect((await api.get(`${PATH}?offset=1`)).body.data).toEqual({ incidents: [], count: 0 });
});
