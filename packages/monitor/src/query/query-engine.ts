import type { Labels } from '../model/labels.ts';
import type { MetricMeta } from '../model/metric.ts';
import type { Selector } from '../store/sample-store.ts';

/** A result's labels, `__name__` among them where PromQL keeps it. */
export interface VectorSample {
  readonly labels: Labels;
  readonly atMs: number;
  readonly value: number;
}
export interface MatrixSeries {
  readonly labels: Labels;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}
export type QueryValue =
  | { readonly type: 'vector'; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly MatrixSeries[] }
  | { readonly type: 'scalar'; readonly atMs: number; readonly value: number }
  | { readonly type: 'string'; readonly atMs: number; readonly value: string };

/** Warnings mean the result may be wrong, infos that it may surprise: PromQL's annotations. */
export interface QueryResult {
  readonly value: QueryValue;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Samples read from the store, where the engine knows. */
  readonly samplesRead?: number;
}

export interface QueryOptions {
  /** @default the engine's limit, 30,000 */
  readonly timeoutMs?: number;
  /** Aborting it ends the query with `query_canceled`. */
  readonly signal?: AbortSignal;
  /** How far back an instant selector looks for a sample. @default the engine's limit, 300,000 */
  readonly lookbackMs?: number;
}

/**
 * Answers PromQL, from the embedded store or from another Prometheus-compatible engine.
 * All methods reject with BellwetherError `query_invalid` or `query_failed` (details: `position`), `query_too_large`, `query_timeout` or
 * `query_canceled`.
 */
export interface QueryEngine {
  instant(expression: string, atMs: number, options?: QueryOptions): Promise<QueryResult>;
  /** @param range `stepMs` > 0, at most 11,000 steps. */
  range(
    expression: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
    options?: QueryOptions,
  ): Promise<QueryResult>;
  /** Label sets (with `__name__`) of series that match any selector and have samples in the window. */
  series(selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly Labels[]>;
  labelNames(selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly string[]>;
  labelValues(label: string, selectors: readonly Selector[], fromMs: number, toMs: number): Promise<readonly string[]>;
  metadata(): Promise<ReadonlyMap<string, MetricMeta>>;
  /** Parses a series selector such as `up{job="api"}`. @throws BellwetherError `query_invalid` */
  parseSelector(text: string): Selector;
  /** The expression as the engine prints it back. @throws BellwetherError `query_invalid` */
  format(expression: string): string;
}
