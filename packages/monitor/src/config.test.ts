import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseConfig } from './config.ts';

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

function problemOf(env: Record<string, string>): string {
  try {
    parseConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('an empty environment gives the contract’s defaults', () => {
  expect(parseConfig({})).toMatchObject({
    enabled: true,
    intervalMs: 30_000,
    host: '127.0.0.1',
    port: 8000,
    dataDir: './.bellwether',
    delivery: { channels: [], inhibitRules: [] },
    notices: [],
  });
  expect(parseConfig({}).thresholds).toMatchObject({
    cpu_usage: { warning: 70, critical: 90 },
    cache_hit_rate: { warning: 70, critical: 50 },
  });
});

test('fractions of a second are allowed above one', () => {
  expect(parseConfig({ PERFORMANCE_MONITORING_INTERVAL: '1.5' }).intervalMs).toBe(1500);
});

test('thresholds of the variable overlay the defaults metric by metric', () => {
  const { thresholds } = parseConfig({ PERFORMANCE_ALERT_THRESHOLDS: '{"cpu_usage": 80, "queue_depth": {"warning": 5, "critical": 9}}' });
  expect(thresholds).toMatchObject({
    cpu_usage: 80,
    queue_depth: { warning: 5, critical: 9 },
    memory_usage: { warning: 80, critical: 95 },
  });
});

test.each([
  ['PERFORMANCE_MONITORING_ENABLED', 'maybe', 'true or false'],
  ['PERFORMANCE_MONITORING_INTERVAL', '0.5', 'from 1 to'],
  ['PERFORMANCE_MONITORING_INTERVAL', 'Infinity', 'from 1 to'],
  ['BELLWETHER_PORT', '80.5', 'whole number'],
  ['BELLWETHER_HOST', 'a b', 'host name'],
  ['PERFORMANCE_ALERT_THRESHOLDS', '[1]', 'JSON such as'],
  ['PERFORMANCE_ALERT_THRESHOLDS', '{"cpu_usage": {"warning": 1}}', 'cpu_usage'],
  ['BELLWETHER_ALLOW_PRIVATE_TARGETS', '127.0.0.0/8,10.0.0.0/64', 'CIDRs'],
  ['BELLWETHER_RETENTION', '15', 'a duration of an hour or more'],
  ['BELLWETHER_RETENTION', '10m', 'a duration of an hour or more'],
  ['BELLWETHER_RETENTION_SIZE', '10', 'a size of 1MB or more'],
  ['BELLWETHER_CONFIG', '/nowhere/file.json', 'readable JSON file'],
])('%s=%s is refused in one line that says what is allowed', (variable, value, allowed) => {
  const problem = problemOf({ [variable]: value });
  expect(problem).toContain(variable);
  expect(problem).toContain(allowed);
  expect(problem).not.toContain('\n');
});

test('secrets are never repeated in an error', () => {
  expect(problemOf({ BELLWETHER_TOKEN: 'hunter2' })).not.toContain('hunter2');
  expect(problemOf({ BELLWETHER_STATE_URL: 'mysql://root:hunter2@db/x' })).not.toContain('hunter2');
});

test('the file’s section for NODE_ENV wins over the variable', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  const file = path.join(folder, 'bellwether.json');
  writeFileSync(file, JSON.stringify({ thresholds: { memory_usage: 60 }, environments: { production: { cpu_usage: 55 } } }));
  const env = { BELLWETHER_CONFIG: file, PERFORMANCE_ALERT_THRESHOLDS: '{"cpu_usage": 80}' };
  expect(parseConfig({ ...env, NODE_ENV: 'production' }).thresholds).toMatchObject({ cpu_usage: 55, memory_usage: 60 });
  expect(parseConfig(env).thresholds).toMatchObject({ cpu_usage: 80, memory_usage: 60 });
  rmSync(folder, { recursive: true });
});

test('routes, receivers, intervals, inhibition and escalation come from the file, checked by line', () => {
  const write = (content: object): Record<string, string> => {
    const file = path.join(folder(), 'config.json');
    writeFileSync(file, JSON.stringify(content, null, 1));
    return { BELLWETHER_CONFIG: file };
  };
  const channels = ['web', 'phone'].map((name) => ({ name, kind: 'dashboard' }));
  const { delivery } = parseConfig(
    write({
      channels,
      receivers: { team: ['web', 'phone'] },
      time_intervals: [{ name: 'night', time_intervals: [{ times: [{ start_time: '00:00', end_time: '06:00' }] }] }],
      route: { receiver: 'web', routes: [{ matchers: ['severity="critical"'], receiver: 'team', mute_time_intervals: ['night'] }] },
      inhibit_rules: [{ source_matchers: ['alertname="down"'], target_matchers: ['severity="low"'], equal: ['instance'] }],
      escalation: { steps: [{ after: 300, channels: ['phone'] }], repeat: 600 },
    }),
  );
  expect(delivery.routing.root?.routes[0]).toMatchObject({ receiver: 'team', grouping: { kind: 'automatic' }, muteTimes: ['night'] });
  const ladders = parseConfig(
    write({
      channels,
      escalation: [
        { name: 'web', matchers: ['team="web"'], steps: [{ after: 60 }] },
        { name: 'rest', steps: [{ after: 300, channels: ['web', 'phone'] }] },
      ],
    }),
  ).delivery.ladders;
  expect(ladders.map(({ name, matchers }) => [name, matchers.length])).toEqual([
    ['web', 1],
    ['rest', 0],
  ]);
  for (const [escalation, reason] of [
    [[{ steps: [{ after: 60 }] }], 'position 1 needs a name'],
    [[1, 2].map(() => ({ name: 'a', steps: [{ after: 60 }] })), 'the name "a" is used twice'],
    [[{ name: 'a', steps: [{ after: 60, channels: ['nobody'] }] }], 'names "nobody"; there are: web, phone'],
    [{ steps: [{ after: 60 }], matchers: ['('] }, 'escalation: matchers:'],
  ] as const)
    expect(() => parseConfig(write({ channels, escalation }))).toThrow(reason);
  expect(delivery.ladders).toEqual([
    {
      name: 'default',
      matchers: [],
      steps: [{ afterMs: 300_000, channels: ['phone'] }],
      repeatMs: 600_000,
      minimumSeverity: 'critical',
    },
  ]);
  expect(delivery.inhibitRules).toHaveLength(1);
  expect(problemOf(write({ channels, route: { receiver: 'nobody' } }))).toMatch(
    /config.json:\d+: route.receiver: there is no receiver "nobody"; there are: web, phone/,
  );
  expect(problemOf(write({ channels, receivers: { team: ['fax'] } }))).toContain('there is no channel "fax"');
  expect(problemOf(write({ channels, escalation: { steps: [{ after: 300, channels: ['fax'] }] } }))).toContain('there are: web, phone');
  expect(problemOf(write({ chanels: [] }))).toContain('unknown key "chanels"');
});

test('an Alertmanager configuration adds its channels and gives its routes; what has no effect is told', () => {
  const file = path.join(folder(), 'am.yml');
  writeFileSync(
    file,
    'templates: [x]\nroute: {receiver: a}\nreceivers:\n  - name: a\n    webhook_configs: [{url: "https://example.com/"}]\n',
  );
  const { delivery, notices } = parseConfig({ BELLWETHER_ALERTMANAGER_CONFIG: file });
  expect(delivery.channels).toMatchObject([{ name: 'a.webhook.0', kind: 'webhook', format: 'alertmanager' }]);
  expect(notices).toEqual([`${file}:1: templates have no effect: messages have a form of their own`]);
  expect(problemOf({ BELLWETHER_ALERTMANAGER_CONFIG: '/nowhere.yml' })).toContain('BELLWETHER_ALERTMANAGER_CONFIG="/nowhere.yml"');
});

test('retention comes from the file, else from the variables, else it is 15 days', () => {
  const file = path.join(folder(), 'bellwether.json');
  const metrics = [{ match: 'debug_.*', raw: '1d', rollup_1m: '0', rollup_1h: '0' }];
  writeFileSync(file, JSON.stringify({ retention: { rollup_1h: '1y', size: '2.5GB', metrics }, commit: 'always' }));
  expect(parseConfig({}).samples).toMatchObject({ retention: { rawMs: 15 * 86_400_000, bytes: Infinity }, commit: 'grouped' });
  const env = { BELLWETHER_CONFIG: file, BELLWETHER_RETENTION: '30d', BELLWETHER_RETENTION_SIZE: '1GB' };
  expect(parseConfig(env).samples).toEqual({
    commit: 'always',
    retention: {
      rawMs: 30 * 86_400_000,
      minuteMs: 90 * 86_400_000,
      hourMs: 365 * 86_400_000,
      bytes: 2.5e9,
      metrics: [{ match: 'debug_.*', rawMs: 86_400_000, minuteMs: 0, hourMs: 0 }],
    },
  });
});

test.each([
  [{ retention: { raw: '5m' } }, 'retention.raw: must be a duration of an hour or more such as 15d'],
  [{ retention: { size: 5 } }, 'retention.size: must be a size of 1MB or more'],
  [{ retention: { rollup_2h: '1d' } }, 'unknown key "rollup_2h"'],
  [{ retention: { metrics: [{ match: '(' }] } }, 'is not valid'],
  [{ commit: 'never' }, 'use one of: grouped, always'],
])('a retention that cannot be meant is refused in one line: %j', (content, why) => {
  const file = path.join(folder(), 'bellwether.json');
  writeFileSync(file, JSON.stringify(content));
  expect(problemOf({ BELLWETHER_CONFIG: file })).toMatch(/^[^\n]*$/);
  expect(problemOf({ BELLWETHER_CONFIG: file })).toContain(why);
});
