import { DEFAULT_ROUTE, NO_DELIVERY } from '@bellwether/monitor/engine';
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
  expect((await api.get('/api/v2/alerts')).body[0].status).toMatchObject({ state: 'suppressed', silencedBy: [silenceID] });
  expect((await api.get('/api/v1/alerting/alerts')).body.data.alerts[0].silenced_by).toEqual([silenceID]);
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

  test('come in thousands in one body, and are listed page by page', async () => {
    const summary = 'x'.repeat(400);
    const body = Array.from({ length: 3000 }, (_, i) =>
      pushed({ labels: { alertname: 'HostDown', instance: `h${i}` }, annotations: { summary } }),
    );
    expect(JSON.stringify(body).length).toBeGreaterThan(1024 ** 2);
    expect((await api.call('POST', '/api/v2/alerts', { body })).status).toBe(200);
    expect(await found()).toHaveLength(3000);
    const [group] = (await api.get('/api/v2/alerts/groups?filter=alertname=HostDown')).body;
    expect(group.alerts).toHaveLength(3000);
    const { alerts, count, total } = (await api.get('/api/v1/alerting/alerts?severity=medium&limit=10&offset=2995')).body.data;
    expect([alerts.length, count, total]).toEqual([5, 5, 3000]);
    const list = (await api.get('/api/v1/performance/alerts?severity=medium&offset=2990')).body.data;
    expect([list.alerts.length, list.count, list.severity_breakdown.medium]).toEqual([10, 10, 3000]);
  });

  test.each([
    ['no list', {}],
    ['no labels', [{ labels: {} }]],
    ['a name that is none', [{ labels: { 'a b': 'c' } }]],
    ['an end before its start', [{ labels: { a: 'b' }, startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }]],
    ['more than can be taken at once', Array.from({ length: 10_001 }, () => ({}))],
    ['lists in lists in lists', [{ labels: { a: 'b' }, more: JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`) }]],
    ['a time that is none', [{ labels: { a: 'b' }, startsAt: 'soon' }]],
  ])('with %s are refused, and none is taken', async (_, body) => {
    const answer = await api.call('POST', '/api/v2/alerts', { body });
    expect(answer.status).toBe(400);
    expect((await api.get('/api/v2/alerts')).body).toHaveLength(1);
  });
});

describe('what is asked for by state and receiver', () => {
  const MATCHES_ALL = 'active=true&silenced=true&inhibited=true';
  let routed: TestApi;
  beforeEach(async () => {
    routed = await TestApi.open(
      {},
      {
        delivery: {
          ...NO_DELIVERY,
          inhibitRules: [
            {
              source: [{ label: 'alertname', op: '=', value: 'HostDown' }],
              target: [{ label: 'alertname', op: '=', value: 'Slow' }],
              equal: ['instance'],
            },
          ],
          routing: {
            root: {
              ...DEFAULT_ROUTE,
              receiver: 'everyone',
              routes: [
                { ...DEFAULT_ROUTE, id: '0.0', receiver: 'archive', continues: true },
                { ...DEFAULT_ROUTE, id: '0.1', receiver: 'web', matchers: [{ label: 'alertname', op: '=', value: 'Slow' }] },
              ],
            },
          },
        },
      },
    );
    const body = ['HostDown', 'Slow'].map((alertname) => ({ labels: { alertname, instance: 'a' } }));
    await routed.call('POST', '/api/v2/alerts', { body });
  });
  afterEach(async () => {
    await routed[Symbol.asyncDispose]();
  });
  const names = async (query: string): Promise<string[]> =>
    (await routed.get(`/api/v2/alerts?${query}`)).body.map(({ labels }: { labels: { alertname: string } }) => labels.alertname).sort();

  test('names the alert that explains another by its fingerprint', async () => {
    const alerts = (await routed.get('/api/v2/alerts')).body;
    const of = (name: string) => alerts.find(({ labels }: { labels: { alertname: string } }) => labels.alertname === name);
    expect(of('Slow').status).toEqual({ state: 'suppressed', silencedBy: [], mutedBy: [], inhibitedBy: [of('HostDown').fingerprint] });
  });

  test('an alert that is both silenced and inhibited is listed only where both are wanted', async () => {
    await routed.call('POST', '/api/v2/silences', {
      body: {
        ...silence({ matchers: [{ name: 'alertname', value: 'Slow', isRegex: false, isEqual: true }] }),
      },
    });
    expect(await names(MATCHES_ALL)).toEqual(['HostDown', 'Slow']);
    expect(await names('inhibited=false')).toEqual(['HostDown']);
    expect(await names('silenced=false')).toEqual(['HostDown']);
    expect(await names('active=false')).toEqual(['Slow']);
    expect(await names('active=0&silenced=1&inhibited=t&unprocessed=false')).toEqual(['Slow']);
  });

  test('a receiver is a pattern that fits as a whole, and shows only its own groups', async () => {
    expect(await names('receiver=we.')).toEqual(['Slow']);
    expect(await names('receiver=we')).toEqual([]);
    const groups = (await routed.get('/api/v2/alerts/groups?receiver=web')).body;
    expect(groups.map(({ receiver }: { receiver: { name: string } }) => receiver.name)).toEqual(['web']);
    expect((await routed.get('/api/v2/alerts/groups')).body).toHaveLength(3);
    expect((await routed.get('/api/v2/alerts?receiver=(')).status).toBe(400);
  });
});
