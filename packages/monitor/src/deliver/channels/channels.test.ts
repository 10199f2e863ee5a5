import { createServer, type AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { alertOf, channelContract, notificationOf, type Behaviour, type ChannelUnderTest } from '../channel.contract.ts';
import type { Channel } from '../channel.ts';
import { retryAfterAtMs } from '../reach/retry-after.ts';
import { createTargetGuard } from '../reach/target-guard.ts';
import { createChannels, type ChannelConfig } from './channel-config.ts';
import { DashboardChannel } from './dashboard.ts';
import { emailMessage } from './email-message.ts';
import { EmailChannel } from './email.ts';
import { slackMessage } from './slack-message.ts';
import * as services from './testing/fake-services.ts';
import { openHttp, type HttpReceiver } from './testing/http-receiver.ts';
import { openEmail } from './testing/smtp-receiver.ts';
import { WebhookChannel } from './webhook.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;
const NEVER = new AbortController().signal;
const HTTP_BEHAVIOURS: readonly Behaviour[] = ['busy', 'fail', 'hangUp', 'oversize', 'refuse', 'late'];

/** A channel as the configuration makes it. */
function configured(config: object): (url: string, clock: FakeClock) => Channel {
  return (url, clock) => {
    const whole = { name: 'under-test', url, ...config } as unknown as ChannelConfig;
    const [channel] = createChannels([whole], { allowPrivateTargets: ['127.0.0.0/8'], env: {}, clock });
    if (channel === undefined) throw new Error('no channel was made');
    return channel;
  };
}

const openWebhook = (): Promise<HttpReceiver> => openHttp(configured({ kind: 'webhook', secret: SECRET }));
const openSlack = (): Promise<HttpReceiver> => openHttp(configured({ kind: 'slack' }), services.SLACK_WEBHOOK);
const openSlackBot = (): Promise<HttpReceiver> =>
  openHttp(configured({ kind: 'slack', token: 'xoxb-s3cret', channel: 'C1' }), services.SLACK_API);
const openPagerDuty = (): Promise<HttpReceiver> =>
  openHttp(configured({ kind: 'pagerduty', routing_key: '0123456789abcdef0123456789abcdef' }), services.PAGERDUTY);
const openTeams = (): Promise<HttpReceiver> => openHttp(configured({ kind: 'teams' }), services.TEAMS);
const openTelegram = (): Promise<HttpReceiver> =>
  openHttp(configured({ kind: 'telegram', token: '123:s3cret', chat: '-100123' }), services.TELEGRAM);
const openNtfy = (): Promise<HttpReceiver> => openHttp(configured({ kind: 'ntfy', topic: 'ops', token: 'tk_s3cret' }), services.NTFY);

async function openDashboard(): Promise<ChannelUnderTest> {
  const channel = new DashboardChannel('page');
  return {
    clock: new FakeClock(),
    channel,
    get received() {
      return channel.inbox().map((message) => JSON.stringify(message));
    },
    reached: async () => {},
    behave: () => {},
    async [Symbol.asyncDispose]() {},
  };
}

channelContract('webhook', openWebhook, HTTP_BEHAVIOURS);
channelContract('Slack by webhook', openSlack, HTTP_BEHAVIOURS);
channelContract('Slack by bot', openSlackBot, HTTP_BEHAVIOURS);
channelContract('PagerDuty', openPagerDuty, HTTP_BEHAVIOURS);
channelContract('Teams', openTeams, HTTP_BEHAVIOURS);
channelContract('Telegram', openTelegram, HTTP_BEHAVIOURS);
channelContract('ntfy', openNtfy, HTTP_BEHAVIOURS);
channelContract('email', () => openEmail(), ['busy', 'fail', 'hangUp', 'refuse', 'late']);
channelContract('dashboard', openDashboard, []);

const HTTP_CHANNELS = [
  ['webhook', openWebhook],
  ['Slack by webhook', openSlack],
  ['Slack by bot', openSlackBot],
  ['PagerDuty', openPagerDuty],
  ['Teams', openTeams],
  ['Telegram', openTelegram],
  ['ntfy', openNtfy],
] as const;

test.each(HTTP_CHANNELS)('%s: foreign text of any length and script stays within the limits and means nothing', async (_name, open) => {
  await using under = await open();
  const message = '<!channel> <b>&*_`[x](https://evil.example)😀界'.repeat(400);
  const alerts = Array.from({ length: 60 }, (_, i) => alertOf({ id: String(i), message, labels: { instance: '界'.repeat(3000) } }));
  const sent = await under.channel.send(notificationOf({ title: message, alerts, groupKey: '界'.repeat(5000) }), NEVER);
  expect(sent).toMatchObject({ status: 'sent' });
});

test.each(HTTP_CHANNELS)('%s: a failure never tells a secret', async (_name, open) => {
  const under = await open();
  const outcomes = [];
  for (const behaviour of ['fail', 'refuse', 'hangUp'] as const) {
    under.behave(behaviour);
    outcomes.push(await under.channel.send(notificationOf(), NEVER));
  }
  await under[Symbol.asyncDispose]();
  outcomes.push(await under.channel.send(notificationOf(), NEVER));
  expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'failed']);
  expect(JSON.stringify(outcomes)).not.toContain('s3cret');
});

test.each([
  ['Slack by webhook', openSlack],
  ['Slack by bot', openSlackBot],
  ['Telegram', openTelegram],
] as const)('%s: the wish to wait is passed on, wherever the service tells it', async (_name, open) => {
  await using under = await open();
  under.behave('busy');
  const outcome = await under.channel.send(notificationOf(), NEVER);
  expect(outcome).toMatchObject({ status: 'failed', permanent: false, retryAtMs: under.clock.nowMs() + 30_000 });
});

test.each([
  ['Slack by bot', openSlackBot],
  ['Telegram', openTelegram],
] as const)('regression: %s: an answer that is not what the service answers is a failure that may pass', async (_name, open) => {
  await using under = await open();
  for (const body of ['null', '<html>gateway</html>', '5']) {
    under.answerWith({ status: 200, body });
    expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: false });
    under.answerWith({ status: 403, body });
    expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: true });
  }
});

test.each([
  ['webhook', openWebhook],
  ['webhook in the format of Alertmanager', () => openHttp(configured({ kind: 'webhook', format: 'alertmanager' }))],
  ['PagerDuty', openPagerDuty],
  ['email', () => openEmail()],
] as const)('regression: %s: labels of any length make no message that its receiver cannot take', async (_name, open) => {
  await using under = await open();
  const labels = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`l${i}`, '界'.repeat(10_000)]));
  const alerts = Array.from({ length: 100 }, (_, i) => alertOf({ id: String(i), labels, metricName: 'm'.repeat(600_000) }));
  const title = 't'.repeat(600_000);
  const sent = await under.channel.send(notificationOf({ alerts, title, groupKey: 'g'.repeat(600_000) }), NEVER);
  expect(sent).toMatchObject({ status: 'sent' });
  // One alert is always told whole to a webhook.
  expect(Buffer.byteLength(under.received[0] ?? '')).toBeLessThan(4_000_000);
});

test('regression: Slack makes no mention or link of foreign text', () => {
  const { blocks } = slackMessage(notificationOf({ deliveredLate: true, alerts: [alertOf({ message: '@channel #general' })] }));
  expect(blocks.map((block) => block.text ?? block.elements?.[0])).toEqual([
    expect.objectContaining({ type: 'plain_text' }),
    expect.objectContaining({ type: 'mrkdwn', verbatim: true }),
    expect.objectContaining({ type: 'mrkdwn', verbatim: true }),
  ]);
});

test('regression: an e-mail subject has no control characters', () => {
  expect(emailMessage(notificationOf({ title: 'a\u0000b\u001b[31mc\u0085d' })).subject).toBe('[CRITICAL] a b [31mc d');
});

test('regression: a mail server that repeats the login does not make it known', async () => {
  const password = 's3cret-password';
  const plain = Buffer.from(`\0user\0${password}`).toString('base64');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 ready\r\n');
    socket.on('data', (line) => {
      const isHello = String(line).startsWith('EHLO');
      socket.write(isHello ? '250-ready\r\n250 AUTH PLAIN\r\n' : `535 ${String(line).trim()} means ${password}\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [channel] = createChannels(
    [{ name: 'mail', kind: 'email', host: '127.0.0.1', port, user: 'user', password, from: 'a@example.com', to: ['b@example.com'] }],
    { allowPrivateTargets: ['127.0.0.0/8'], env: {}, clock: new FakeClock() },
  );
  const outcome = await channel?.send(notificationOf(), NEVER);
  await new Promise((resolve) => server.close(resolve));
  expect(outcome).toMatchObject({ status: 'failed', error: 'Invalid login: 535 AUTH PLAIN … means …' });
  expect(JSON.stringify(outcome)).not.toContain(plain);
});

test('one PagerDuty incident a group: what follows has its key, the end resolves it, a test is another', async () => {
  await using under = await openPagerDuty();
  await under.channel.send(notificationOf({ id: '1' }), NEVER);
  await under.channel.send(notificationOf({ id: '2', status: 'resolved', alerts: [alertOf({ status: 'resolved' })] }), NEVER);
  await under.channel.send(notificationOf({ id: '3', reason: 'test', alerts: [] }), NEVER);
  const events = under.received.map(
    (body) => JSON.parse(body) as { event_action: string; dedup_key: string; payload: { severity: string } },
  );
  expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve', 'trigger']);
  expect(events[1]?.dedup_key).toBe(events[0]?.dedup_key);
  expect(events[2]?.dedup_key).not.toBe(events[0]?.dedup_key);
  expect(events[0]?.payload.severity).toBe('critical');
});

test('a Slack bot updates the message that opened the group, tells news in its thread, and only updates at the end', async () => {
  await using under = await openSlackBot();
  const first = await under.channel.send(notificationOf({ id: '1' }), NEVER);
  expect(first).toMatchObject({ reference: 'C1/1700000000.000100' });
  const reference = 'C1/1700000000.000100';
  expect(await under.channel.send(notificationOf({ id: '2', reference }), NEVER)).toMatchObject({ status: 'sent', reference });
  await under.channel.send(notificationOf({ id: '3', status: 'resolved', reference }), NEVER);
  expect(under.arrived.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))).toEqual([
    'chat.postMessage',
    'chat.update',
    'chat.postMessage',
    'chat.update',
  ]);
  expect(JSON.parse(under.arrived[2]?.body ?? '')).toMatchObject({ channel: 'C1', thread_ts: '1700000000.000100' });
});

test('a Slack message that is gone is written anew', async () => {
  await using under = await openSlackBot();
  expect(await under.channel.send(notificationOf({ reference: 'C1/0.000' }), NEVER)).toMatchObject({
    status: 'sent',
    reference: 'C1/1700000000.000100',
  });
});

test('a Slack webhook of the older kind is told its channel', async () => {
  await using under = await openHttp(configured({ kind: 'slack', channel: '#web' }), services.SLACK_WEBHOOK);
  await under.channel.send(notificationOf(), NEVER);
  expect(JSON.parse(under.received[0] ?? '')).toMatchObject({ channel: '#web' });
});

test('an e-mail that must be encrypted is not sent to a server that offers no TLS', async () => {
  await using under = await openEmail({ requireTls: true });
  expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: false });
  expect(under.received).toEqual([]);
});

test('Telegram answers the message that opened the group', async () => {
  await using under = await openTelegram();
  expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ reference: '7' });
  await under.channel.send(notificationOf({ reference: '7' }), NEVER);
  expect(JSON.parse(under.received[1] ?? '')).toMatchObject({ reply_parameters: { message_id: 7 } });
});

test('a webhook is signed, and carries the same id at every attempt', async () => {
  await using under = await openWebhook();
  await under.clock.advance(0);
  under.clock.jumpTo(Date.now());
  await under.channel.send(notificationOf(), NEVER);
  under.clock.jumpTo(Date.now() + 5000);
  await under.channel.send(notificationOf(), NEVER);
  expect(under.arrived.map(({ headers }) => headers['webhook-id'])).toEqual(['message-1', 'message-1']);
  const body = new Webhook(SECRET).verify(under.received[0] ?? '', under.arrived[0]?.headers as Record<string, string>);
  expect(body).toEqual({
    id: 'message-1',
    type: 'alert.firing',
    timestamp: '2026-01-01T00:00:00.000Z',
    group_key: '["","shop-1"]',
    title: '1 alert on shop-1: CPU usage is 93.0%, exceeding threshold of 90.0',
    severity: 'critical',
    status: 'firing',
    reason: 'new',
    delivered_late: false,
    alerts_total: 1,
    alerts: [
      {
        id: 'alert-1',
        metric_name: 'cpu_usage',
        labels: { instance: 'shop-1' },
        threshold: 90,
        current_value: 93,
        severity: 'critical',
        message: 'CPU usage is 93.0%, exceeding threshold of 90.0',
        status: 'firing',
        timestamp: '2026-01-01T00:00:00.000Z',
        fired_at: '2026-01-01T00:00:00.000Z',
        resolved_at: null,
      },
    ],
  });
});

test("a receiver's wish to wait is passed on", async () => {
  await using under = await openWebhook();
  under.answerWith({ status: 429, headers: { 'retry-after': '30' } });
  const outcome = await under.channel.send(notificationOf(), NEVER);
  expect(outcome).toMatchObject({ status: 'failed', permanent: false, retryAtMs: under.clock.nowMs() + 30_000 });
});

test('a redirect is not followed', async () => {
  await using elsewhere = await openWebhook();
  await using under = await openWebhook();
  under.answerWith({ status: 307, headers: { location: elsewhere.url } });
  expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: true });
  expect(elsewhere.arrived).toEqual([]);
});

test('without permission no channel reaches the loopback, by address or by name', async () => {
  await using under = await openWebhook();
  const { port } = new URL(under.url);
  const strict = createTargetGuard([]);
  const { clock } = under;
  const mail = { name: 'mail', port: Number(port), secure: false, from: 'a@example.com', to: ['b@example.com'], guard: strict, clock };
  const channels = [
    new WebhookChannel({ name: 'literal', url: under.url, guard: strict, clock }),
    new WebhookChannel({ name: 'name', url: `http://localhost:${port}/`, guard: strict, clock }),
    new EmailChannel({ ...mail, host: '127.0.0.1' }),
    new EmailChannel({ ...mail, host: 'localhost' }),
  ];
  for (const channel of channels) {
    expect(await channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: true });
  }
  expect(under.arrived).toEqual([]);
});

test('Slack gets no more than its limits and no markup from foreign text', () => {
  const message = '<!channel> & <https://evil.example|click>'.padEnd(5000, '&');
  const alerts = Array.from({ length: 200 }, (_, i) => alertOf({ id: String(i), message }));
  const { blocks, text } = slackMessage(notificationOf({ alerts, title: 'x'.repeat(4000) }));
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(Math.max(...blocks.map((block) => block.text?.text.length ?? 0))).toBeLessThanOrEqual(3000);
  expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
  expect(text.length).toBeLessThanOrEqual(3000);
  expect(JSON.stringify(blocks.slice(1))).not.toContain('<');
  expect(JSON.stringify(blocks.at(-1))).toContain('180 more');
});

test('an e-mail has its severity in the subject, one line of it, and HTML without foreign markup', () => {
  const { subject, html, text } = emailMessage(
    notificationOf({ title: 'CPU\r\nBcc: all@example.com', alerts: [alertOf({ message: '<img src=x>' })] }),
  );
  expect(subject).toBe('[CRITICAL] CPU Bcc: all@example.com');
  expect(html).not.toContain('<img');
  expect(text).toContain('<img src=x>');
});

test('an e-mail carries the id of its message and says that it is a machine that writes', async () => {
  await using under = await openEmail();
  await under.channel.send(notificationOf(), NEVER);
  expect(under.received[0]).toContain('Message-ID: <message-1@example.com>');
  expect(under.received[0]).toContain('Auto-Submitted: auto-generated');
});

test('the inbox keeps the last hundred, and a repeated message once', async () => {
  const channel = new DashboardChannel('page');
  for (let i = 0; i < 105; i++) await channel.send(notificationOf({ id: String(i) }), NEVER);
  await channel.send(notificationOf({ id: '104' }), NEVER);
  const ids = channel.inbox().map(({ id }) => id);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([100, '5', '104']);
});

const NOW_MS = Date.UTC(2026, 0, 1);
test.each([
  ['120', NOW_MS + 120_000],
  ['Thu, 01 Jan 2026 00:01:00 GMT', NOW_MS + 60_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', NOW_MS],
  ['99999999', NOW_MS + 3_600_000],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is understood', (header, expected) => {
  expect(retryAfterAtMs(header, NOW_MS)).toBe(expected);
});

test('regression: an e-mail to a refused target whose sending was given up before leaves no rejection behind', async () => {
  const common = { name: 'mail', secure: false, from: 'a@example.org', to: ['b@example.org'], clock: new FakeClock() };
  const channel = new EmailChannel({ ...common, host: '127.0.0.1', port: 25, guard: createTargetGuard([]) });
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    expect(await channel.send(notificationOf(), AbortSignal.abort())).toMatchObject({ status: 'failed', permanent: true });
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(unhandled).toEqual([]);
});
