import type { MetricSummary, MetricsSummary } from '../model/summary.ts';
import { windowStats } from '../query/window-stats.ts';
import type { SampleStore } from '../store/sample-store.ts';

const WINDOW_MS = 3_600_000;

/** Parts of a histogram: of use to queries, noise in a summary. */
const HISTOGRAM_PART = /_(bucket|sum|count)$/;

/** Every metric of one instance (`''`: the own process) over the trailing hour. */
export function summarise(store: SampleStore, instance: string, nowMs: number): MetricsSummary {
  const selector = [
    { label: '__name__', op: '=~', value: '.+' },
    { label: 'instance', op: '=', value: instance },
  ] as const;
  const metadata = store.metadata();
  const summary: Record<string, MetricSummary> = {};
  for (const [name, stats] of windowStats(store, selector, nowMs - WINDOW_MS, nowMs)) {
    if (HISTOGRAM_PART.test(name) && metadata.get(name)?.kind === 'histogram') continue;
    summary[name] = { ...stats, unit: metadata.get(name)?.unit ?? '' };
  }
  return summary;
}
