/** A process that does nothing, bare or with the whole agent; at each message it tells what it has used since the last one. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const SERIES = 1000;
const [mode = 'bare', dataDir = ':memory:'] = process.argv.slice(2);

export interface Usage {
  readonly cpuMs: number;
  readonly atMs: number;
  readonly residentBytes: number;
  /** Delay of the main thread's loop since the last message. */
  readonly delayP99Ms: number;
}

let apiUrl: string | undefined;
if (mode !== 'bare') {
  // The bare process must not even load it.
  const { createPerformanceMonitor } = await import('@bellwether/monitor');
  const token = 'a-token-for-the-benchmark';
  const monitor = createPerformanceMonitor({ dataDir, onNotice: (message) => console.error(message) });
  await monitor.startMonitoring({ interval: 1, ...(mode === 'served' ? { api: { port: 0, token } } : {}) });
  ({ apiUrl } = monitor);
  const gauges = Array.from({ length: SERIES }, (_, i) =>
    monitor.registry.gauge('queue_depth').with({ queue: `q${i}`, shard: `s${i % 10}` }),
  );
  let second = 0;
  const record = (): void => {
    second++;
    for (const [i, gauge] of gauges.entries()) gauge.set(Math.round(100 * Math.sin(i + second / 10)) / 10);
  };
  setInterval(record, 1000);
  record();
} else setInterval(() => {}, 1000);

const delay = monitorEventLoopDelay({ resolution: 1 });
process.on('message', (order: 'usage' | 'delay' | 'no delay') => {
  if (order === 'delay') delay.enable();
  if (order === 'no delay') delay.disable();
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    cpuMs: (user + system) / 1000,
    atMs: performance.now(),
    residentBytes: process.memoryUsage.rss(),
    delayP99Ms: delay.percentile(99) / 1e6,
  };
  delay.reset();
  process.send?.(usage);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ apiUrl });
