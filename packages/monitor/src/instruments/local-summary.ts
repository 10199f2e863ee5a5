import type { MetricSummary } from '../model/summary.ts';
import type { GaugeColumns } from './columns.ts';
import type { Family } from './family.ts';

/** One metric's records since the last drain over all its series; `undefined` when there are none. */
export function summariseFamily(family: Family, columns: GaugeColumns, nowMs: number): MetricSummary | undefined {
  let samples = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  let current = NaN;
  let atMs = -Infinity;
  let series = 0;
  for (const slot of family.slots) {
    const count = columns.count[slot] as number;
    if (count === 0) continue;
    series++;
    samples += count;
    sum += columns.sum[slot] as number;
    min = Math.min(min, columns.min[slot] as number);
    max = Math.max(max, columns.max[slot] as number);
    const lastAtMs = columns.lastAtMs[slot] as number;
    const newestAtMs = Number.isNaN(lastAtMs) ? nowMs : lastAtMs;
    if (newestAtMs < atMs) continue;
    atMs = newestAtMs;
    current = columns.last[slot] as number;
  }
  return samples === 0 ? undefined : { current, average: sum / samples, min, max, unit: family.meta.unit, atMs, samples, series };
}
