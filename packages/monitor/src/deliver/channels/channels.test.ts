import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import type { Channel } from '../channel.ts';
import { alertOf, channelContract, notificationOf, type Behaviour, type ChannelUnderTest } from '../channel.contract.ts';
import { DashboardChannel } from './dashboard.ts';
import { emailMessage } from './email-message.ts';
import { EmailChannel } from './email.ts';
import { retryAfterAtMs } from '../reach/retry-after.ts';
import { SlackChannel, slackMessage } from './slack.ts';
import { createTargetGuard } from '../reach/target-guard.ts';
import { WebhookChannel } from './webhook.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;
const guard = createTargetGuard(['127.0.0.0/8']);
const NEVER = new AbortController().signal;

interface HttpReceiver extends ChannelUnderTest {
  readonly headers: readonly IncomingHttpHeaders[];
  readonly url: string;
  answerWith(status: number, headers?: Record<string, string>): void;
}

const STATUSES: Readonly<Partial<Record<Behaviour, number>>> = { take: 200, busy: 429, fail: 500, refuse: 404 };

async function openHttp(make: (url: string, clock: FakeClock) => Channel): Promise<HttpReceiver> {
  const clock = new FakeClock();
  const [received, headers]: [string[], IncomingHttpHeaders[]] = [[], []];
  const reached = Promise.withResolvers<void>();
  let behaviour: Behaviour = 'take';
  let answer: { readonly status: number; readonly headers: Record<string, string> } | undefined;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    headers.push(request.headers);
    reached.resolve();
    if (behaviour === 'late') return;
    if (behaviour === 'hangUp') {
      request.socket.destroy();
      return;
    }
    if (behaviour === 'oversize') {
      response.writeHead(503).end('x'.repeat(10_000_000));
      return;
    }
    const status = answer?.status ?? STATUSES[behaviour] ?? 200;
    if (status === 200) received.push(body);
    response.writeHead(status, answer?.headers).end('told you');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/s3cret-path`;
  return {
    clock,
    url,
    received,
    headers,
    channel: make(url, clock),
    reached: () => reached.promise,
    behave: (next) => (behaviour = next),
    answerWith: (status, extra = {}) => (answer = { status, headers: extra }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const openWebhook = (): Promise<HttpReceiver> =>
  openHttp((url, clock) => new WebhookChannel({ name: 'hook', url, secret: SECRET, guard, clock }));
const openSlack = (): Promise<HttpReceiver> => openHttp((url, clock) => new SlackChannel({ name: 'slack', url, guard, clock }));

async function openEmail(): Promise<ChannelUnderTest> {
  const clock = new FakeClock();
  const received: string[] = [];
  const reached = Promise.withResolvers<void>();
  let behaviour: Behaviour = 'take';
  const fault = (code: number): Error => Object.assign(new Error('told you'), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        reached.resolve();
        if (behaviour === 'late') return;
        if (behaviour === 'hangUp') return hangUp();
        if (behaviour === 'fail' || behaviour === 'busy') return done(fault(451));
        if (behaviour === 'refuse') return done(fault(550));
        received.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });
  const hangUp = (): void => {
    for (const connection of server.connections) connection.close();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    clock,
    received,
    channel: new EmailChannel({
      name: 'mail',
      host: '127.0.0.1',
      port,
      secure: false,
      from: 'Bellwether <bellwether@example.com>',
      to: ['ops@example.com'],
      guard,
      clock,
    }),
    reached: () => reached.promise,
    behave: (next) => (behaviour = next),
    async [Symbol.asyncDispose]() {
      hangUp();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

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

channelContract('webhook', openWebhook, ['busy', 'fail', 'hangUp', 'oversize', 'refuse', 'late']);
channelContract('slack', openSlack, ['busy', 'fail', 'hangUp', 'oversize', 'refuse', 'late']);
channelContract('email', openEmail, ['busy', 'fail', 'hangUp', 'refuse', 'late']);
channelContract('dashboard', openDashboard, []);

test('a webhook is signed, and carries the same id at every attempt', async () => {
  await using under = await openWebhook();
  await under.clock.advance(0);
  under.clock.jumpTo(Date.now());
  await under.channel.send(notificationOf(), NEVER);
  under.clock.jumpTo(Date.now() + 5000);
  await under.channel.send(notificationOf(), NEVER);
  expect(under.headers.map((headers) => headers['webhook-id'])).toEqual(['message-1', 'message-1']);
  const body = new Webhook(SECRET).verify(under.received[0] ?? '', under.headers[0] as Record<string, string>);
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
  under.answerWith(429, { 'retry-after': '30' });
  const outcome = await under.channel.send(notificationOf(), NEVER);
  expect(outcome).toMatchObject({ status: 'failed', permanent: false, retryAtMs: under.clock.nowMs() + 30_000 });
});

test('a redirect is not followed', async () => {
  await using elsewhere = await openWebhook();
  await using under = await openWebhook();
  under.answerWith(307, { location: elsewhere.url });
  expect(await under.channel.send(notificationOf(), NEVER)).toMatchObject({ status: 'failed', permanent: true });
  expect(elsewhere.headers).toEqual([]);
});

test('a failure never tells the path of the address, which may be a secret', async () => {
  const under = await openWebhook();
  const outcomes = [];
  for (const behaviour of ['fail', 'refuse', 'hangUp'] as const) {
    under.behave(behaviour);
    outcomes.push(await under.channel.send(notificationOf(), NEVER));
  }
  await under[Symbol.asyncDispose]();
  outcomes.push(await under.channel.send(notificationOf(), NEVER));
  expect(outcomes).toHaveLength(4);
  expect(outcomes.every(({ status }) => status === 'failed')).toBe(true);
  expect(JSON.stringify(outcomes)).not.toContain('s3cret');
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
  expect(under.headers).toEqual([]);
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
