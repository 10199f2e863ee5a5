import type { Labels } from '../../model/labels.ts';
import { seriesKey } from '../../model/labels.ts';
import type { QueryEngine, VectorSample } from '../../query/query-engine.ts';

/** The newest value of one series of a watched metric. */
export interface Reading {
  readonly key: string;
  readonly metric: string;
  readonly labels: Labels;
  readonly value: number;
  readonly unit: string;
}

/** A series that has been silent for this long has no value to judge. */
const FRESH_MS = 60_000;
/** Timers are judged by their mean over this long, so that one slow call is not an incident. */
const TIMER_WINDOW_MS = 15_000;

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)}s`;

async function vector(query: QueryEngine, expression: string, nowMs: number): Promise<readonly VectorSample[]> {
  const { value } = await query.instant(expression, nowMs);
  return value.type === 'vector' ? value.samples : [];
}

function withoutName({ __name__: _name, ...labels }: Labels): Labels {
  return labels;
}

/**
 * Reads the newest value of every series of the metrics, the fleet's as well as the own. A timer (a metric with `_sum` and `_count`) gives the mean
 * of its calls in the last seconds while there are any, and its last value otherwise.
 */
export async function takeReadings(
  query: QueryEngine,
  metrics: readonly string[],
  at: { readonly nowMs: number; readonly intervalMs: number },
): Promise<Reading[]> {
  const fresh = seconds(Math.max(FRESH_MS, 3 * at.intervalMs));
  const timerWindow = seconds(Math.max(TIMER_WINDOW_MS, 4 * at.intervalMs));
  const metadata = await query.metadata();
  const readings: Reading[] = [];
  for (const metric of metrics) {
    const latest = await vector(query, `last_over_time(${metric}[${fresh}])`, at.nowMs);
    if (latest.length === 0) continue;
    const means = new Map<string, number>();
    if (metadata.get(metric)?.kind === 'histogram') {
      const mean = `increase(${metric}_sum[${timerWindow}]) / (increase(${metric}_count[${timerWindow}]) > 0)`;
      for (const sample of await vector(query, mean, at.nowMs)) means.set(seriesKey(metric, withoutName(sample.labels)), sample.value);
    }
    for (const sample of latest) {
      const labels = withoutName(sample.labels);
      const key = seriesKey(metric, labels);
      const value = means.get(key) ?? sample.value;
      if (Number.isFinite(value)) readings.push({ key, metric, labels, value, unit: metadata.get(metric)?.unit ?? '' });
    }
  }
  return readings;
}
