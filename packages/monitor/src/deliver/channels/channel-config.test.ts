import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { notificationOf } from '../channel.contract.ts';
import type { Notification, NotifiedAlert, SendOutcome } from '../channel.ts';
import { FiringOnlyChannel } from './firing-only.ts';
import { createChannels, parseChannels, planTargets, quietHoursOf, type ChannelConfig } from './channel-config.ts';

const HOOK = { name: 'hook', kind: 'webhook', url: 'https://hooks.example.com/x' };
const MAIL = { name: 'mail', kind: 'email', host: 'smtp.example.com', from: 'a@example.com', to: ['b@example.com'] };
const make = (configs: readonly unknown[], env = {}) =>
  createChannels(configs as readonly ChannelConfig[], { allowPrivateTargets: [], env, clock: new FakeClock() });

test('every kind of channel is made', () => {
  const slack = { name: 'slack', kind: 'slack', url: 'env:SLACK_URL' };
  const channels = make([HOOK, MAIL, slack, { name: 'page', kind: 'dashboard' }], { SLACK_URL: 'https://hooks.slack.com/services/T/B/X' });
  expect(channels.map(({ name, kind }) => [name, kind])).toEqual([
    ['hook', 'webhook'],
    ['mail', 'email'],
    ['slack', 'slack'],
    ['page', 'dashboard'],
  ]);
});

test.each([
  [{}, 'channels must be', 'channels: must be a list'],
  [[1], 'an object', 'channels[0]: must be an object with name and kind'],
  [[{ kind: 'webhook' }], 'a kind first', 'channels[0]: name must be 1 to 64 letters'],
  [
    [{ name: 'a', kind: 'fax' }],
    'kinds',
    'channel "a": kind must be one of webhook, slack, email, dashboard, pagerduty, teams, telegram, ntfy',
  ],
  [[{ ...HOOK, url: 'ftp://x' }], 'protocol', 'channel "hook": url must be an http:// or https:// URL, env:NAME or file:/path'],
  [[{ ...MAIL, to: [] }], 'somebody', 'channel "mail": to must be a list of at least one e-mail address'],
  [[{ ...MAIL, port: 0 }], 'port', 'channel "mail": port must be a number from 1 to 65535'],
  [[{ ...MAIL, from: 'a@example.com\r\nBcc: x@example.com' }], 'one line', 'channel "mail": from must be an e-mail address'],
  [[{ ...HOOK, minimum_severity: 'urgent' }], 'severity', 'channel "hook": minimum_severity must be one of low, medium, high, critical'],
  [[{ ...HOOK, quiet_hours: [{ times: 'night' }] }], 'times', 'channel "hook": quiet_hours must be a list of time intervals such as'],
  [[{ ...HOOK, uri: 'x' }], 'unknown field', 'channel "hook": has no field "uri"; allowed are name, kind'],
  [[HOOK, HOOK], 'twice', 'channel "hook": the name is used twice'],
])('%j is refused with the channel, the field and what is allowed (%s)', (value, _why, message) => {
  expect(() => parseChannels(value)).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }),
  );
});

test('secrets come from variables and files, and what is missing is named', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  try {
    const file = path.join(folder, 'secret');
    writeFileSync(file, `whsec_${Buffer.from('x'.repeat(24)).toString('base64')}\n`);
    expect(make([{ ...HOOK, secret: `file:${file}` }])).toHaveLength(1);
    expect(() => make([{ ...HOOK, secret: `file:${file}.missing` }])).toThrow(/channel "hook" field secret: the file .* cannot be read/);
    expect(() => make([{ ...HOOK, secret: 'env:NOT_SET' }])).toThrow('channel "hook" field secret: the variable NOT_SET is not set');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an error never repeats a secret', () => {
  const env = { SECRET: 'p4ssw0rd!', URL: 'p4ssw0rd!' };
  for (const config of [
    { ...HOOK, secret: 'env:SECRET' },
    { ...HOOK, url: 'env:URL' },
    { ...HOOK, url: 'p4ssw0rd!' },
  ]) {
    let message = '';
    try {
      make([config], env);
    } catch (error) {
      message = JSON.stringify(error) + String(error);
    }
    expect(message).toContain('channel \\"hook\\"');
    expect(message).not.toContain('p4ssw0rd');
  }
});

test('a literal private address is refused before anything is sent', () => {
  const refused = expect.objectContaining({ code: 'target_refused' });
  expect(() => make([{ ...HOOK, url: 'http://169.254.169.254/latest' }])).toThrow(refused);
  expect(() => make([{ ...HOOK, url: 'http://[::1]:8000/' }])).toThrow(refused);
  expect(() => make([{ ...MAIL, host: '10.0.0.1' }])).toThrow(refused);
});

test('the planner learns what each channel wants to hear', () => {
  expect(planTargets(parseChannels([HOOK, { ...MAIL, minimum_severity: 'high', escalation: true }]))).toEqual([
    { name: 'hook', kind: 'webhook' },
    { name: 'mail', kind: 'email', minimumSeverity: 'high', escalationOnly: true },
  ]);
});

test('quiet hours are known by channel', () => {
  const night = { times: [{ start_time: '00:00', end_time: '06:00' }], location: 'Europe/Berlin' };
  const hours = quietHoursOf(parseChannels([HOOK, { ...MAIL, quiet_hours: [night] }]));
  expect([...hours]).toEqual([['mail', [{ minutes: [{ from: 0, to: 360 }], zone: 'Europe/Berlin' }]]]);
});

test('regression: a channel that wants no ends is told neither of ends beside what fires, nor again of what it knows', async () => {
  const told: Notification[] = [];
  const channel = new FiringOnlyChannel({
    name: 'page',
    kind: 'webhook',
    send: async (notification) => (told.push(notification), { status: 'sent', detail: '' }),
    [Symbol.asyncDispose]: async () => {},
  });
  const signal = new AbortController().signal;
  const [a, b] = ['a', 'b'].flatMap((id) => notificationOf({ id }).alerts.map((alert) => ({ ...alert, id, status: 'firing' as const })));
  const ended = { ...(b as NotifiedAlert), status: 'resolved' as const };
  const send = (id: string, alerts: readonly (NotifiedAlert | undefined)[], some: Partial<Notification> = {}): Promise<SendOutcome> =>
    channel.send({ ...notificationOf({ id, ...some }), alerts: alerts as readonly NotifiedAlert[] }, signal);
  await send('1', [b]);
  await send('2', [a, ended]);
  await send('3', [a, ended]);
  await send('4', [a], { reason: 'repeat' });
  expect(told.map(({ id, alerts }) => [id, ...alerts.map((alert) => alert.id)])).toEqual([
    ['1', 'b'],
    ['2', 'a'],
    ['4', 'a'],
  ]);
});

test('a channel that wants no ends is not told of them', async () => {
  const channel = make([{ name: 'page', kind: 'dashboard', send_resolved: false }])[0];
  const signal = new AbortController().signal;
  await channel?.send(notificationOf({ id: '1' }), signal);
  expect(await channel?.send(notificationOf({ id: '2', status: 'resolved' }), signal)).toMatchObject({
    status: 'sent',
    detail: expect.stringContaining('not told'),
  });
  expect(channel).toMatchObject({ name: 'page', kind: 'dashboard', isQuiet: true });
});
