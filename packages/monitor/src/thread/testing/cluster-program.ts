/** A cluster whose workers each run a monitor on one data directory, and whose primary runs none; the primary tells what its workers told. */
import cluster from 'node:cluster';
import { createPerformanceMonitor } from '../../performance-monitor.ts';

const WORKERS = 2;

if (cluster.isPrimary) {
  const told: unknown[] = [];
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  cluster.on('message', (_worker, message: unknown) => {
    // A worker also asks whether its primary runs a monitor.
    if (typeof message !== 'object' || message === null || !('notices' in message)) return;
    told.push(message);
    if (told.length < WORKERS) return;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.disconnect();
    process.send?.(told, () => process.disconnect());
  });
} else {
  const notices: string[] = [];
  const monitor = createPerformanceMonitor({ dataDir: process.argv[2] ?? '', onNotice: (message) => void notices.push(message) });
  await monitor.startMonitoring({ interval: 30 });
  monitor.recordCustomMetric('jobs', 7, 'count');
  process.send?.({ notices, metrics: Object.keys(monitor.getMetricsSummary()) });
}
