import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestApi, type Answer } from '../../testing/test-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
  const alerts = Array.from({ length: 5 }, (_, i) => ({
    labels: { alertname: 'Down', instance: `host-${i}`, severity: i === 0 ? 'critical' : 'high' },
  }));
  await api.call('POST', '/api/v2/alerts', { body: alerts });
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});
const list = async (query = ''): Promise<Answer['body']> => (await api.get(`/api/v1/alerting/alerts${query}`)).body.data;

test('alerts are listed a page at a time and narrowed by what they are', async () => {
  expect(await list('?limit=2&offset=4')).toMatchObject({ count: 1, total: 5, severity_breakdown: { critical: 1, high: 4 } });
  expect(await list('?severity=critical')).toMatchObject({ total: 1 });
  expect(await list(`?filter=${encodeURIComponent('instance=~"host-[12]"')}`)).toMatchObject({ total: 2 });
  expect(await list('?metric=Up')).toMatchObject({ total: 0 });
  const [{ id }] = (await list()).alerts;
  expect((await api.get(`/api/v1/alerting/alerts/${id}`)).body.data.id).toBe(id);
  expect((await api.get('/api/v1/alerting/alerts/unknown')).status).toBe(404);
  for (const query of ['?limit=0', '?limit=1001', '?acknowledged=maybe', '?filter=%7Bx', '?colour=red'])
    expect((await api.get(`/api/v1/alerting/alerts${query}`)).status, query).toBe(400);
});

test('an acknowledgement is made, listed, taken back, and all of it stands in the history', async () => {
  const [{ id }] = (await list()).alerts;
  expect((await api.call('POST', '/api/v1/alerting/acks', { body: { alert_id: id, by: 'ada' } })).status).toBe(200);
  expect((await api.get('/api/v1/alerting/acks')).body.data).toMatchObject({ total: 1, acks: [{ alert_id: id, acknowledged_by: 'ada' }] });
  expect(await list('?acknowledged=true')).toMatchObject({ total: 1 });
  expect((await api.get('/api/v1/alerting/escalations')).body.data.alerts).toEqual([]);

  expect((await api.call('DELETE', `/api/v1/alerting/acks/${id}`)).status).toBe(200);
  expect((await api.get('/api/v1/alerting/acks')).body.data.total).toBe(0);
  expect((await api.call('DELETE', `/api/v1/alerting/acks/${id}`)).status).toBe(404);
  const { alerts } = (await api.get('/api/v1/alerting/history')).body.data;
  const record = alerts.find((one: { id: string }) => one.id === id);
  expect(record).toMatchObject({ acknowledged_by: null });
  expect(record.transitions.map(({ kind }: { kind: string }) => kind)).toEqual(['fired', 'acknowledged', 'unacknowledged']);
});

const BUILT_IN = { problem: null, minimum_severity: 'critical', repeat_seconds: null };

test('the ladder shows its steps and what is on the way', async () => {
  expect((await api.get('/api/v1/alerting/escalations')).body.data).toEqual({
    minimum_severity: 'critical',
    repeat_seconds: null,
    steps: [{ after_seconds: 900, channels: null }],
    ladders: [{ name: 'default', origin: 'file', matchers: [], steps: [{ after_seconds: 900, channels: null }], ...BUILT_IN }],
    alerts: [
      {
        id: expect.any(String),
        message: expect.any(String),
        severity: 'critical',
        ladder: 'default',
        level: 0,
        next_at: new Date(api.clock.nowMs() + 900_000).toISOString(),
      },
    ],
  });
});

test('what would become of an alert is told without sending it', async () => {
  expect((await api.get('/api/v1/alerting/routes')).body.data.route).toMatchObject({ id: '0', receiver: '', grouping: null, routes: [] });
  const tried = await api.call('POST', '/api/v1/alerting/routes/test', { body: { labels: { alertname: 'Down' } } });
  expect(tried.body.data.receivers).toEqual([{ receiver: '', channels: [], route: '0', origin: 'file', group: null }]);
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x']));
  expect((await api.call('POST', '/api/v1/alerting/routes/test', { body: { labels: many } })).status).toBe(400);
});

test('regression: the beginning that Go’s clients leave out is not the year one', async () => {
  const unset = { startsAt: '0001-01-01T00:00:00.000Z', endsAt: '0001-01-01T00:00:00.000Z' };
  await api.call('POST', '/api/v2/alerts', { body: [{ labels: { alertname: 'ByHand' }, ...unset }] });
  expect(await list('?metric=ByHand')).toMatchObject({ total: 1, alerts: [{ timestamp: new Date(api.clock.nowMs()).toISOString() }] });
});
