import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApi } from '../../testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.open();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const GROUP = `
name: queues
interval: 1s
rules:
- record: depth:max
  expr: max(queue_depth)
- alert: QueueDeep
  expr: depth:max > 100
  labels: { severity: page }
  annotations: { summary: '{{ $value }} wait' }
`;
const RULES = '/api/v1/alerting/rules';

test('a rule group is created, evaluated, read as Prometheus tells it, replaced and deleted', async () => {
  expect(await api.call('POST', RULES, { body: GROUP })).toMatchObject({
    status: 201,
    body: { data: { name: 'queues', interval_seconds: 1 } },
  });
  expect(await api.call('POST', RULES, { body: GROUP })).toMatchObject({ status: 409, body: { code: 'state_conflict' } });
  await api.record('queue_depth', 250);
  await api.clock.advance(2000);

  expect(await api.get('/api/v1/performance/alerts')).toMatchObject({
    body: {
      data: {
        alerts: [
          { metric_name: 'QueueDeep', severity: 'critical', message: '250 wait', threshold: 100, current_value: 250, cause: 'rule' },
        ],
      },
    },
  });
  const { body } = await api.get('/api/v1/rules?rule_group[]=queues&type=alert');
  expect(body.data.groups).toMatchObject([
    {
      name: 'queues',
      interval: 1,
      rules: [
        {
          name: 'QueueDeep',
          state: 'firing',
          query: 'depth:max > 100',
          health: 'ok',
          alerts: [
            {
              state: 'firing',
              value: '2.5e+02',
              labels: { alertname: 'QueueDeep', severity: 'page' },
              annotations: { summary: '250 wait' },
            },
          ],
        },
      ],
    },
  ]);
  expect((await api.get('/api/v1/alerts')).body.data.alerts).toMatchObject([{ labels: { alertname: 'QueueDeep' } }]);
  expect((await api.get('/api/v1/query?query=ALERTS')).body.data.result).toMatchObject([
    { metric: { alertname: 'QueueDeep', alertstate: 'firing' } },
  ]);

  expect(await api.get(`${RULES}/queues`)).toMatchObject({ body: { data: { name: 'queues', source: GROUP, rules: [{}, { firing: 1 }] } } });
  expect(await api.call('PUT', `${RULES}/queues`, { body: { name: 'queues', rules: [] } })).toMatchObject({ status: 200 });
  expect((await api.get('/api/v1/performance/alerts')).body.data.count).toBe(0);
  expect((await api.get('/api/v1/alerting/history')).body.data).toMatchObject({
    alerts: [
      {
        metric_name: 'QueueDeep',
        transitions: [
          { kind: 'fired', value: 250 },
          { kind: 'resolved', reason: 'rule_removed' },
        ],
      },
    ],
    rules: [{ metric_name: 'QueueDeep', fired: 1, resolved: 1, mean_time_to_acknowledge_seconds: null }],
  });
  expect(await api.call('DELETE', `${RULES}/queues`)).toMatchObject({ status: 200 });
  expect(await api.get(`${RULES}/queues`)).toMatchObject({ status: 404 });
  expect((await api.get(RULES)).body.data).toEqual({ groups: [], count: 0 });
});

test.each([
  ['', 'a group needs a name'],
  ['name: g\nrules: [{ alert: A, expr: "up >" }]', 'rules:2: rules.item 1.expr: The expression ends too early'],
  ['groups: [{ name: a }, { name: b }]', 'one group is expected, there are 2'],
  ['[1, 2', 'rules:1: '],
  [`name: g\nrules: [${'{ alert: A, expr: up },'.repeat(501)}]`, 'may have 500 rules'],
  [`name: g\nrules: [${'a,'.repeat(40_000)}]`, 'may have 65536 characters'],
])('%j is refused with line and reason', async (body, reason) => {
  const answer = await api.call('POST', RULES, { body });
  expect(answer).toMatchObject({ status: 400, body: { code: 'rule_invalid' } });
  expect(answer.body.detail).toContain(reason);
});

test('rules are changed by administrators alone', async () => {
  const token = await api.newToken('read');
  expect((await api.call('POST', RULES, { token, body: GROUP })).status).toBe(403);
  expect((await api.get(RULES, { token })).status).toBe(200);
});

test('a threshold is replayed over history before anybody sets it', async () => {
  for (const value of [10, 95, 95, 10, 10]) {
    await api.record('memory_usage', value);
    await api.clock.advance(1000);
  }
  const path = '/api/v1/alerting/backtest';
  const answer = await api.call('POST', path, { body: { metric: 'memory_usage', threshold: 90, from: '10s', interval: '1s' } });
  expect(answer).toMatchObject({
    status: 200,
    body: { data: { fired: 1, series: 1, interval_seconds: 1, firings: [{ severity: 'high', peak: 95, labels: {} }] } },
  });
  const rule = { alert: 'Full', expr: 'memory_usage > 200' };
  expect(await api.call('POST', path, { body: { rule, from: '1d' } })).toMatchObject({ body: { data: { fired: 0, firing_percent: 0 } } });
});

test.each([
  [{}, 'body_invalid'],
  [{ metric: 'a' }, 'body_invalid'],
  [{ metric: 'a b', threshold: 1 }, 'rule_invalid'],
  [{ metric: 'a', threshold: { warning: 1, critical: 1 } }, 'threshold_invalid'],
  [{ rule: { record: 'a', expr: 'up' } }, 'rule_invalid'],
  [{ rule: { alert: 'a', expr: 'up' }, from: '900d' }, 'body_invalid'],
  [{ rule: { alert: 'a', expr: 'up' }, from: '1h', to: '2h' }, 'body_invalid'],
])('a replay of %j is refused', async (body, code) => {
  expect(await api.call('POST', '/api/v1/alerting/backtest', { body })).toMatchObject({ status: 400, body: { code } });
});

test('a page of alerts is as long as asked', async () => {
  await api.call('POST', RULES, {
    body: { name: 'many', interval: '1s', rules: [{ alert: 'Many', expr: 'vector(1) or label_replace(vector(2), "a", "b", "", "")' }] },
  });
  await api.clock.advance(2000);
  const { body } = await api.get('/api/v1/performance/alerts?limit=1&offset=1');
  expect(body.data).toMatchObject({ count: 1, severity_breakdown: { medium: 2 } });
  expect((await api.get('/api/v1/performance/alerts?limit=0')).status).toBe(400);
});
