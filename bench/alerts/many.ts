/** 100,000 active alerts in a served process, pushed or of a PromQL rule: its memory, a page of its list; and what a kill leaves of what was accepted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compress } from 'snappy';
import { startAlertmanager } from '../../tests/servers/servers.ts';
import { WriteRequests } from '../store/write-requests.ts';
import { Bellwether, peakBytes, postTo, processorMs, pushAlerts, quantile, residentBytes, until } from './subjects.ts';

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
  /** Longest that a probe beside it waited while the groups of all alerts were asked for. */
  readonly groupsBlockMs: number;
  readonly groupsMs: number;
  /** From a kill to the first list that has them all. */
  readonly restartMs: number;
  readonly restartedBytes: number;
}

/** What a rule with as many alerts costs each time it is evaluated. */
export interface Evaluations {
  readonly processorMs: number;
  readonly blockMs: number;
}

const EVALUATION_PERIOD_MS = 15_000;
const EVALUATIONS = 4;

async function firing(server: Bellwether): Promise<void> {
  const count = async (): Promise<number> => {
    const answer = await server.fetch('/api/v1/alerting/alerts?limit=1').catch(() => undefined);
    return answer?.ok === true ? ((await answer.json()) as { data: { total: number } }).data.total : 0;
  };
  if ((await until(async () => ((await count()) >= ALERTS ? true : undefined), 120_000)) === undefined)
    throw new Error(`${await count()} alerts fire`);
}

/** The longest that a small request waited while `work` went on. */
async function longestWaitMs(server: Bellwether, work: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  let longest = 0;
  const probe = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const startedMs = performance.now();
      await (await server.fetch('/livez')).text();
      longest = Math.max(longest, performance.now() - startedMs);
      await sleep(5);
    }
  };
  const probing = probe();
  await work.finally(() => over.abort());
  await probing;
  return longest;
}

async function weigh(server: Bellwether): Promise<Many> {
  await firing(server);
  const pages: number[] = [];
  for (let i = 0; i < 200; i++) {
    const startedMs = performance.now();
    await (await server.fetch(`/api/v1/alerting/alerts?limit=100&offset=${i * 100}`)).text();
    pages.push(performance.now() - startedMs);
    await sleep(20);
  }
  await sleep(10_000);
  const weight = { bytes: residentBytes(server.pid), peak: peakBytes(server.pid), pageMs: quantile(pages, 0.99) };
  const groupsFromMs = performance.now();
  let groupsMs = 0;
  const groups = server.fetch('/api/v2/alerts/groups').then(async (answer) => {
    await answer.arrayBuffer();
    groupsMs = performance.now() - groupsFromMs;
  });
  const groupsBlockMs = await longestWaitMs(server, groups);
  await server.kill();
  const restartFromMs = performance.now();
  await server.start();
  await firing(server);
  const restartMs = performance.now() - restartFromMs;
  await sleep(10_000);
  return { ...weight, groupsMs, groupsBlockMs, restartMs, restartedBytes: residentBytes(server.pid) };
}

export async function manyPushed(): Promise<Many> {
  await using server = await Bellwether.start([], QUIET);
  await pushAlerts((body) => server.fetch('/api/v2/alerts', body), pushed());
  return await weigh(server);
}

async function writeProbes(server: Bellwether): Promise<void> {
  for (let from = 0; from < ALERTS; from += 10_000) {
    const load = Array.from({ length: 10_000 }, (_, i) => ({ name: 'probe', labels: labelsOf(from + i), next: () => 0 }));
    const body = await compress(Buffer.from(new WriteRequests(load).encode(Date.now(), new Float64Array(load.length))));
    const answer = await server.fetch('/api/v1/write', body, { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' });
    if (!answer.ok) throw new Error(`samples were refused: ${await answer.text()}`);
  }
}

export async function manyOfRule(): Promise<Many & Evaluations> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-many-'));
  const rules = path.join(folder, 'rules.yml');
  writeFileSync(
    rules,
    'groups: [{ name: g, interval: 15s, rules: [{ alert: Down, expr: probe == 0, labels: { severity: page }, annotations: { summary: "{{ $labels.instance }} is down" } }] }]\n',
  );
  await using server = await Bellwether.start(['--rules', rules], QUIET);
  await writeProbes(server);
  await firing(server);
  const usedMs = processorMs(server.pid);
  const blockMs = await longestWaitMs(server, sleep(EVALUATIONS * EVALUATION_PERIOD_MS));
  const evaluations = { processorMs: (processorMs(server.pid) - usedMs) / EVALUATIONS, blockMs };
  await writeProbes(server);
  const many = await weigh(server);
  rmSync(folder, { recursive: true });
  return { ...many, ...evaluations };
}

export async function manyOfRival(): Promise<Pick<Many, 'bytes' | 'peak' | 'pageMs' | 'groupsMs'>> {
  await using server = await startAlertmanager('route: { receiver: none }\nreceivers: [{ name: none }]\n');
  await pushAlerts(postTo(server.url), pushed());
  const startedMs = performance.now();
  await (await fetch(`${server.url}/api/v2/alerts`)).text();
  const pageMs = performance.now() - startedMs;
  const weight = { bytes: residentBytes(server.program.pid), peak: peakBytes(server.program.pid) };
  const groupsFromMs = performance.now();
  await (await fetch(`${server.url}/api/v2/alerts/groups`)).text();
  return { ...weight, pageMs, groupsMs: performance.now() - groupsFromMs };
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
