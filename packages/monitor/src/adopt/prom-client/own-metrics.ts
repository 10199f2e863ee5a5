import { isDefaultMetric } from './default-metrics.ts';
import type { PromRegistry } from './feed.ts';
import type { MetricObject } from './metric-object.ts';
import { liveRegistries } from './registry.ts';

/** The metrics of every registry of the shim, each once, as one registry to take over. */
export const ownMetrics: PromRegistry = {
  async getMetricsAsJSON(): Promise<readonly MetricObject[]> {
    const byName = new Map<string, MetricObject>();
    const seen = new Set<string>();
    for (const registry of liveRegistries()) {
      const metrics = await registry.getMetricsAsJSON((metric) => {
        const isNew = !seen.has(metric.name) && !isDefaultMetric(metric);
        seen.add(metric.name);
        return isNew;
      });
      for (const metric of metrics) byName.set(metric.name, metric);
    }
    return [...byName.values()];
  },
};
