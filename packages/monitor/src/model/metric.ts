import type { Labels } from './labels.ts';

/** `counter` only grows between restarts; `gauge` goes both ways; a histogram is stored as its `_bucket`, `_sum` and `_count` counters. */
export type MetricKind = 'gauge' | 'counter' | 'histogram' | 'unknown';

/** What is known of a metric whatever its labels. `unit` is `percent`, `ms`, `bytes`, `seconds`, `count`, `ratio` or free text. */
export interface MetricMeta {
  readonly kind: MetricKind;
  readonly unit: string;
  readonly help: string;
}

/** A series as its source names it, before the store has given it a number. */
export interface SeriesDescriptor {
  readonly name: string;
  readonly labels: Labels;
  readonly meta?: MetricMeta;
}

/** Samples of one series from outside (OTLP, remote write, scrapes), oldest first. */
export interface IncomingSeries extends SeriesDescriptor {
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}
