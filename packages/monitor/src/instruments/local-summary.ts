import type { MetricSummary } from '../model/summary.ts';
import type { GaugeColumns } from './columns.ts';
import type { Family } from './family.ts';

/** Number and sum of what was recorded in a slot since the last drain. */
export type Totals = (slot: number) => { readonly count: number; readonly sum: number };

/** One metric's records since the last drain over all its series; `undefined` when there are none. */
export function summariseFamily(
  family: Family,
  columns: GaugeColumns,
  { nowMs, totals }: { readonly nowMs: number; readonly totals: Totals },
): MetricSummary | undefined {
  let samples = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  let current = NaN;
  let atMs = -Infinity;
  let series = 0;
  for (const slot of family.slots) {
    if (!columns.isTouched(slot)) continue;
    const total = totals(slot);
    series++;
    samples += total.count;
    sum += total.sum;
    const level = columns.read(slot);
    min = Math.min(min, level.min);
    max = Math.max(max, level.max);
    const newestAtMs = Number.isNaN(level.lastAtMs) ? nowMs : level.lastAtMs;
    if (newestAtMs < atMs) continue;
    atMs = newestAtMs;
    current = level.last;
  }
  return samples === 0 ? undefined : { current, average: sum / samples, min, max, unit: family.meta.unit, atMs, samples, series };
}
