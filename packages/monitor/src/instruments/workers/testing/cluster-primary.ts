/** The primary of a cluster whose two workers record; tells its parent what arrived. */
import cluster from 'node:cluster';
import { systemClock } from '../../../base/system-clock.ts';
import { createRegistry } from '../../registry.ts';
import { acceptWorkers } from '../worker-relay.ts';

const registry = createRegistry({ clock: systemClock });
using _accepting = acceptWorkers(registry);
cluster.setupPrimary({
  exec: new URL('./recording-worker.ts', import.meta.url).pathname,
  execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
});
const workers = [cluster.fork(), cluster.fork()];
await Promise.all(workers.map((worker) => new Promise((resolve) => void worker.once('exit', resolve))));
const batch = registry.drain(systemClock.nowMs() + 1);
const total = (name: string): number => {
  const slot = (batch?.newSeries ?? []).findIndex((series) => series.name === name);
  return batch?.values[batch.slots.lastIndexOf(slot)] ?? 0;
};
process.send?.({ jobs: total('jobs_total'), observations: total('work_time_count') });
process.disconnect();
