/**
 * `npm run bench store-cardinality [-- --series 100000 --json]`: memory and time that very many series cost, with churn: in each of five
 * rounds a tenth of them is replaced by new ones, then every live series takes three samples. At the end the limit is met: a new series is refused
 * while known ones go on.
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@bellwether/monitor/engine';
import { openEmbeddedStore } from '../../packages/monitor/src/store/embedded-store.ts';
import { temporaryFolder } from '../../tests/servers/server-program.ts';

const { values: args } = parseArgs({
  options: { series: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } },
});
const live = Number(args.series);
const ROUNDS = 5;
const SAMPLES = 3;
const churned = live / 10;
const total = live + ROUNDS * churned;

using folder = temporaryFolder('bench-cardinality');
const store = openEmbeddedStore({
  path: join(folder.path, 'samples.db'),
  clock: systemClock,
  log: silentLogger,
  limits: { maxSeries: total },
});
const readings: (readonly [metric: string, value: number, unit: string])[] = [];
const rssMb = (): number => process.memoryUsage.rss() / 2 ** 20;
const refOf = (i: number): number | undefined =>
  store.ref({
    name: `metric_${i % 100}`,
    labels: { instance: `host-${Math.floor(i / 1000)}:9100`, job: `job-${i % 20}`, pod: `pod-${i}`, zone: `zone-${i % 3}` },
  });

globalThis.gc?.();
const emptyMb = rssMb();
const refs = new Uint32Array(live);
let before = process.cpuUsage();
for (let i = 0; i < live; i++) refs[i] = refOf(i) as number;
await store.flush();
let used = process.cpuUsage(before);
readings.push(['a new series, CPU', (used.user + used.system) / live, 'µs']);
const timesMs = new Float64Array(live);
const values = new Float64Array(live);
let atMs = Date.now() - 3_600_000;
let next = live;
before = process.cpuUsage();
for (let round = 0; round < ROUNDS; round++) {
  for (let k = 0; k < churned; k++) refs[(round * churned + k) % live] = refOf(next++) as number;
  for (let s = 0; s < SAMPLES; s++, atMs += 10_000) {
    timesMs.fill(atMs);
    for (let i = 0; i < live; i++) values[i] = Math.round(1000 * Math.sin(i + s)) / 10;
    store.append({ length: live, refs, timesMs, values });
    await store.flush();
  }
  store.maintain(atMs);
}
used = process.cpuUsage(before);
readings.push([
  'samples with a tenth new each round, CPU per million',
  (used.user + used.system) / 1e6 / ((ROUNDS * SAMPLES * live) / 1e6),
  's',
]);
globalThis.gc?.();
readings.push(['series known at the end', store.stats().series, '']);
readings.push(['memory per series', ((rssMb() - emptyMb) * 2 ** 20) / total, 'B']);
readings.push(['RSS', rssMb(), 'MB']);
readings.push(['bytes on disk per series', store.stats().bytesOnDisk / total, 'B']);
const refused = refOf(next) === undefined ? 1 : 0;
const { appended } = store.append({ length: live, refs, timesMs: timesMs.fill(atMs), values });
readings.push(['at the limit: new series refused', refused, '']);
readings.push(['at the limit: samples of known series taken', (100 * appended) / live, '%']);
before = process.cpuUsage();
store.maintain(atMs);
used = process.cpuUsage(before);
readings.push(['one maintenance', (used.user + used.system) / 1000, 'ms']);
await store[Symbol.asyncDispose]();

if (args.json) {
  console.log(
    JSON.stringify(
      readings.map(([metric, value, unit]) => ({ bench: 'store-cardinality', subject: `bellwether, ${live} series`, metric, value, unit })),
    ),
  );
} else
  for (const [metric, value, unit] of readings)
    console.log(`${metric.padEnd(56)} ${(Math.round(value * 100) / 100).toString().padStart(12)} ${unit}`);
