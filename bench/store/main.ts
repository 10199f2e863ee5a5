/**
 * `npm run bench store [-- --scale 0.1 --json]`: record, store and query the load of `generate.ts` in this process. The marks are those of
 * the baselines page; CPU is this process's own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silentLogger, systemClock } from '@bellwether/monitor/engine';
import { createQueryEngine } from '../../packages/monitor/src/query/create-query-engine.ts';
import { openEmbeddedStore } from '../../packages/monitor/src/store/embedded-store.ts';
import { makeLoad, type LoadShape } from './generate.ts';

interface Row {
  readonly bench: string;
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly mark: number;
}

const { values: args } = parseArgs({ options: { scale: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } } });
const scale = Number(args.scale);
const STEP_MS = 10_000;
const shape: LoadShape = { series: Math.round(5000 * scale), stepMs: STEP_MS, steps: 2160, startMs: Date.now() - 2160 * STEP_MS };
const rows: Row[] = [];
const row = (metric: string, value: number, unit: string, mark: number): void =>
  void rows.push({ bench: 'store', subject: 'bellwether', metric, value: Math.round(value * 1000) / 1000, unit, mark });

const dir = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));
const store = openEmbeddedStore({ path: join(dir, 'samples.db'), clock: systemClock, log: silentLogger });
const load = makeLoad(shape);
const refs = Uint32Array.from(load, (series) => store.ref(series) as number);
const timesMs = new Float64Array(load.length);
const values = new Float64Array(load.length);
let storeMs = 0;
for (let step = 0; step < shape.steps; step++) {
  timesMs.fill(shape.startMs + step * STEP_MS);
  for (let i = 0; i < load.length; i++) values[i] = (load[i] as (typeof load)[number]).next();
  const before = process.cpuUsage();
  store.append({ length: load.length, refs, timesMs, values });
  await store.flush();
  if (step % 6 === 5) store.maintain(shape.startMs + step * STEP_MS);
  const used = process.cpuUsage(before);
  storeMs += (used.user + used.system) / 1000;
}
store.maintain(Date.now());
const samples = load.length * shape.steps;
row('store CPU per million samples', storeMs / 1000 / (samples / 1e6), 's', 0.35);
row('bytes per sample on disk', store.stats().bytesOnDisk / samples, 'B', 1.3);
row('peak RSS', process.resourceUsage().maxRSS / 1024, 'MB', 180);

const query = createQueryEngine({ store, clock: systemClock });
const endMs = shape.startMs + (shape.steps - 1) * STEP_MS;
const range = { fromMs: shape.startMs, toMs: endMs, stepMs: 60_000 };
const QUERIES: readonly (readonly [string, number, () => Promise<unknown>])[] = [
  ['avg_over_time[6h], 1,000 series', 50, () => query.instant('avg_over_time(cpu_percent[6h])', endMs)],
  ['sum by (service)(rate[5m]) over 6 h, 1,000 series', 100, () => query.range('sum by (service) (rate(requests_total[5m]))', range)],
  [
    'histogram_quantile over 2,000 buckets',
    150,
    () => query.range('histogram_quantile(0.99, sum by (le, service) (rate(duration_bucket[5m])))', range),
  ],
  ['quantile_over_time[10m] over 6 h, 1,000 series', 800, () => query.range('quantile_over_time(0.95, latency_ms[10m])', range)],
  ['raw samples of one series, 6 h', 1, () => query.instant('cpu_percent{instance="host-7"}[6h]', endMs)],
  ['a range of 1,000 series as JSON', 300, async () => JSON.stringify(await query.range('cpu_percent', range)).length],
];
for (const [name, mark, run] of QUERIES) {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  row(name, times.toSorted((a, b) => a - b)[1] as number, 'ms', mark);
}
await store[Symbol.asyncDispose]();
rmSync(dir, { recursive: true, force: true });

if (args.json) console.log(JSON.stringify(rows));
else
  for (const { metric, value, unit, mark } of rows)
    console.log(`${metric.padEnd(52)} ${String(value).padStart(9)} ${unit.padEnd(3)} mark ${mark}`);
