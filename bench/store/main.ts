/**
 * `npm run bench store [-- --quick --only in-process --json]`: the same load recorded, stored and queried by this store and by its rivals, in
 * one run. 5,000 series every 10 s for 6 h; `--quick` a tenth of the series. `--only` takes `in-process`, `bellwether`, `prometheus` or
 * `victoria`. Rivals are the ones on the path, or newer ones named by BELLWETHER_PROMETHEUS and BELLWETHER_VICTORIA_METRICS. CPU is that of
 * the process measured alone; the generator and the sender are in this one.
 */
import { execFile } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { temporaryFolder } from '../../tests/servers/server-program.ts';
import { makeLoad, type LoadShape } from './generate.ts';
import { rowOf, table, type Row } from './rows.ts';
import { measureLoss, measureServed } from './served.ts';
import { subjects } from './subjects.ts';

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const SPAN_MS = 6 * 3_600_000;
const STEP_MS = 10_000;
const shape: LoadShape = {
  series: args.quick ? 500 : 5000,
  stepMs: STEP_MS,
  steps: SPAN_MS / STEP_MS,
  startMs: Math.floor(Date.now() / STEP_MS) * STEP_MS - SPAN_MS,
};

async function recordInProcess(): Promise<Row[]> {
  using folder = temporaryFolder('bench-store');
  const load = makeLoad(shape);
  const seriesPath = join(folder.path, 'series.json');
  const valuesPath = join(folder.path, 'values.f64');
  writeFileSync(seriesPath, JSON.stringify(load.map(({ name, labels }) => ({ name, labels }))));
  const file = openSync(valuesPath, 'w');
  const values = new Float64Array(load.length);
  for (let step = 0; step < shape.steps; step++) {
    for (let i = 0; i < load.length; i++) values[i] = (load[i] as (typeof load)[number]).next();
    writeSync(file, values);
  }
  closeSync(file);
  const script = fileURLToPath(new URL('in-process.ts', import.meta.url));
  const childArgs = ['--disable-warning=ExperimentalWarning', script, JSON.stringify(shape), seriesPath, valuesPath];
  const { stdout } = await promisify(execFile)(process.execPath, [...childArgs, join(folder.path, 'samples.db')]);
  return JSON.parse(stdout) as Row[];
}

const rows: Row[] = [];
if ('in-process'.startsWith(args.only)) rows.push(...(await recordInProcess()));
for (const start of subjects()) {
  const isWanted = (name: string): boolean => name.startsWith(args.only);
  for (const measure of [measureServed, measureLoss]) {
    await using subject = await start();
    if (!isWanted(subject.name)) break;
    await measure(subject, shape, (...measured) => rows.push(rowOf(subject.name, measured)));
  }
}
console.log(args.json ? JSON.stringify(rows) : table(rows));
