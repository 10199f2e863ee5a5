import type { SampleStore } from '../../store/sample-store.ts';
import type { QueryEngine } from '../query-engine.ts';
import { loadSeries } from './load-series.ts';
import type { TestBench } from './run-test-script.ts';

export interface BenchParts {
  readonly store: SampleStore;
  readonly query: QueryEngine;
}

/** A bench over a sample store and the engine that queries it. `open` makes an empty pair; it is called again for each `clear`. */
export class StoreBench implements TestBench, AsyncDisposable {
  readonly #open: () => BenchParts;
  #parts: BenchParts;

  constructor(open: () => BenchParts) {
    this.#open = open;
    this.#parts = open();
  }

  async load(series: Parameters<TestBench['load']>[0], stepMs: number): Promise<void> {
    loadSeries(this.#parts.store, series, { startMs: 0, stepMs });
  }
  async clear(): Promise<void> {
    await this.#parts.store[Symbol.asyncDispose]();
    this.#parts = this.#open();
  }
  instant(expression: string, atMs: number): ReturnType<TestBench['instant']> {
    return this.#parts.query.instant(expression, atMs);
  }
  range(expression: string, times: Parameters<TestBench['range']>[1]): ReturnType<TestBench['range']> {
    return this.#parts.query.range(expression, times);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.store[Symbol.asyncDispose]();
  }
}
