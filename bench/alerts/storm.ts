/** A storm and a flapping alert, pushed to both in their default configuration; what their webhooks get. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAlertmanager } from '../../tests/servers/servers.ts';
import { Bellwether, postTo, pushAlerts, Webhook, type Message } from './subjects.ts';

/** Defaults everywhere; all that is said is where to send. */
const RIVAL = (url: string): string => `route: { receiver: hook }\nreceivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]\n`;
const WATCHED_MS = Number(process.env['BENCH_STORM_SECONDS'] ?? 600) * 1000;
const FLAPS = 40;

/** 20 services × 10 rules × 50 instances; the database that all of them need went first. */
function stormAlerts(): readonly object[] {
  const startsAt = new Date().toISOString();
  const root = {
    labels: { alertname: 'DatabaseDown', severity: 'critical', job: 'database', instance: 'db-1' },
    annotations: { summary: 'db-1 does not answer' },
    startsAt: new Date(Date.now() - 1000).toISOString(),
  };
  const rest = Array.from({ length: 9999 }, (_, i) => {
    const job = `service-${i % 20}`;
    const rule = Math.floor(i / 20) % 10;
    const instance = `${job}-${Math.floor(i / 200)}`;
    return {
      labels: { alertname: `Rule${rule}`, severity: rule < 2 ? 'critical' : 'warning', job, instance },
      annotations: { summary: `${instance}: rule ${rule} of ${job} is broken` },
      startsAt,
    };
  });
  return [root, ...rest];
}

export interface Told {
  readonly messages: number;
  readonly firstMs: number;
  readonly largestBytes: number;
  /** Whether the title of the first message says what the rest follows from; Alertmanager's has none. */
  readonly namesRoot: boolean;
}

function told(all: readonly Message[], startedMs: number): Told {
  // The host under this benchmark is busy, and we tell of that, too.
  const messages = all.filter(({ text }) => /DatabaseDown|Rule\d/.test(text));
  return {
    messages: messages.length,
    firstMs: (messages[0]?.atMs ?? Infinity) - startedMs,
    largestBytes: Math.max(0, ...messages.map(({ text }) => Buffer.byteLength(text))),
    namesRoot: /"title":"[^"]*db-1 does not answer/.test(messages[0]?.text ?? ''),
  };
}

interface Place {
  readonly hook: Webhook;
  readonly send: (body: unknown) => Promise<Response>;
}

async function storm({ hook, send }: Place): Promise<Told> {
  const alerts = stormAlerts();
  const startedMs = performance.now();
  await pushAlerts(send, alerts);
  // A Prometheus pushes again what still fires.
  while (performance.now() - startedMs < WATCHED_MS) {
    await sleep(Math.min(60_000, WATCHED_MS));
    await pushAlerts(send, alerts);
  }
  return told(hook.messages, startedMs);
}

/** Fires and ends 40 times, once a second, and a minute of calm. */
async function flaps({ hook, send }: Place): Promise<number> {
  const labels = { alertname: 'Flaps', job: 'shop', instance: 'shop-1', severity: 'high' };
  for (let i = 0; i < FLAPS; i++) {
    const endsAt = i % 2 === 0 ? {} : { endsAt: new Date().toISOString() };
    await pushAlerts(send, [{ labels, annotations: { summary: 'it flaps' }, ...endsAt }]);
    await sleep(1000);
  }
  await sleep(60_000);
  return hook.messages.filter(({ text }) => text.includes('Flaps')).length;
}

async function withOurs<T>(measure: (place: Place) => Promise<T>): Promise<T> {
  await using hook = await Webhook.open();
  const config = path.join(mkdtempSync(path.join(tmpdir(), 'bench-storm-')), 'config.json');
  writeFileSync(config, JSON.stringify({ channels: [{ name: 'hook', kind: 'webhook', url: hook.url }] }));
  await using server = await Bellwether.start(['--config', config]);
  return await measure({ hook, send: (body) => server.fetch('/api/v2/alerts', body) });
}

async function withRival<T>(config: (url: string) => string, measure: (place: Place) => Promise<T>): Promise<T> {
  await using hook = await Webhook.open();
  await using server = await startAlertmanager(config(hook.url));
  return await measure({ hook, send: postTo(server.url) });
}

/** Both at the same time: they wait more than they work. */
export async function stormOfBoth(hasRival: boolean): Promise<readonly [Told, Told | undefined]> {
  return Promise.all([withOurs(storm), hasRival ? withRival(RIVAL, storm) : undefined]);
}

/** The rival with its shortest times, as teams set it that want to hear at once. */
export async function flapsOfBoth(hasRival: boolean): Promise<readonly [number, number | undefined]> {
  const quick = (url: string): string =>
    `route: { receiver: hook, group_wait: 0s, group_interval: 1s }\nreceivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]\n`;
  return Promise.all([withOurs(flaps), hasRival ? withRival(quick, flaps) : undefined]);
}
