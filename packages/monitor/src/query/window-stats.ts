import type { SampleStore, Selector } from '../store/sample-store.ts';
import { isStaleAt } from './stale-marker.ts';

/** One metric over a window, all its series together; `current` is the newest sample of any. */
export interface WindowStats {
  readonly current: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  readonly atMs: number;
  readonly samples: number;
  readonly series: number;
}

/** Statistics by metric name over `[fromMs, toMs]`; metrics without a finite sample in it are left out. O(samples). */
export function windowStats(store: SampleStore, selector: Selector, fromMs: number, toMs: number): Map<string, WindowStats> {
  const running = new Map<
    string,
    { current: number; sum: number; min: number; max: number; atMs: number; samples: number; series: number }
  >();
  for (const { name, timesMs, values, length } of store.read(selector, fromMs, toMs)) {
    let stats = running.get(name);
    if (stats === undefined) {
      stats = { current: 0, sum: 0, min: Infinity, max: -Infinity, atMs: -Infinity, samples: 0, series: 0 };
      running.set(name, stats);
    }
    const before = stats.samples;
    for (let i = 0; i < length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value) || isStaleAt(values, i)) continue;
      stats.sum += value;
      stats.samples++;
      if (value < stats.min) stats.min = value;
      if (value > stats.max) stats.max = value;
      if ((timesMs[i] as number) < stats.atMs) continue;
      stats.atMs = timesMs[i] as number;
      stats.current = value;
    }
    if (stats.samples > before) stats.series++;
  }
  const result = new Map<string, WindowStats>();
  for (const [name, { sum, ...stats }] of running) if (stats.samples > 0) result.set(name, { ...stats, average: sum / stats.samples });
  return result;
}
