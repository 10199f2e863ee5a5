import type { SampleStore, Selector, SeriesSummary } from '../store/sample-store.ts';

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

/** Statistics by metric name over `[fromMs, toMs]`; metrics without a finite sample in it are left out. Chunk headers answer where they can. */
export function windowStats(store: SampleStore, selector: Selector, fromMs: number, toMs: number): Map<string, WindowStats> {
  const sums = new Map<string, number>();
  const result = new Map<string, WindowStats>();
  for (const one of seriesSummaries(store, selector, { fromMs, toMs })) {
    if (one.samples === 0) continue;
    const known = result.get(one.name);
    const sum = (sums.get(one.name) ?? 0) + one.sum;
    const samples = (known?.samples ?? 0) + one.samples;
    const isNewest = known === undefined || one.lastAtMs >= known.atMs;
    sums.set(one.name, sum);
    result.set(one.name, {
      current: isNewest ? one.last : known.current,
      average: sum / samples,
      min: Math.min(known?.min ?? Infinity, one.min),
      max: Math.max(known?.max ?? -Infinity, one.max),
      atMs: isNewest ? one.lastAtMs : known.atMs,
      samples,
      series: (known?.series ?? 0) + 1,
    });
  }
  return result;
}

/** Statistics of each series over a window, from chunk headers where the store can. */
export function seriesSummaries(
  store: SampleStore,
  selector: Selector,
  window: { readonly fromMs: number; readonly toMs: number },
): Iterable<SeriesSummary> {
  return store.summarize?.(selector, window.fromMs, window.toMs) ?? summaries(store, selector, window);
}

/** The same from samples, for stores that cannot summarize. */
function* summaries(
  store: SampleStore,
  selector: Selector,
  window: { readonly fromMs: number; readonly toMs: number },
): Generator<SeriesSummary> {
  for (const { name, labels, timesMs, values, length } of store.read(selector, window.fromMs, window.toMs)) {
    const summary = { name, labels, samples: 0, notFinite: 0, sum: 0, min: Infinity, max: -Infinity, last: 0, lastAtMs: 0 };
    for (let i = 0; i < length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) continue;
      summary.samples++;
      summary.sum += value;
      summary.min = Math.min(summary.min, value);
      summary.max = Math.max(summary.max, value);
      summary.last = value;
      summary.lastAtMs = timesMs[i] as number;
    }
    if (summary.samples > 0) yield summary;
  }
}
