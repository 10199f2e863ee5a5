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
  expect((await api.get(`${PATH}?offset=1`)).body.data.count).toBe(0);
  expect((await api.get(`${PATH}?state=closed`)).status).toBe(400);
});

test('a list shows the first alerts of a storm, the root among them, and one incident shows all', async () => {
  await using api = await TestApi.open();
  await api.call('POST', '/api/v2/alerts', {
    body: Array.from({ length: 60 }, (_, i) => ({
      labels: { alertname: `Broken${i}`, job: 'shop', instance: 'a' },
      startsAt: new Date(api.clock.nowMs() - (i === 59 ? 60_000 : 0)).toISOString(),
    })),
  });
  const [incident] = (await api.get(PATH)).body.data.incidents;
  expect(incident).toMatchObject({ alert_count: 60, likely_root: incident.alerts[0].id });
  expect(incident.alerts).toHaveLength(50);
  expect(incident.alerts[0].metric_name).toBe('Broken59');
  expect((await api.get(`${PATH}/${incident.id}`)).body.data.alerts).toHaveLength(60);
});
