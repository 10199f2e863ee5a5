/**
 * `npm run bench remote-write [-- --series 1000 --json]`: what sending every sample on costs the server that does it. The same samples are stored
 * without a queue, with one, and then sent to a real VictoriaMetrics and a real Prometheus (as far as installed).
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@bellwether/monitor/engine';
import { openEmbeddedStore } from '../../packages/monitor/src/store/embedded-store.ts';
import { RemoteTarget } from '../../packages/monitor/src/store/remote/remote-target.ts';
import { RemoteWrite } from '../../packages/monitor/src/store/remote/remote-write.ts';
import type { SampleStore } from '../../packages/monitor/src/store/sample-store.ts';
import { temporaryFolder } from '../../tests/servers/server-program.ts';
import { hasPrometheus, hasVictoriaMetrics, startPrometheus, startVictoriaMetrics } from '../../tests/servers/servers.ts';

const { values: args } = parseArgs({ options: { series: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } } });
const series = Number(args.series);
const ROUNDS = 500;
const millions = (series * ROUNDS) / 1e6;
const firstMs = Math.floor(Date.now() / 1000) * 1000 - ROUNDS * 1000;

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function fill(store: SampleStore): Promise<number> {
  const refs = Uint32Array.from({ length: series }, (_, i) =>
    Number(
      store.ref({ name: `metric_${i % 50}`, labels: { instance: `host-${Math.floor(i / 50)}:9100`, job: 'bench', zone: `z${i % 3}` } }),
    ),
  );
  const timesMs = new Float64Array(series);
  const values = new Float64Array(series);
  const before = cpuSeconds();
  for (let round = 0; round < ROUNDS; round++) {
    timesMs.fill(firstMs + round * 1000);
    for (let i = 0; i < series; i++) values[i] = Math.round(1000 * Math.sin(i + round / 10)) / 10;
    store.append({ length: series, refs, timesMs, values });
    if (round % 10 === 9) await store.flush();
  }
  return (cpuSeconds() - before) / millions;
}

const rows: (readonly [metric: string, value: number, unit: string])[] = [];
const open = (path: string, keepsOutgoing: boolean): SampleStore =>
  openEmbeddedStore({ path, clock: systemClock, log: silentLogger, keepsOutgoing });

{
  using folder = temporaryFolder('bench-remote-write');
  await using warm = open(join(folder.path, 'warm.db'), true);
  await fill(warm);
  await using plain = open(join(folder.path, 'plain.db'), false);
  rows.push(['stored, CPU per million samples', await fill(plain), 's']);
}
for (const [name, isHere, start] of [
  ['VictoriaMetrics', hasVictoriaMetrics, () => startVictoriaMetrics()],
  ['Prometheus', hasPrometheus, () => startPrometheus()],
] as const) {
  if (!isHere) continue;
  using folder = temporaryFolder('bench-remote-write');
  await using receiver = await start();
  await using store = open(join(folder.path, 'queued.db'), true);
  rows.push([`stored and queued (${name}), CPU per million`, await fill(store), 's']);
  using target = new RemoteTarget(receiver.url, systemClock);
  const before = cpuSeconds();
  const startedMs = systemClock.monotonicMs();
  await using sender = new RemoteWrite({ store, target, clock: systemClock, log: silentLogger });
  while (sender.status.sentSamples + sender.status.droppedSamples.refused < series * ROUNDS)
    await new Promise((resolve) => setTimeout(resolve, 20));
  rows.push([`sent to ${name}, CPU per million`, (cpuSeconds() - before) / millions, 's']);
  rows.push([`sent to ${name}, samples a second`, (series * ROUNDS * 1000) / (systemClock.monotonicMs() - startedMs), '']);
  rows.push([`refused by ${name}`, sender.status.droppedSamples.refused, '']);
}
if (args.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
else for (const [metric, value, unit] of rows) process.stdout.write(`${metric.padEnd(60)} ${value.toFixed(2).padStart(12)} ${unit}\n`);
process.exit(0);
