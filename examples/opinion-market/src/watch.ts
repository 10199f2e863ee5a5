import { createPerformanceMonitor } from '@bellwether/monitor';
import type { NewOrder } from './market/order-book.ts';
import type { Settings } from './settings.ts';

/** The market's side of its monitor: what it reports of itself, and where the monitor is seen. */
export interface Watching extends AsyncDisposable {
  /** Address of the embedded API and page. */
  readonly url: string | undefined;
  readonly onOrder: (order: NewOrder) => void;
}

/** Starts monitoring. HTTP in and out, SQLite, the runtime and the cache are measured by themselves. */
export async function watch(settings: Settings): Promise<Watching> {
  const monitor = createPerformanceMonitor({ dataDir: settings.dataDir, service: 'opinion-market' });
  await monitor.startMonitoring({
    interval: settings.intervalSeconds,
    ...(settings.monitorPort === 0 ? {} : { api: { port: settings.monitorPort } }),
    ...(settings.push === undefined ? {} : { push: settings.push }),
  });
  return {
    url: monitor.apiUrl,
    onOrder: ({ quantity }) => monitor.recordCustomMetric('shares_ordered', quantity, 'count'),
    [Symbol.asyncDispose]: () => monitor.stopMonitoring(),
  };
}
