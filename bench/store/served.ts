import { setTimeout as sleep } from 'node:timers/promises';
import { compressSync } from 'snappy';
import { makeLoad, METRIC_NAMES, type LoadShape } from './generate.ts';
import { cpuSeconds, folderBytes, peakRssMb } from './process-readings.ts';
import { median, QUERIES, ROUNDS, STEP_MS, type BenchQuery } from './queries.ts';
import type { Report } from './rows.ts';
import type { Subject } from './subjects.ts';
import { WriteRequests } from './write-requests.ts';

/** Each engine tidies up on its own schedule; Prometheus looks once a minute. */
const SETTLE_MS = 75_000;
const LOSS_MS = 5000;
const LOSS_SERIES = 200;
const LOSS_PERIOD_MS = 100;

async function push(subject: Subject, body: Buffer): Promise<void> {
  const headers = {
    ...subject.headers,
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  const reply = await fetch(`${subject.url}/api/v1/write`, { method: 'POST', body: new Uint8Array(body), headers });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${subject.name} answered ${reply.status}: ${text}`);
}

async function ask(subject: Subject, path: string): Promise<string> {
  const reply = await fetch(`${subject.url}${path}`, { headers: subject.headers });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${subject.name} answered ${reply.status} to ${path}: ${text.slice(0, 500)}`);
  return text;
}

/** VictoriaMetrics shows what it took only after this; the others know no such route and answer 404. */
async function makeVisible(subject: Subject): Promise<void> {
  if (subject.name.startsWith('victoria')) await ask(subject, '/internal/force_flush');
}

function pathOf({ expression, kind }: BenchQuery, shape: LoadShape): string {
  const startS = shape.startMs / 1000;
  const endS = startS + ((shape.steps - 1) * shape.stepMs) / 1000;
  const query = encodeURIComponent(expression);
  return kind === 'instant'
    ? `/api/v1/query?query=${query}&time=${endS}`
    : `/api/v1/query_range?query=${query}&start=${startS}&end=${endS}&step=${STEP_MS / 1000}`;
}

async function countSamples(subject: Subject, where: { readonly range: string; readonly atMs: number }): Promise<number> {
  let total = 0;
  for (const name of METRIC_NAMES) {
    const query = encodeURIComponent(`sum(count_over_time(${name}[${where.range}]))`);
    const answer = JSON.parse(await ask(subject, `/api/v1/query?query=${query}&time=${where.atMs / 1000}`)) as {
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
    };
    total += Number(answer.data.result[0]?.value[1] ?? 0);
  }
  return total;
}

/** The load by remote write, the queries over HTTP, and what memory and disk it took. */
export async function measureServed(subject: Subject, shape: LoadShape, report: Report): Promise<void> {
  const load = makeLoad(shape);
  const requests = new WriteRequests(load);
  const values = new Float64Array(load.length);
  const samples = load.length * shape.steps;
  const beforeS = cpuSeconds(subject.program.pid);
  for (let step = 0; step < shape.steps; step++) {
    for (let i = 0; i < load.length; i++) values[i] = (load[i] as (typeof load)[number]).next();
    await push(subject, compressSync(requests.encode(shape.startMs + step * shape.stepMs, values)));
  }
  await makeVisible(subject);
  report('remote-write ingest, CPU per million samples', (cpuSeconds(subject.program.pid) - beforeS) / (samples / 1e6), 's', 1);
  report('peak RSS of ingest', peakRssMb(subject.program.pid), 'MB', 180);
  for (const query of QUERIES) {
    const times: number[] = [];
    const cpuBeforeS = cpuSeconds(subject.program.pid);
    for (let round = 0; round < ROUNDS; round++) {
      const before = performance.now();
      await ask(subject, pathOf(query, shape));
      times.push(performance.now() - before);
    }
    const cpuMs = (1000 * (cpuSeconds(subject.program.pid) - cpuBeforeS)) / ROUNDS;
    report(query.title, median(times), 'ms', query.markMs);
    report(`${query.title}, CPU`, cpuMs, 'ms', query.markMs);
  }
  const kept = await countSamples(subject, { range: '7h', atMs: shape.startMs + (shape.steps - 1) * shape.stepMs });
  if (kept !== samples) console.error(`${subject.name} holds ${kept} of ${samples} samples`);
  report('peak RSS', peakRssMb(subject.program.pid), 'MB', 180);
  await sleep(SETTLE_MS);
  await subject.program.kill('SIGTERM');
  report('bytes per sample on disk', folderBytes(subject.folder) / samples, 'B', 1.3);
}

/** Samples that were acknowledged and are gone after kill -9, of those sent in the last seconds. */
export async function measureLoss(subject: Subject, _shape: LoadShape, report: Report): Promise<void> {
  const load = makeLoad({ series: LOSS_SERIES }, 2);
  const requests = new WriteRequests(load);
  const values = new Float64Array(load.length);
  const startMs = Date.now();
  let acknowledged = 0;
  while (Date.now() < startMs + LOSS_MS) {
    for (let i = 0; i < load.length; i++) values[i] = (load[i] as (typeof load)[number]).next();
    await push(subject, compressSync(requests.encode(Date.now(), values)));
    acknowledged += load.length;
    await sleep(LOSS_PERIOD_MS);
  }
  await subject.program.kill('SIGKILL');
  await subject.program.start();
  await makeVisible(subject);
  const kept = await countSamples(subject, { range: '1m', atMs: Date.now() + 1000 });
  report('acknowledged samples lost on kill -9', (100 * (acknowledged - kept)) / acknowledged, '%', 0);
}
