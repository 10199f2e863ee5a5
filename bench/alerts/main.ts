/**
 * Alerts under load: 100,000 of them at once (memory of the process, a page of the list, an evaluation), and how long a breach takes to the outbox
 * while 5,000 samples a second come in. Beside it Alertmanager 0.25, if it is installed: the same 100,000 alerts posted to its API, its memory and its list.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '../../packages/monitor/src/base/logger.ts';
import { randomIds } from '../../packages/monitor/src/base/ids.ts';
import { systemClock } from '../../packages/monitor/src/base/system-clock.ts';
import { createAlerting } from '../../packages/monitor/src/alerts/create-alerting.ts';
import { createEngine } from '../../packages/monitor/src/engine/create-engine.ts';
import { NO_DELIVERY } from '../../packages/monitor/src/deliver/delivery-config.ts';
import { createLocalCaches } from '../../packages/monitor/src/engine/local-caches.ts';
import type { QueryEngine, VectorSample } from '../../packages/monitor/src/query/query-engine.ts';
import { parseRules } from '../../packages/monitor/src/rules/groups/parse-rules.ts';
import { openSqliteStateStore } from '../../packages/monitor/src/store/state-store-sqlite.ts';
import { alertListView } from '../../packages/server/src/http/alert-view.ts';
import { hasAlertmanager, startAlertmanager } from '../../tests/servers/servers.ts';
import { Report } from '../instruments/measure.ts';

const ALERTS = 100_000;
const PAGE = { limit: 100, offset: 0 };
const report = new Report('alerts');

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

const labelsOf = (i: number): Record<string, string> => ({ instance: `host-${i}`, job: `job-${i % 20}`, cluster: 'main' });

/** Resident memory of a process, in bytes. */
function residentBytes(pid: number | 'self'): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kib ?? Number.NaN) * 1024;
}

async function manyAlerts(): Promise<{ readonly bytes: number; readonly pageMs: number; readonly evaluationMs: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-alerts-'));
  const state = await openSqliteStateStore({ path: path.join(folder, 'state.db'), clock: systemClock });
  const samples: VectorSample[] = Array.from({ length: ALERTS }, (_, i) => ({ labels: labelsOf(i), atMs: 0, value: 0 }));
  const query = {
    instant: async () => ({ value: { type: 'vector', samples }, warnings: [], infos: [] }),
    metadata: async () => new Map(),
  } as unknown as QueryEngine;
  const yaml = `groups: [{ name: g, interval: 1s, rules: [{ alert: Down, expr: up == 0, labels: { severity: page }, annotations: { summary: "{{ $labels.instance }} is down" } }] }]`;
  const alerting = await createAlerting({
    state,
    query,
    clock: systemClock,
    ids: randomIds,
    thresholds: {},
    intervalMs: 60_000,
    plan: () => [],
    ruleGroups: parseRules(yaml, { file: 'bench.yml', defaultIntervalMs: 1000 }),
  });
  const nowMs = systemClock.nowMs();
  await alerting.evaluateAllRules(nowMs, []);
  const evaluations: number[] = [];
  const pages: number[] = [];
  for (let round = 1; round <= 8; round++) {
    const before = process.cpuUsage();
    await alerting.evaluateAllRules(nowMs + round * 60_000, []);
    const used = process.cpuUsage(before);
    evaluations.push((used.user + used.system) / 1000);
    const startedMs = performance.now();
    JSON.stringify(alertListView(alerting.active(), PAGE));
    pages.push(performance.now() - startedMs);
  }
  if (alerting.active().length !== ALERTS) throw new Error(`${alerting.active().length} alerts fire`);
  globalThis.gc?.();
  const bytes = residentBytes('self');
  await alerting[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  return { bytes, pageMs: quantile(pages, 0.99), evaluationMs: quantile(evaluations, 0.5) };
}

async function alertmanagerOfThem(): Promise<{ readonly bytes: number; readonly listMs: number } | undefined> {
  if (!hasAlertmanager) return undefined;
  await using server = await startAlertmanager('route: { receiver: none }\nreceivers: [{ name: none }]\n');
  for (let from = 0; from < ALERTS; from += 5000) {
    const body = Array.from({ length: 5000 }, (_, i) => ({
      labels: { alertname: 'Down', severity: 'page', ...labelsOf(from + i) },
      annotations: { summary: `host-${from + i} is down` },
    }));
    await fetch(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
  const startedMs = performance.now();
  await (await fetch(`${server.url}/api/v2/alerts`)).text();
  const listMs = performance.now() - startedMs;
  return { bytes: residentBytes(server.program.pid), listMs };
}

/** Milliseconds from handing in a sample that breaches to its row in the outbox, under 5,000 other samples a second. */
async function breachToOutbox(): Promise<readonly number[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-breach-'));
  const engine = await createEngine({
    clock: systemClock,
    log: silentLogger,
    dataDir: folder,
    intervalMs: 30_000,
    thresholds: { queue_depth: 100 },
    delivery: { ...NO_DELIVERY, channels: [{ kind: 'dashboard', name: 'page' }] },
    caches: createLocalCaches(systemClock),
    collectHost: false,
  });
  const push = (name: string, labels: Record<string, string>, value: number): Promise<unknown> =>
    engine.ingest([{ name, labels, timesMs: [systemClock.nowMs()], values: [value] }]);
  const over = new AbortController();
  const noise = (async () => {
    for (let tick = 0; !over.signal.aborted; tick++) {
      const timesMs = [systemClock.nowMs()];
      void engine.ingest(
        Array.from({ length: 500 }, (_, i) => ({
          name: 'noise',
          labels: { i: String(i + 500 * (tick % 10)) },
          timesMs,
          values: [Math.random()],
        })),
      );
      await sleep(100);
    }
  })();
  await sleep(2000);
  const waits: number[] = [];
  for (let i = 0; i < 40; i++) {
    const labels = { instance: `host-${i}`, job: `job-${i}` };
    await push('queue_depth', labels, 1);
    await sleep(200 + Math.random() * 400);
    const startedMs = performance.now();
    void push('queue_depth', labels, 500);
    for (;;) {
      const row = await engine.state.db.selectFrom('outbox').select('id').where('payload_json', 'like', `%"host-${i}"%`).executeTakeFirst();
      if (row !== undefined) break;
      await sleep(2);
    }
    waits.push(performance.now() - startedMs);
  }
  over.abort();
  await noise;
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  return waits;
}

const waits = await breachToOutbox();
report.add('breach to outbox, 5,000 samples/s, p50', 'ms', quantile(waits, 0.5), { 'the mark': 500 });
report.add('breach to outbox, 5,000 samples/s, p99', 'ms', quantile(waits, 0.99), { 'the mark': 1500 });
const rival = await alertmanagerOfThem();
const ours = await manyAlerts();
const beside = (mark: number, value: number | undefined): Record<string, number> => ({
  'the mark': mark,
  ...(value === undefined ? {} : { 'Alertmanager 0.25, whole list': value }),
});
report.add('100,000 active alerts, resident', 'MB', ours.bytes / 1e6, beside(300, rival === undefined ? undefined : rival.bytes / 1e6));
report.add('a page of 100 of them, p99', 'ms', ours.pageMs, beside(100, rival?.listMs));
report.add('one evaluation of all of them, CPU', 'ms', ours.evaluationMs, { 'a minute': 60_000 });
report.end();
process.exit(0);
