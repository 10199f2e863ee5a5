/** Loaded into a watched program after the monitor: tells the test where the monitor's API listens, which no port chosen beforehand could promise. */
import { isMainThread } from 'node:worker_threads';
import { performanceMonitor } from '@bellwether/monitor';

if (isMainThread && process.send !== undefined) {
  const asking = setInterval(() => {
    if (performanceMonitor.apiUrl === undefined) return;
    clearInterval(asking);
    process.send?.({ api: performanceMonitor.apiUrl });
  }, 20).unref();
}
