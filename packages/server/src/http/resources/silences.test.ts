import { expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

const PATH = '/api/v1/alerting/silences';
const CPU = [{ name: 'alertname', value: 'cpu_usage', isRegex: false, isEqual: true }];

test('a maintenance window is kept with its times and shown as it was written', async () => {
  await using api = await TestApi.open();
  const times = [{ times: [{ start_time: '02:00', end_time: '03:00' }], weekdays: ['sunday'], location: 'Europe/Berlin' }];
  const made = await api.call('POST', PATH, { body: { matchers: CPU, ends_at: '2027-01-01T00:00:00Z', times, comment: 'backups' } });
  expect(made.body.data).toMatchObject({ times, state: 'active', comment: 'backups' });
  expect((await api.get(PATH)).body.data.silences[0].times).toEqual(times);
  expect((await api.get(`${PATH}/${made.body.data.id}`)).body.data).toEqual(made.body.data);
  expect((await api.get(`${PATH}/unknown`)).status).toBe(404);
});

test('a silence is changed in place, and what it no longer covers is told', async () => {
  await using api = await TestApi.open();
  await api.record('cpu_usage', 95);
  const made = await api.call('POST', PATH, { body: { matchers: CPU, ends_at: '2027-01-01T00:00:00Z', author: 'ada' } });
  const path = `${PATH}/${made.body.data.id}`;
  await api.engine.alerting.evaluate(api.clock.nowMs());
  expect(api.engine.alerting.active()).toMatchObject([{ silenced: true }]);
  const longer = await api.call('PUT', path, { body: { matchers: CPU, ends_at: '2027-06-01T00:00:00Z', comment: 'longer' } });
  const { starts_at, id } = made.body.data;
  expect(longer.body.data).toMatchObject({ id, starts_at, author: 'ada', ends_at: '2027-06-01T00:00:00.000Z', comment: 'longer' });
  expect(api.engine.alerting.active()).toMatchObject([{ silenced: true }]);
  await api.call('PUT', path, { body: { matchers: [{ ...CPU[0], value: 'disk_usage' }], ends_at: '2027-06-01T00:00:00Z' } });
  expect(api.engine.alerting.active()).toMatchObject([{ silenced: false }]);
  expect((await api.get(PATH)).body.data.count).toBe(1);
  await api.call('DELETE', path);
  expect(await api.call('PUT', path, { body: { matchers: CPU, ends_at: '2027-06-01T00:00:00Z' } })).toMatchObject({ status: 404 });
  expect((await api.call('PUT', `${PATH}/other`, { body: { matchers: CPU, ends_at: '2027-06-01T00:00:00Z' } })).status).toBe(404);
});

test('times that are none are refused and told why', async () => {
  await using api = await TestApi.open();
  const body = { matchers: CPU, ends_at: '2027-01-01T00:00:00Z', times: [{ weekdays: ['funday'] }] };
  const answer = await api.call('POST', PATH, { body });
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toContain('sunday, monday');
});

test('a preview lists the active alerts that matchers cover, and changes nothing', async () => {
  await using api = await TestApi.open();
  await api.record('cpu_usage', 95);
  await api.engine.alerting.evaluate(api.clock.nowMs());
  const token = await api.newToken('read');
  const preview = await api.call('POST', `${PATH}/preview`, { token, body: { matchers: CPU } });
  expect(preview.body.data).toMatchObject({ count: 1, total: 1, alerts: [{ metric_name: 'cpu_usage' }] });
  const counted = await api.call('POST', `${PATH}/preview?limit=0`, { token, body: { matchers: CPU } });
  const { severity_breakdown } = preview.body.data;
  expect(counted.body.data).toEqual({ alerts: [], count: 0, total: 1, severity_breakdown });
  expect((await api.get(PATH)).body.data.count).toBe(0);
  expect((await api.call('POST', `${PATH}/preview`, { body: { matchers: [{ name: 'x', value: '.*', isRegex: true }] } })).status).toBe(400);
});

test('regression: times without end are refused before any of them is read', async () => {
  await using api = await TestApi.open();
  const times = Array.from({ length: 51 }, () => ({ weekdays: ['funday'] }));
  const answer = await api.call('POST', PATH, { body: { matchers: CPU, ends_at: '2027-01-01T00:00:00Z', times } });
  expect([answer.status, answer.body.detail]).toEqual([400, 'times: must be at most 50 items long']);
});
