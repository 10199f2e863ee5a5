/** 100,000 active alerts in a served process, pushed or of a PromQL rule: its memory, a page of its list; and what a kill leaves of what was accepted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compress } from 'snappy';
import { startAlertmanager } from '../../tests/servers/servers.ts';
import { WriteRequests } from '../store/write-requests.ts';
import { Bellwether, peakBytes, postTo, pushAlerts, quantile, residentBytes, until } from './subjects.ts';

const ALERTS = 100_000;
const QUIET = { PERFORMANCE_ALERT_THRESHOLDS: '{}', PERFORMANCE_MONITORING_INTERVAL: '30' };
const labelsOf = (i: number): Record<string, string> => ({ instance: `host-${i}`, job: `job-${i % 20}`, cluster: 'main' });
const pushed = (): readonly object[] =>
  Array.from({ length: ALERTS }, (_, i) => ({
    labels: { alertname: 'Down', severity: 'page', ...labelsOf(i) },
    annotations: { summary: `host-${i} is down` },
  }));

export interface Many {
  readonly bytes: number;
  readonly peak: number;
  readonly pageMs: number;
}

async function weigh(server: Bellwether): Promise<Many> {
  const count = async (): Promise<number> =>
    ((await (await server.fetch('/api/v1/alerting/alerts?limit=1')).json()) as { data: { total: number } }).data.total;
  if ((await until(async () => ((await count()) >= ALERTS ? true : undefined), 120_000)) === undefined)
    throw new Error(`${await count()} alerts fire`);
  const pages: number[] = [];
  for (let i = 0; i < 200; i++) {
    const startedMs = performance.now();
    await (await server.fetch(`/api/v1/alerting/alerts?limit=100&offset=${i * 100}`)).text();
    pages.push(performance.now() - startedMs);
    await sleep(20);
  }
  await sleep(10_000);
  return { bytes: residentBytes(server.pid), peak: peakBytes(server.pid), pageMs: quantile(pages, 0.99) };
}

export async function manyPushed(): Promise<Many> {
  await using server = await Bellwether.start([], QUIET);
  await pushAlerts((body) => server.fetch('/api/v2/alerts', body), pushed());
  return await weigh(server);
}

export async function manyOfRule(): Promise<Many> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-many-'));
  const rules = path.join(folder, 'rules.yml');
  writeFileSync(
    rules,
    'groups: [{ name: g, interval: 30s, rules: [{ alert: Down, expr: probe == 0, labels: { severity: page }, annotations: { summary: "{{ $labels.instance }} is down" } }] }]\n',
  );
  await using server = await Bellwether.start(['--rules', rules], QUIET);
  for (let from = 0; from < ALERTS; from += 10_000) {
    const load = Array.from({ length: 10_000 }, (_, i) => ({ name: 'probe', labels: labelsOf(from + i), next: () => 0 }));
    const body = await compress(Buffer.from(new WriteRequests(load).encode(Date.now(), new Float64Array(load.length))));
    const answer = await server.fetch('/api/v1/write', body, { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' });
    if (!answer.ok) throw new Error(`samples were refused: ${await answer.text()}`);
  }
  const many = await weigh(server);
  rmSync(folder, { recursive: true });
  return many;
}

export async function manyOfRival(): Promise<Many> {
  await using server = await startAlertmanager('route: { receiver: none }\nreceivers: [{ name: none }]\n');
  await pushAlerts(postTo(server.url), pushed());
  const startedMs = performance.now();
  await (await fetch(`${server.url}/api/v2/alerts`)).text();
  const pageMs = performance.now() - startedMs;
  return { bytes: residentBytes(server.program.pid), peak: peakBytes(server.program.pid), pageMs };
}

const KILLS = 5;
const silence = (): object => ({
  matchers: [{ name: 'alertname', value: 'Held', isRegex: false, isEqual: true }],
  startsAt: new Date().toISOString(),
  endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  createdBy: 'bench',
  comment: 'held',
});

interface Killable {
  readonly post: (route: string, body: unknown) => Promise<Response>;
  readonly get: (route: string) => Promise<Response>;
  readonly restart: () => Promise<void>;
}

/** Of five rounds of a silence and an alert that were answered 200, how many a kill right after took away. */
async function lost({ post, get, restart }: Killable): Promise<number> {
  let missing = 0;
  for (let i = 0; i < KILLS; i++) {
    const { silenceID } = (await (await post('/api/v2/silences', silence())).json()) as { silenceID: string };
    await (await post('/api/v2/alerts', [{ labels: { alertname: `Round${i}` } }])).text();
    await restart();
    const silences = await (await get('/api/v2/silences')).text();
    const alerts = await (await get('/api/v2/alerts')).text();
    missing += (silences.includes(silenceID) ? 0 : 1) + (alerts.includes(`Round${i}`) ? 0 : 1);
  }
  return missing;
}

export async function lostByKills(hasRival: boolean): Promise<readonly [number, number | undefined]> {
  await using ours = await Bellwether.start([], QUIET);
  const own = await lost({
    post: (route, body) => ours.fetch(route, body),
    get: (route) => ours.fetch(route),
    restart: async () => {
      await ours.kill();
      await ours.start();
    },
  });
  if (!hasRival) return [own, undefined];
  await using rival = await startAlertmanager('route: { receiver: none }\nreceivers: [{ name: none }]\n');
  const headers = { 'content-type': 'application/json' };
  const other = await lost({
    post: (route, body) => fetch(rival.url + route, { method: 'POST', headers, body: JSON.stringify(body) }),
    get: (route) => fetch(rival.url + route),
    restart: async () => {
      await rival.program.kill();
      await rival.program.start();
    },
  });
  return [own, other];
}
