import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, isInstalled } from '../../../../../tests/servers/server-program.ts';
import { alertOf, notificationOf } from '../channel.contract.ts';
import { alertmanagerPayload } from '../channels/alertmanager-payload.ts';
import { createRouting } from '../routing/routing.ts';
import { groupOf } from '../routing/route-tree.ts';
import { readAlertmanager } from './read-alertmanager.ts';

const WHOLE = `
global:
  resolve_timeout: 10m
  smtp_from: alerts@example.com
  smtp_smarthost: smtp.example.com:587
  slack_api_url: https://hooks.slack.com/services/T/B/X
  opsgenie_api_key: none
templates: ['*.tmpl']
route:
  receiver: default
  group_by: [alertname]
  group_wait: 10s
  routes:
    - matchers: [team="web", severity=~"high|critical"]
      receiver: web
      group_by: ['...']
      repeat_interval: 1h
      continue: true
      mute_time_intervals: [night]
    - match: { team: db }
      receiver: db
      group_interval: 2m
receivers:
  - name: default
    webhook_configs:
      - url: https://hooks.example.com/am
  - name: web
    slack_configs:
      - channel: '#web'
        title: ignored
        send_resolved: true
    email_configs:
      - to: web@example.com, boss@example.com
  - name: db
    pagerduty_configs:
      - routing_key: 0123456789abcdef0123456789abcdef
    sns_configs:
      - topic_arn: x
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_match: { severity: low }
    equal: [instance]
time_intervals:
  - name: night
    time_intervals:
      - times: [{ start_time: '00:00', end_time: '06:00' }]
        location: Europe/Berlin
`;

test('a whole configuration is read: routes with their inherited times, receivers as channels, inhibition, intervals', () => {
  const { channels, routing, inhibitRules, resolveTimeoutMs } = readAlertmanager(WHOLE, 'am.yml');
  expect(channels.map(({ name, kind, send_resolved }) => [name, kind, send_resolved])).toEqual([
    ['default.webhook.0', 'webhook', undefined],
    ['web.slack.0', 'slack', undefined],
    ['web.email.0', 'email', false],
    ['db.pagerduty.0', 'pagerduty', undefined],
  ]);
  expect(channels[1]).toMatchObject({ channel: '#web' });
  expect(channels[2]).toMatchObject({
    host: 'smtp.example.com',
    port: 587,
    require_tls: true,
    to: ['web@example.com', 'boss@example.com'],
  });
  expect(routing.root?.routes[0]).toMatchObject({
    continues: true,
    muteTimes: ['night'],
    grouping: { by: 'all', waitMs: 10_000, intervalMs: 300_000, repeatMs: 3_600_000 },
  });
  expect(routing.root?.routes[1]?.grouping).toMatchObject({ by: ['alertname'], waitMs: 10_000, intervalMs: 120_000, repeatMs: 14_400_000 });
  expect(inhibitRules).toEqual([
    {
      source: [{ label: 'severity', op: '=', value: 'critical' }],
      target: [{ label: 'severity', op: '=', value: 'low' }],
      equal: ['instance'],
    },
  ]);
  expect(resolveTimeoutMs).toBe(600_000);
  expect(createRouting(routing).channelsOf('web')).toEqual(['web.slack.0', 'web.email.0']);
});

test('what has no effect here is told by its line', () => {
  expect(readAlertmanager(WHOLE, 'am.yml').notices.map(({ line, text }) => `${line}: ${text}`)).toEqual([
    '7: global.opsgenie_api_key has no effect',
    '8: templates have no effect: messages have a form of their own',
    '30: slack_configs.title has no effect here',
    '38: sns_configs of receiver "db" is not supported: nothing is sent there',
  ]);
});

test('TLS for mail is asked for unless the file says otherwise; a channel that is a template is told, not taken', () => {
  const { channels, notices } = readAlertmanager(
    `global: {smtp_from: a@example.com, smtp_smarthost: 'mail:25', smtp_require_tls: false, slack_api_url: 'https://hooks.slack.com/x'}
route: {receiver: a}
receivers:
  - name: a
    email_configs: [{to: b@example.com}, {to: c@example.com, require_tls: true}]
    slack_configs: [{channel: '#{{ .GroupLabels.team }}'}]
`,
    'am.yml',
  );
  expect(channels).toMatchObject([{ require_tls: false }, { require_tls: true }, { kind: 'slack' }]);
  expect(channels[2]).not.toHaveProperty('channel');
  expect(notices.map(({ text }) => text)).toEqual(['slack_configs.channel has no effect here']);
});

test.each([
  ['route: {receiver: a}\nreceivers: []', 'am.yml:1: route.receiver: there is no receiver "a"; there are: none'],
  ['receivers: [{name: a}]', 'am.yml:1: route: is required'],
  ['route: {receiver: a, group_wait: soon}\nreceivers: [{name: a}]', 'is not a duration such as 30s'],
  ['route:\n  receiver: a\n  routes:\n    - matchers: [team=]oops]\nreceivers: [{name: a}]', 'am.yml:4'],
  ['route: {receiver: a, matchers: [a="b"]}\nreceivers: [{name: a}]', 'the first route takes every alert'],
  ['route: {receiver: a, mute_time_intervals: [x]}\nreceivers: [{name: a}]', 'there is no time interval "x"'],
  [
    'route: {receiver: a}\nreceivers:\n  - name: a\n    webhook_configs:\n      - send_resolved: true',
    'am.yml:5: receivers.item 1.webhook_configs.item 1: needs url',
  ],
  ['route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [{equal: [a]}]', 'needs source_matchers and target_matchers'],
  ['route: {receiver: a}\nreceivers: [{name: a}]\nrotue: 1', 'unknown key "rotue"'],
  ['a: [', 'am.yml:1'],
])('%j is refused in one line', (text, message) => {
  expect(() => readAlertmanager(text, 'am.yml')).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }),
  );
});

test('a webhook receiver gets the body that Alertmanager sends', () => {
  const { routing } = readAlertmanager(WHOLE, 'am.yml');
  const route = createRouting(routing).find({ team: 'other' })[0];
  if (route === undefined) throw new Error('no route');
  const { key, labels } = groupOf(route, { alertname: 'cpu_usage' });
  const origin = { receiver: route.receiver, labels };
  const ended = alertOf({ id: '2', labels: { instance: 'shop-2' }, status: 'resolved', resolvedAtMs: Date.UTC(2026, 0, 2) });
  expect(alertmanagerPayload(notificationOf({ groupKey: key, origin, alerts: [alertOf(), ended] }), 'hook')).toMatchObject({
    version: '4',
    status: 'firing',
    receiver: 'default',
    groupLabels: { alertname: 'cpu_usage' },
    commonLabels: { alertname: 'cpu_usage', severity: 'critical' },
    commonAnnotations: { summary: 'CPU usage is 93.0%, exceeding threshold of 90.0' },
    truncatedAlerts: 0,
    alerts: [
      { status: 'firing', labels: { instance: 'shop-1' }, startsAt: '2026-01-01T00:00:00.000Z', endsAt: '0001-01-01T00:00:00Z' },
      { status: 'resolved', labels: { instance: 'shop-2' }, endsAt: '2026-01-02T00:00:00.000Z' },
    ],
  });
});

const hasAmtool = isInstalled('amtool');
if (!hasAmtool) console.warn('SKIPPED: amtool is not installed; routes are not compared with Alertmanager’s.');

/** Trees of routes over few labels, so that many alerts fit several. */
function randomTree(random: () => number, depth = 0): string[] {
  const pick = (items: readonly [string, ...string[]]): string => items[Math.floor(random() * items.length)] ?? items[0];
  const indent = '  '.repeat(depth * 2 + 1);
  const lines: string[] = [];
  for (let i = 0; i < 1 + Math.floor(random() * 3); i++) {
    const matchers = [
      `a="${pick(['1', '2'])}"`,
      `b=~"${pick(['x|y', 'y.*', '.+'])}"`,
      `c!="${pick(['p', 'q'])}"`,
      `a!~"${pick(['1', '2|3'])}"`,
    ].filter(() => random() < 0.4);
    lines.push(
      `${indent}- receiver: r${Math.floor(random() * 5)}`,
      `${indent}  matchers: [${matchers.map((one) => `'${one}'`).join(', ')}]`,
    );
    if (random() < 0.4) lines.push(`${indent}  continue: true`);
    if (depth < 2 && random() < 0.6) lines.push(`${indent}  routes:`, ...randomTree(random, depth + 1));
  }
  return lines;
}

test.skipIf(!hasAmtool)('model: random trees route random alerts as Alertmanager does', () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  using folder = temporaryFolder('amtool');
  const file = path.join(folder.path, 'am.yml');
  for (let tree = 0; tree < 25; tree++) {
    const receivers = Array.from({ length: 5 }, (_, i) => `  - name: r${i}`).join('\n');
    const text = `route:\n  receiver: r0\n  routes:\n${randomTree(random).join('\n')}\nreceivers:\n${receivers}\n`;
    writeFileSync(file, text);
    const { find } = createRouting(readAlertmanager(text, file).routing);
    for (let i = 0; i < 4; i++) {
      const labels = Object.fromEntries(
        [['a', ['1', '2', '3']] as const, ['b', ['x', 'y', 'yy']] as const, ['c', ['p', 'q']] as const]
          .filter(() => random() < 0.8)
          .map(([name, values]) => [name, values[Math.floor(random() * values.length)] ?? '']),
      );
      const args = [
        'config',
        'routes',
        'test',
        `--config.file=${file}`,
        ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
      ];
      const expected = execFileSync('amtool', args, { encoding: 'utf8' }).trim();
      expect([...new Set(find(labels).map(({ receiver }) => receiver))].join(','), `${text}\n${JSON.stringify(labels)}`).toBe(
        [...new Set(expected.split(','))].join(','),
      );
    }
  }
});
