/** One reading of the host and the process beside systeminformation and prom-client's defaults, CPU time of this process and its children. */
import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Registry as PromRegistry } from 'prom-client';
import si from 'systeminformation';
import { silentLogger } from '../../packages/monitor/src/base/logger.ts';
import { systemClock } from '../../packages/monitor/src/base/system-clock.ts';
import { createHostCollectors } from '../../packages/monitor/src/collect/host-collectors.ts';
import { createRuntimeObservers } from '../../packages/monitor/src/collect/runtime/runtime.ts';
import { createRegistry } from '../../packages/monitor/src/instruments/registry.ts';
import { Report } from '../instruments/measure.ts';

/** CPU time of this process and of children it has waited for, in ms; children only on Linux. */
function cpuMs(): number {
  const own = process.cpuUsage();
  const fields = process.platform === 'linux' ? readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') : undefined;
  return (own.user + own.system) / 1000 + (Number(fields?.[13] ?? 0) + Number(fields?.[14] ?? 0)) * 10;
}

async function msEach(rounds: number, read: () => Promise<unknown>): Promise<number> {
  await read();
  const before = cpuMs();
  for (let round = 0; round < rounds; round++) await read();
  return (cpuMs() - before) / rounds;
}

const report = new Report('collect');
using collectors = createHostCollectors({ clock: systemClock, log: silentLogger });
let samples = 0;
const ours = await msEach(300, () => {
  samples = 0;
  return collectors.collect({ add: () => void samples++ }, systemClock.nowMs());
});
/** Percent of a core that collecting once a second takes, event-loop delay included, in a process that does nothing else. */
async function percentOfCore(seconds: number): Promise<number> {
  const registry = createRegistry({ clock: systemClock });
  using observers = createRuntimeObservers({ registry, clock: systemClock });
  const sink = { add: () => {} };
  const startedMs = performance.now();
  const before = cpuMs();
  for (let second = 0; second < seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    observers.sample(systemClock.nowMs());
    await collectors.collect(sink, systemClock.nowMs());
  }
  return (100 * (cpuMs() - before)) / (performance.now() - startedMs);
}
// Before prom-client is there, whose own histogram of the loop's delay would be counted.
const withDelayPercent = await percentOfCore(20);
const register = new PromRegistry();
collectDefaultMetrics({ register });
const systeminformationMs = await msEach(10, () =>
  Promise.all([si.currentLoad(), si.mem(), si.fsSize(), si.networkStats('*'), si.disksIO(), si.processLoad('node')]),
);
report.add(`all readings (${samples} samples)`, 'ms', ours, {
  systeminformation: systeminformationMs,
  'prom-client defaults': await msEach(100, () => register.getMetricsAsJSON()),
});

report.add('collection at 1 s with the delay of the event loop', '% of a core', withDelayPercent, {
  'systeminformation, without it': systeminformationMs / 10,
});
report.end();
process.exit(0);
