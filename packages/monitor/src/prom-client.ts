/**
 * `@bellwether/monitor/prom-client`: prom-client's API (15.1.3) on this monitor, so that code moves by changing one import. Everything recorded here is
 * exposed as prom-client exposes it, and its metrics are series of the process's monitor too.
 */
import * as api from './adopt/prom-client/index.ts';
import { adoptPromClient } from './adopt/prom-client/feed.ts';
import { ownMetrics } from './adopt/prom-client/own-metrics.ts';
import { performanceMonitor } from './index.ts';

export * from './adopt/prom-client/index.ts';
// prom-client is CommonJS: `import client from 'prom-client'` is how much code has it.
export default api;

if (performanceMonitor.enabled) adoptPromClient(performanceMonitor.registry, ownMetrics);
