import { constants, PerformanceObserver } from 'node:perf_hooks';
import { metaOf } from '../../instruments/catalogue.ts';
import type { Registry } from '../../instruments/registry.ts';

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak_callbacks',
};

/** Counts garbage collections and their pauses by kind, until disposed of. */
export class GcObserver implements Disposable {
  readonly #registry: Registry;
  readonly #observer: PerformanceObserver;
  #longestMs = 0;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#take(entry.duration, (entry as { detail?: { kind?: number } }).detail?.kind ?? 0);
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  #take(durationMs: number, kind: number): void {
    const labels = { kind: GC_KINDS[kind] ?? 'other' };
    this.#registry.counter('nodejs_gc_pause_seconds_total', metaOf('nodejs_gc_pause_seconds_total')).add(durationMs / 1000, labels);
    this.#registry.counter('nodejs_gc_runs_total', metaOf('nodejs_gc_runs_total')).add(1, labels);
    this.#longestMs = Math.max(this.#longestMs, durationMs);
  }

  /** Longest since the last call, ms. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  [Symbol.dispose](): void {
    this.#observer.disconnect();
  }
}
