import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runRuleTests } from './run-tests.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rule-tests-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(rules: string, tests: string): Promise<readonly string[]> {
  writeFileSync(path.join(folder, 'rules.yml'), rules);
  const file = path.join(folder, 'tests.yml');
  writeFileSync(file, `rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n${tests}`);
  return await runRuleTests(file);
}

const DOCUMENTED_RULES = `
groups:
- name: example
  rules:
  - alert: InstanceDown
    expr: up == 0
    for: 5m
    labels:
      severity: page
    annotations:
      summary: "Instance {{ $labels.instance }} down"
      description: "{{ $labels.instance }} of job {{ $labels.job }} has been down for more than 5 minutes."
  - alert: AnotherInstanceDown
    expr: up == 0
    for: 10m
    labels:
      severity: page
    annotations:
      summary: "Instance {{ $labels.instance }} down"
`;

test('the example of Prometheus’s documentation passes', async () => {
  const failures = await run(
    DOCUMENTED_RULES,
    `
- interval: 1m
  input_series:
  - series: 'up{job="prometheus", instance="localhost:9090"}'
    values: '0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'
  - series: 'up{job="node_exporter", instance="localhost:9100"}'
    values: '1+0x6 0 0 0 0 0 0 0 0'
  - series: 'go_goroutines{job="prometheus", instance="localhost:9090"}'
    values: '10+10x2 30+20x5'
  - series: 'go_goroutines{job="node_exporter", instance="localhost:9100"}'
    values: '10+10x7 10+30x4'
  alert_rule_test:
  - eval_time: 10m
    alertname: InstanceDown
    exp_alerts:
    - exp_labels: { severity: page, instance: localhost:9090, job: prometheus }
      exp_annotations:
        summary: "Instance localhost:9090 down"
        description: "localhost:9090 of job prometheus has been down for more than 5 minutes."
  promql_expr_test:
  - expr: go_goroutines > 5
    eval_time: 4m
    exp_samples:
    - { labels: 'go_goroutines{job="prometheus",instance="localhost:9090"}', value: 50 }
    - { labels: 'go_goroutines{job="node_exporter",instance="localhost:9100"}', value: 50 }
`,
  );
  expect(failures).toEqual([]);
});

test('what fails is told with what was expected and found', async () => {
  const [alert, sample, ...more] = await run(
    DOCUMENTED_RULES,
    `
- name: mine
  input_series: [{ series: 'up{instance="a"}', values: '0x20' }]
  alert_rule_test: [{ eval_time: 5m, alertname: InstanceDown }]
  promql_expr_test: [{ eval_time: 1m, expr: up, exp_samples: [{ labels: 'up{instance="a"}', value: 1 }] }]
`,
  );
  expect(alert).toContain('name: mine,\n    alertname: InstanceDown, time: 5m, \n        exp:[], \n        got:[\n            0:');
  expect(sample).toBe(
    '    expr: "up", time: 1m,\n        exp: {__name__="up", instance="a"} 1E+00\n        got: {__name__="up", instance="a"} 0E+00',
  );
  expect(more).toEqual([]);
});

test.each([
  ['- interval: soon', 'tests.item 1.interval: "soon" is not a duration'],
  ['- inputs: []', 'unknown key "inputs"; allowed: name, interval'],
  ['- alert_rule_test: [{ eval_time: 1m }]', 'misses required attribute alertname'],
  ['- input_series: [{ series: up, values: "1 two" }]', '"two" is not a value'],
  ['- actions: [{ at: 1m, crash: true, ack: {} }]', 'one of: silence, ack'],
])('%s is refused with its line', async (tests, reason) => {
  const [problem, ...more] = await run('groups: []', tests);
  expect(problem).toMatch(/tests\.yml:4: /);
  expect(problem).toContain(reason);
  expect(more).toEqual([]);
});

test('a file that is not there and rules that cannot be read are failures, not crashes', async () => {
  expect(await runRuleTests(path.join(folder, 'nothing.yml'))).toEqual([expect.stringContaining('ENOENT')]);
  expect(await run('groups: [', '- {}')).toEqual([expect.stringContaining('rules.yml:1: ')]);
});

const DOWN = `
groups:
- name: g
  rules:
  - { alert: Down, expr: up == 0, for: 2m, labels: { severity: critical } }
`;
const series = (values: string): string => `  input_series: [{ series: 'up{instance="a"}', values: '${values}' }]`;

test('notifications: a channel that was down is told once, late, of how it ended', async () => {
  const failures = await run(
    DOWN,
    `
- channels: [ops, other]
${series('0x5 1x20')}
  actions:
  - { at: 1m, channel_down: ops }
  - { at: 20m, channel_up: ops }
  notification_test:
  - eval_time: 4m
    exp_notifications: [{ channel: other, reason: new, severity: critical, alertnames: [Down] }]
  - eval_time: 10m
    exp_notifications: [{ channel: other, status: resolved }]
  - eval_time: 26m
    exp_notifications: [{ channel: ops, status: resolved, late: true }]
`,
  );
  expect(failures).toEqual([]);
});

test('notifications: what is silenced is not told until the silence ends, and a crash repeats nothing', async () => {
  const failures = await run(
    DOWN,
    `
-
${series('0x40')}
  actions:
  - { at: 1m, silence: { matchers: ['alertname="Down"'], for: 10m } }
  - { at: 5m, crash: true }
  - { at: 15m, crash: true }
  notification_test:
  - { eval_time: 10m, exp_notifications: [] }
  - { eval_time: 14m, exp_notifications: [{ channel: test, status: firing }] }
  - { eval_time: 16m, exp_notifications: [] }
`,
  );
  expect(failures).toEqual([]);
});

test.each([
  ['without an acknowledgement a critical alert escalates', '', '[{ reason: new }, { reason: escalated }]'],
  ['an acknowledged alert does not', '  actions: [{ at: 5m, ack: { alertname: Down, by: ada } }]', '[{ reason: new }]'],
])('notifications: %s', async (_name, actions, expected) => {
  const failures = await run(
    DOWN,
    `-\n${series('0x40')}\n${actions}\n  notification_test: [{ eval_time: 19m, exp_notifications: ${expected} }]\n`,
  );
  expect(failures).toEqual([]);
});

test.each(['1h', '-2m'])('a clock that jumps by %s neither ends nor repeats an alert that goes on', async (by) => {
  const failures = await run(
    DOWN,
    `-\n${series('0x60')}\n  actions: [{ at: 5m, clock_jump: ${by} }]\n  alert_rule_test:\n  - { eval_time: 30m, alertname: Down, exp_alerts: [{ exp_labels: { severity: critical, instance: a } }] }\n`,
  );
  expect(failures).toEqual([]);
});

test('an action that cannot be done is a failure', async () => {
  expect(await run(DOWN, `-\n  actions: [{ at: 0s, ack: { alertname: Down } }]\n`)).toEqual([
    'no alert Down fires that could be acknowledged',
  ]);
});
