/**
 * A child of `main.ts`: records a load that it reads from a file, without the generator's memory or time, then queries it. Arguments: the
 * shape as JSON, the load's series as a file of JSON, its values as a file of doubles, instant by instant. Prints rows as JSON.
 */
import { openSync, readFileSync, readSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { silentLogger, systemClock } from '@bellwether/monitor/engine';
import { createQueryEngine } from '../../packages/monitor/src/query/create-query-engine.ts';
import { openEmbeddedStore } from '../../packages/monitor/src/store/embedded-store.ts';
import type { LoadShape } from './generate.ts';
import { peakRssMb } from './process-readings.ts';
import { median, QUERIES, ROUNDS, STEP_MS } from './queries.ts';
import { rowOf, type Report, type Row } from './rows.ts';

// As `bellwether` itself.
setFlagsFromString('--semi-space-growth-factor=1');

const [shapeText, seriesPath, valuesPath, storePath] = process.argv.slice(2) as [string, string, string, string];
const shape = JSON.parse(shapeText) as LoadShape;
const rows: Row[] = [];
const report: Report = (...measured) => void rows.push(rowOf('bellwether in process', measured));

const series = JSON.parse(readFileSync(seriesPath, 'utf8')) as { name: string; labels: Record<string, string> }[];
const store = openEmbeddedStore({ path: storePath, clock: systemClock, log: silentLogger });
const refs = Uint32Array.from(series, (one) => store.ref(one) as number);
const timesMs = new Float64Array(series.length);
const values = new Float64Array(series.length);
const file = openSync(valuesPath, 'r');
let usedMs = 0;
for (let step = 0; step < shape.steps; step++) {
  const atMs = shape.startMs + step * shape.stepMs;
  readSync(file, values);
  timesMs.fill(atMs);
  const before = process.cpuUsage();
  store.append({ length: series.length, refs, timesMs, values });
  await store.flush();
  if (step % 6 === 5) store.maintain(atMs);
  const used = process.cpuUsage(before);
  usedMs += (used.user + used.system) / 1000;
}
const before = process.cpuUsage();
store.maintain(Date.now());
const used = process.cpuUsage(before);
usedMs += (used.user + used.system) / 1000;
const samples = series.length * shape.steps;
report('record and store in process, CPU per million samples', usedMs / 1000 / (samples / 1e6), 's', 0.35);
report('bytes per sample on disk', store.stats().bytesOnDisk / samples, 'B', 1.3);
report('peak RSS while recording', peakRssMb(process.pid), 'MB', 180);

const query = createQueryEngine({ store, clock: systemClock });
const endMs = shape.startMs + (shape.steps - 1) * shape.stepMs;
for (const { title, expression, kind, markMs } of QUERIES) {
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    const result =
      kind === 'instant'
        ? await query.instant(expression, endMs)
        : await query.range(expression, { fromMs: shape.startMs, toMs: endMs, stepMs: STEP_MS });
    if (expression === 'cpu_percent') JSON.stringify(result);
    times.push(performance.now() - startedMs);
  }
  const cpu = process.cpuUsage(cpuBefore);
  report(title, median(times), 'ms', markMs);
  report(`${title}, CPU`, (cpu.user + cpu.system) / 1000 / ROUNDS, 'ms', markMs);
}
report('peak RSS', peakRssMb(process.pid), 'MB', 180);
await store[Symbol.asyncDispose]();
console.log(JSON.stringify(rows));
