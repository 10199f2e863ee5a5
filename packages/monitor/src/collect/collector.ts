import type { Labels } from '../model/labels.ts';
import type { MetricMeta } from '../model/metric.ts';

/** Where samples go; the engine's store writer fits. */
export interface SampleSink {
  add(name: string, value: number, sample: { readonly atMs: number; readonly labels?: Labels; readonly meta?: MetricMeta }): void;
}

/** What a collector says. Names are those of the catalogue; values that are not finite are left out. */
export interface Readings {
  gauge(name: string, value: number | undefined, labels?: Labels): void;
  /** A total that only grows; whoever reads it takes the rate. */
  counter(name: string, total: number | undefined, labels?: Labels): void;
}

/**
 * One kind of readings. Never starts a process. Throws when it cannot read what it could before: the runner reports, counts and tries
 * again later. What this system does not have at all is left out in silence.
 */
export interface Collector extends Disposable {
  readonly name: string;
  /** @param nowMs Wall time of the round. Rates need the round before, so the first one has none. */
  collect(into: Readings, nowMs: number): void | Promise<void>;
}

/** Change of a total a second; `undefined` at first, and after a total fell. */
export class Rate {
  #total: number | undefined;
  #atMs = 0;

  /** @param atMs Monotonic. */
  next(total: number, atMs: number): number | undefined {
    const before = this.#total;
    const elapsedMs = atMs - this.#atMs;
    this.#total = total;
    this.#atMs = atMs;
    return before === undefined || total < before || elapsedMs <= 0 ? undefined : ((total - before) * 1000) / elapsedMs;
  }
}

/** `part` of `whole` as a percentage from 0 to 100 with one decimal; `undefined` without a whole. */
export function percentOf(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.round(Math.min(1000, Math.max(0, (1000 * part) / whole))) / 10 : undefined;
}
