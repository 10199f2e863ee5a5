/** From the request that carries a breach to the request that a webhook gets, while 5,000 samples a second come in by remote write. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compress } from 'snappy';
import { startAlertmanager, startPrometheus } from '../../tests/servers/servers.ts';
import { WriteRequests } from '../store/write-requests.ts';
import { Bellwether, until, Webhook } from './subjects.ts';

const NOISE_SERIES = 5000;
const BREACHES = 120;
const RULES = `groups: [{ name: g, interval: 1s, rules: [{ alert: Deep, expr: queue_depth > 100, labels: { severity: critical }, annotations: { summary: "{{ $labels.instance }}" } }] }]\n`;
/** Each breach is told by itself, at once. */
const ROUTES = (url: string): string =>
  `route: { receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }\nreceivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]\n`;
const HEADERS = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' };

type Send = (body: Uint8Array) => Promise<Response>;

const noise = new WriteRequests(
  Array.from({ length: NOISE_SERIES }, (_, i) => ({
    name: 'noise',
    labels: { i: String(i), instance: `noise-${i % 50}`, job: 'noise' },
    next: Math.random,
  })),
);
async function sendDepth(send: Send, instance: string, value: number): Promise<void> {
  const request = new WriteRequests([{ name: 'queue_depth', labels: { instance, job: 'queues' }, next: () => value }]);
  await (await send(await compress(Buffer.from(request.encode(Date.now(), Float64Array.of(value)))))).body?.cancel();
}

/** One breach after another, at a random moment of the rule's second; gives the waits in ms. */
async function measure(send: Send, hook: Webhook, breaches: number): Promise<readonly number[]> {
  const over = new AbortController();
  const running = (async () => {
    for (let at = performance.now(); !over.signal.aborted; at += 1000) {
      await (
        await send(await compress(Buffer.from(noise.encode(Date.now(), Float64Array.from({ length: NOISE_SERIES }, Math.random)))))
      ).body?.cancel();
      await sleep(Math.max(0, at + 1000 - performance.now()));
    }
  })();
  await sleep(3000);
  const waits: number[] = [];
  for (let i = 0; i < breaches; i++) {
    const instance = `host-${i}-`;
    // Whole seconds, so that a rule that is judged each second is met at any moment of it.
    await sleep(100 + Math.random() * 1000);
    const startedMs = performance.now();
    await sendDepth(send, instance, 500);
    const message = await until(() => hook.messages.find(({ text }) => text.includes(instance)), 20_000);
    waits.push(message === undefined ? Infinity : message.atMs - startedMs);
  }
  over.abort();
  await running;
  return waits;
}

export interface Waits {
  readonly threshold: readonly number[];
  readonly rule: readonly number[];
  readonly rival: readonly number[] | undefined;
}

export async function breachToWebhook(hasRival: boolean): Promise<Waits> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-breach-'));
  await using hook = await Webhook.open();
  const rules = path.join(folder, 'rules.yml');
  const routes = path.join(folder, 'alertmanager.yml');
  writeFileSync(rules, RULES);
  writeFileSync(routes, ROUTES(hook.url));
  const ours = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<readonly number[]> => {
    hook.messages.length = 0;
    await using server = await Bellwether.start(['--alertmanager-config', routes, ...args], env);
    return await measure((body) => server.fetch('/api/v1/write', body, HEADERS), hook, BREACHES);
  };
  const threshold = await ours([], { PERFORMANCE_ALERT_THRESHOLDS: '{"queue_depth": 100}' });
  const rule = await ours(['--rules', rules], {});
  const rival = hasRival ? await prometheusWithAlertmanager(hook, rules, folder) : undefined;
  rmSync(folder, { recursive: true });
  return { threshold, rule, rival };
}

async function prometheusWithAlertmanager(hook: Webhook, rules: string, folder: string): Promise<readonly number[]> {
  hook.messages.length = 0;
  await using alertmanager = await startAlertmanager(ROUTES(hook.url));
  const target = `static_configs: [{ targets: ['127.0.0.1:${alertmanager.port}'] }]`;
  await using prometheus = await startPrometheus(
    'prometheus',
    `global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: ['${path.resolve(folder, rules)}']\nalerting: { alertmanagers: [{ ${target} }] }\n`,
  );
  // It finds where it pushes to only after five seconds, and forgets what fired before.
  await sleep(6000);
  const send: Send = (body) => fetch(`${prometheus.url}/api/v1/write`, { method: 'POST', headers: HEADERS, body: Buffer.from(body) });
  return await measure(send, hook, BREACHES / 2);
}
