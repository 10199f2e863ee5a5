/** A server that is killed again and again while alerts, silences and acknowledgements come in: what it answered 200 to is there afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ServerProcess } from './server-process.ts';

/** `BELLWETHER_LONG=1` asks for 200. */
const KILLS = process.env['BELLWETHER_LONG'] === '1' ? 200 : 4;

/** What was answered 200. */
interface Ledger {
  readonly alerts: Set<string>;
  readonly silences: Set<string>;
  readonly acks: Set<string>;
}

async function json(response: Response): Promise<any> {
  return response.ok ? await response.json() : undefined;
}

/** Works on the server until it dies under the work. */
async function work(server: ServerProcess, ledger: Ledger, round: number): Promise<void> {
  const post = (route: string, body: unknown): Promise<Response> =>
    server.fetch(route, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  for (let i = 0; ; i++) {
    const name = `Round${round}x${i}`;
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const pushed = await post('/api/v2/alerts', [{ labels: { alertname: name, job: `job-${i % 3}` }, endsAt }]);
    if (pushed.ok) ledger.alerts.add(name);
    const [alert] = (await json(await server.fetch(`/api/v1/alerting/alerts?metric=${name}`))).data.alerts;
    if ((await post('/api/v1/alerting/acks', { alert_id: alert.id, by: name })).ok) ledger.acks.add(name);
    const matchers = [{ name: 'alertname', value: `Never${name}`, isRegex: false, isEqual: true }];
    const silence = await post('/api/v2/silences', {
      matchers,
      startsAt: new Date().toISOString(),
      endsAt,
      createdBy: 'ledger',
      comment: name,
    });
    if (silence.ok) ledger.silences.add((await json(silence)).silenceID);
  }
}

test('a killed server keeps all that it answered for, and no id names two messages', { timeout: 60_000 + KILLS * 6000 }, async () => {
  const received = new Map<string, Set<string>>();
  const hook = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      const { id, alerts } = JSON.parse(text);
      const told = alerts.map((alert: { id: string; status: string }) => `${alert.id} ${alert.status}`);
      received.set(id, new Set([...(received.get(id) ?? []), told.toSorted().join()]));
      response.end();
    });
  });
  await new Promise<void>((resolve) => void hook.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(path.join(tmpdir(), 'bellwether-ledger-'));
  const config = path.join(folder, 'config.json');
  const { port } = hook.address() as AddressInfo;
  writeFileSync(config, JSON.stringify({ channels: [{ name: 'hook', kind: 'webhook', url: `http://127.0.0.1:${port}/` }] }));
  const start = (dataDir?: string): Promise<ServerProcess> =>
    ServerProcess.start({
      args: ['--config', config],
      env: { BELLWETHER_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
  const ledger: Ledger = { alerts: new Set(), silences: new Set(), acks: new Set() };

  let server = await start();
  for (let round = 0; round < KILLS; round++) {
    const working = work(server, ledger, round).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150 + ((round * 397) % 500)));
    await server.stop('SIGKILL', true);
    await working;
    server = await start(server.dataDir);
  }
  const list = async (route: string): Promise<any[]> => await json(await server.fetch(route));
  const alerts = await list('/api/v2/alerts');
  const names = new Set(alerts.map(({ labels }) => labels.alertname));
  expect([...ledger.alerts].filter((name) => !names.has(name))).toEqual([]);
  const silences = new Set((await list('/api/v2/silences')).map(({ id }) => id));
  expect([...ledger.silences].slice(-900).filter((id) => !silences.has(id))).toEqual([]);
  const taken = new Set<string>();
  for (let offset = 0; ; offset += 1000) {
    const { acks } = (await json(await server.fetch(`/api/v1/alerting/acks?limit=1000&offset=${offset}`))).data;
    for (const { acknowledged_by } of acks) taken.add(acknowledged_by);
    if (acks.length < 1000) break;
  }
  expect([...ledger.acks].filter((name) => !taken.has(name))).toEqual([]);

  const history: any[] = (await json(await server.fetch('/api/v1/alerting/history?limit=1000'))).data.alerts;
  const untold = history.filter((one) => ledger.alerts.has(one.metric_name) && one.notifications === 0);
  expect(untold).toEqual([]);
  expect([...received.values()].filter((contents) => contents.size > 1)).toEqual([]);
  expect(ledger.alerts.size).toBeGreaterThan(KILLS);
  expect(received.size).toBeGreaterThan(0);
  await server.stop();
  hook.close();
  rmSync(folder, { recursive: true });
});
