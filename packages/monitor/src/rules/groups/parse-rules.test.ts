import { expect, test } from 'vitest';
import { parseRules } from './parse-rules.ts';
import type { AlertingRule } from './rule-group.ts';

const OPTIONS = { file: 'rules.yml', defaultIntervalMs: 60_000 };

function problemOf(yaml: string, options = OPTIONS): string {
  try {
    parseRules(yaml, options);
  } catch (error) {
    expect(error).toMatchObject({ code: 'rule_invalid' });
    return (error as Error).message;
  }
  return '';
}

const RULE = (rule: string): string => `groups:\n- name: g\n  rules:\n  - ${rule}\n`;

test('Prometheus’s documented example is read', () => {
  const [group] = parseRules(
    `
groups:
- name: example
  labels:
    team: myteam
  rules:
  - alert: HighRequestLatency
    expr: job:request_latency_seconds:mean5m{job="myjob"} > 0.5
    for: 10m
    keep_firing_for: 5m
    labels:
      severity: page
    annotations:
      summary: High request latency
  - record: code:prometheus_http_requests_total:sum
    expr: sum by (code) (prometheus_http_requests_total)
`,
    OPTIONS,
  );
  expect(group).toMatchObject({ name: 'example', file: 'rules.yml', intervalMs: 60_000, limit: 0, queryOffsetMs: 0 });
  expect(group?.rules).toMatchObject([
    {
      alert: 'HighRequestLatency',
      holdMs: 600_000,
      keepFiringMs: 300_000,
      source: { labels: { team: 'myteam', severity: 'page' } },
      comparedWith: 0.5,
    },
    { record: 'code:prometheus_http_requests_total:sum', labels: { team: 'myteam' } },
  ]);
});

test.each([
  ['groups:\n- rules: []', 'rules.yml:2: groups.item 1.name: a group needs a name'],
  ['groups:\n- name: g\n- name: g', 'rules.yml:3: groups.item 2: the group name "g" is repeated in the file'],
  ['groups:\n- name: g\n  intervall: 1m', 'unknown key "intervall"; allowed: name, interval'],
  ['groups:\n- name: g\n  interval: soon', 'rules.yml:3: groups.item 1.interval: "soon" is not a duration such as 30s'],
  ['groups: [', 'rules.yml:1: '],
  ['group: []', 'rules.yml:1: unknown key "group"; allowed: groups'],
  [RULE('{ expr: up }'), 'rules.yml:4: groups.item 1.rules.item 1: a rule needs "record" or "alert"'],
  [RULE('{ alert: A, record: b, expr: up }'), 'either "record" or "alert"'],
  [RULE('{ alert: A }'), 'rules.yml:4: groups.item 1.rules.item 1.expr: is required'],
  [RULE('{ alert: A, expr: "up[5m]" }'), 'gives a matrix'],
  [RULE('{ alert: A, expr: "up >" }'), 'ends too early'],
  [RULE('{ record: "a b", expr: up }'), '"a b" is not a metric name'],
  [RULE('{ record: a, expr: up, for: 5m }'), 'unknown key "for"; allowed: record, expr, labels'],
  [RULE('{ alert: A, expr: up, labels: { "a-b": x } }'), 'letters, digits and _'],
  [RULE('{ alert: A, expr: up, labels: { __name__: x } }'), '__name__ cannot be set'],
  [RULE('{ alert: A, expr: up, annotations: { s: "{{ nosuch }}" } }'), 'annotation "s" is not a template: function "nosuch" not defined'],
  [RULE('{ alert: A, expr: up, x_bellwether: { fire: high } }'), '"high" is not a number'],
  [RULE('{ alert: A, expr: up, x_bellwether: { fire: 1, no_data: page } }'), 'use one of: alert, keep, resolve'],
  [RULE('{ alert: A, expr: up, x_bellwether: { no_data: alert } }'), 'needs fire, thresholds or dynamic'],
  [
    RULE('{ alert: A, expr: up, x_bellwether: { fire: 1, no_data: { policy: resolve, missing_series: 1h } } }'),
    'needs the policy alert or keep',
  ],
  [RULE('{ alert: A, expr: up, x_bellwether: { fire: 1, no_data: { policy: keep, missing_series: 30d } } }'), 'from 1m to 7d'],
  [RULE('{ alert: A, expr: up, x_bellwether: { clear: 1 } }'), 'needs fire or thresholds'],
  [RULE('{ alert: A, expr: up, x_bellwether: { thresholds: { medium: 9, critical: 5, high: 7 }, direction: above } }'), 'must fire above'],
  [
    RULE('{ alert: A, expr: up, x_bellwether: { thresholds: { urgent: 9 } } }'),
    'unknown key "urgent"; allowed: low, medium, high, critical',
  ],
  [RULE('{ alert: A, expr: up, x_bellwether: { environments: { a: { environments: {} , fire: 1 } } } }'), ''],
])('%j is refused in one line', (yaml, reason) => {
  const problem = problemOf(yaml);
  expect(problem).toContain(reason);
  expect(problem).not.toContain('\n');
});

test('errors name the line of a rule far down', () => {
  const rules = Array.from({ length: 30 }, (_, i) => `  - record: r${i}\n    expr: ${i === 20 ? 'sum(' : 'up'}`).join('\n');
  expect(problemOf(`groups:\n- name: g\n  rules:\n${rules}`)).toMatch(/^rules\.yml:45: /);
});

test('aliases are followed where they are read, and cannot make a small text large', () => {
  const [group] = parseRules(
    'groups:\n- name: g\n  rules:\n  - { alert: A, expr: up, labels: &l { a: b } }\n  - { alert: B, expr: up, labels: *l }',
    OPTIONS,
  );
  expect(group?.rules.map((rule) => (rule as AlertingRule).source.labels)).toEqual([{ a: 'b' }, { a: 'b' }]);
  const bomb = [
    'a: &a [x]',
    ...'bcdefghijklmn'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghijklmn'[i]}`).join()}]`),
  ];
  expect(problemOf(`groups: []\n${bomb.join('\n')}`)).toContain('unknown key');
});

test('the id of a rule survives changes that leave its name and labels, and differs between twins', () => {
  const ids = (yaml: string): string[] => parseRules(yaml, OPTIONS).flatMap((group) => group.rules.map((rule) => rule.id));
  const [first, second] = ids(RULE('{ alert: A, expr: up }\n  - { alert: A, expr: up == 1 }'));
  expect(first).not.toBe(second);
  expect(ids(RULE('{ alert: A, expr: up == 0, for: 5m }'))).toEqual([first]);
  expect(ids(RULE('{ alert: A, expr: up, labels: { a: b } }'))).not.toEqual([first]);
});

test.each([
  ['brackets', `groups: ${'['.repeat(500_000)}`, 'more than 100 lists and mappings'],
  ['braces', `groups: ${'{a: '.repeat(250_000)}`, 'more than 100 lists and mappings'],
  ['dashes', `groups:\n${'- '.repeat(200_000)}`, 'more than 100 lists and mappings'],
])('regression: a million %s in one another are refused at once', (_name, yaml, reason) => {
  expect(problemOf(yaml)).toContain(reason);
});

test('regression: ten thousand aliases do not walk the document ten thousand times', () => {
  const rules = '  - { alert: *n, expr: *n }\n'.repeat(5000);
  const [group] = parseRules(`groups:\n- name: &n up\n  rules:\n${rules}`, OPTIONS);
  expect(group?.rules.at(-1)).toMatchObject({ alert: 'up', expr: 'up' });
});

test('regression: a key is not compared with all keys before it, and is refused when it is there twice', () => {
  const annotations = Array.from({ length: 20_000 }, (_, i) => `k${i}: v`).join(', ');
  expect(parseRules(RULE(`{ alert: A, expr: up, annotations: { ${annotations} } }`), OPTIONS)).toHaveLength(1);
  expect(problemOf(RULE('{ alert: A, expr: up, alert: B }'))).toContain('the key "alert" is repeated');
});

test('an alias stands for the nearest anchor of its name before it', () => {
  const [group] = parseRules(
    'groups:\n- name: g\n  rules:\n  - { alert: &x A, expr: up }\n  - { alert: *x, expr: &x up }\n  - { alert: C, expr: *x }',
    OPTIONS,
  );
  expect(group?.rules.map((rule) => [(rule as AlertingRule).alert, rule.expr])).toEqual([
    ['A', 'up'],
    ['A', 'up'],
    ['C', 'up'],
  ]);
});
