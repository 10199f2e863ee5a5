import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

describe('pushed alerts', () => {
  const pushed = (some: object = {}): object => ({
    labels: { alertname: 'HostDown', instance: 'a', severity: 'page', empty: '' },
    annotations: { summary: 'a is down' },
    startsAt: new Date(api.clock.nowMs() - 60_000).toISOString(),
    ...some,
  });
  const found = async (): Promise<readonly { readonly labels: { readonly alertname: string } }[]> =>
    (await api.get('/api/v2/alerts')).body.filter((alert: { labels: { alertname: string } }) => alert.labels.alertname === 'HostDown');

  test('fire with their labels and annotations, and show in every list', async () => {
    const token = await api.newToken('ingest');
    expect((await api.call('POST', '/api/v2/alerts', { token, body: [pushed()] })).status).toBe(200);
    expect(await found()).toMatchObject([
      {
        labels: { alertname: 'HostDown', instance: 'a', severity: 'page' },
        annotations: { summary: 'a is down' },
        startsAt: new Date(api.clock.nowMs() - 60_000).toISOString(),
      },
    ]);
    const { alerts } = (await api.get('/api/v1/performance/alerts?severity=critical')).body.data;
    expect(alerts.map(({ message }: { message: string }) => message)).toContain('a is down');
  });

  test('go on while they are pushed, end when the pushes stop, and at once when they say so', async () => {
    const push = (some: object = {}): Promise<unknown> => api.call('POST', '/api/v2/alerts', { body: [pushed(some)] });
    const pass = async (ms: number): Promise<void> => {
      await api.clock.advance(ms);
      await api.engine.alerting.evaluate(api.clock.nowMs());
    };
    await push();
    await pass(240_000);
    await push();
    await pass(240_000);
    expect(await found()).toHaveLength(1);
    await pass(62_000);
    expect(await found()).toHaveLength(0);
    await push();
    await push({ endsAt: new Date(api.clock.nowMs()).toISOString() });
    expect(await found()).toHaveLength(0);
    const history = await api.engine.alerting.history({ metricName: 'HostDown', limit: 10 });
    expect(history.map(({ resolvedAtMs }) => resolvedAtMs !== undefined)).toEqual([true, true]);
  });

  test.each([
    ['no list', {}],
    ['no labels', [{ labels: {} }]],
    ['a name that is none', [{ labels: { 'a b': 'c' } }]],
    ['an end before its start', [{ labels: { a: 'b' }, startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }]],
    ['a time that is none', [{ labels: { a: 'b' }, startsAt: 'soon' }]],
  ])('with %s are refused, and none is taken', async (_, body) => {
    const answer = await api.call('POST', '/api/v2/alerts', { body });
    expect(answer.status).toBe(400);
    expect((await api.get('/api/v2/alerts')).body).toHaveLength(1);
  });
});
