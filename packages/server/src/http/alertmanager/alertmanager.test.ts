import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
  await api.record('cpu_usage', 95);
  await api.engine.alerting.evaluate(api.clock.nowMs());
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const silence = (changes: object = {}): object => ({
  matchers: [{ name: 'alertname', value: 'cpu_usage', isRegex: false, isEqual: true }],
  startsAt: new Date(api.clock.nowMs()).toISOString(),
  endsAt: new Date(api.clock.nowMs() + 3_600_000).toISOString(),
  createdBy: 'ops',
  comment: 'deploy',
  ...changes,
});

test('alerts carry the labels and fields Alertmanager’s clients read', async () => {
  const { status, body } = await api.get('/api/v2/alerts');
  expect(status).toBe(200);
  expect(body[0]).toMatchObject({
    labels: { alertname: 'cpu_usage', severity: 'critical' },
    annotations: { summary: 'CPU usage is 95.0%, exceeding threshold of 90.0' },
    status: { state: 'active', silencedBy: [], inhibitedBy: [] },
    fingerprint: expect.any(String),
    startsAt: expect.stringMatching(/Z$/),
  });
  expect((await api.get('/api/v2/alerts/groups')).body[0]).toMatchObject({
    labels: { alertname: 'cpu_usage' },
    alerts: [expect.any(Object)],
  });
});

test('a silence is made, found, shown on the alert and ended', async () => {
  const made = await api.call('POST', '/api/v2/silences', { body: silence() });
  expect(made.status).toBe(200);
  const { silenceID } = made.body;
  expect((await api.get('/api/v2/silences')).body).toHaveLength(1);
  expect((await api.get(`/api/v2/silence/${silenceID}`)).body).toMatchObject({
    status: { state: 'active' },
    createdBy: 'ops',
    comment: 'deploy',
  });
  await api.engine.alerting.evaluate(api.clock.nowMs());
  expect((await api.get('/api/v2/alerts')).body[0].status.state).toBe('suppressed');
  expect((await api.get('/api/v2/alerts?silenced=false')).body).toEqual([]);
  expect((await api.call('DELETE', `/api/v2/silence/${silenceID}`)).status).toBe(200);
  expect((await api.get(`/api/v2/silence/${silenceID}x`)).status).toBe(404);
});

test('posting a silence with an id replaces that one', async () => {
  const { silenceID } = (await api.call('POST', '/api/v2/silences', { body: silence() })).body;
  await api.clock.advance(1000);
  const changed = await api.call('POST', '/api/v2/silences', { body: silence({ id: silenceID, comment: 'longer' }) });
  expect(changed.status).toBe(200);
  const active = (await api.get('/api/v2/silences')).body.filter((one: { status: { state: string } }) => one.status.state === 'active');
  expect(active.map((one: { comment: string }) => one.comment)).toEqual(['longer']);
  expect((await api.call('POST', '/api/v2/silences', { body: silence({ id: 'unknown' }) })).status).toBe(404);
});

test.each([
  ['an end in the past', { endsAt: '2020-01-01T00:00:00Z' }],
  ['no matchers', { matchers: [] }],
  ['a matcher of everything', { matchers: [{ name: 'alertname', value: '.*', isRegex: true }] }],
  ['a broken regular expression', { matchers: [{ name: 'alertname', value: '(', isRegex: true }] }],
  ['no time', { endsAt: 'soon' }],
  ['an unknown field', { until: 'x' }],
])('a silence with %s is refused', async (_, changes) => {
  const answer = await api.call('POST', '/api/v2/silences', { body: silence(changes) });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
});

test.each([
  ['severity="critical"', 1],
  ['severity=critical', 1],
  ['severity!=critical', 0],
  ['alertname=~"cpu.*"', 1],
  ['alertname!~"cpu.*"', 0],
  ['team="x"', 0],
])('filter %s lists %i', async (filter, count) => {
  expect((await api.get(`/api/v2/alerts?filter=${encodeURIComponent(filter)}`)).body).toHaveLength(count);
});

test('a filter that is no matcher is refused', async () => {
  for (const filter of ['severity', '=x', 'alertname=~"("', 'a="x",__name__="y"} or {b="z"'])
    expect((await api.get(`/api/v2/alerts?filter=${encodeURIComponent(filter)}`)).status, filter).toBe(400);
});
