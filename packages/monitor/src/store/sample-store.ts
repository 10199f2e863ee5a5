import type { Labels } from '../model/labels.ts';
import type { MetricMeta, SeriesDescriptor } from '../model/metric.ts';
import type { AppendResult, SampleBatch, SeriesRef } from '../model/sample-batch.ts';
import type { OutgoingSamples } from './remote/outgoing-samples.ts';

/** One condition on a label; `__name__` is the metric name. Regexes are anchored RE2, matched in linear time. */
export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}
/** Conditions that must all hold. At least one must not match the empty string. */
export type Selector = readonly Matcher[];

/** Samples of one series, oldest first; `length` of each array count. The arrays belong to the store and are reused: copy what you keep. */
export interface SeriesView {
  readonly ref: SeriesRef;
  readonly name: string;
  readonly labels: Labels;
  readonly length: number;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** How many samples each value stands for, where roll-ups have taken their place. Absent: one each. */
  readonly counts?: Float64Array;
  /** Values up to this instant may be an hour apart: those of roll-ups by the hour. */
  readonly hourlyToMs?: number;
}

/**
 * What stands for the samples of a bucket where only roll-ups are left. `last`, `sum`, `min` and `max` are those of the bucket. `newest` is
 * `last`, also of the bucket by the hour before the window, which stands until the next one. `counter` climbs by what a counter gained,
 * resets or not, and ends at `last`. Raw samples are themselves whatever is asked for.
 */
export type Figure = 'last' | 'newest' | 'sum' | 'min' | 'max' | 'counter';

/** Statistics of one series over a window, of its finite samples alone. Without any finite sample the numbers mean nothing. */
export interface SeriesSummary {
  readonly name: string;
  readonly labels: Labels;
  /** Finite ones. */
  readonly samples: number;
  /** Samples that are NaN, infinite or stale markers. */
  readonly notFinite: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly lastAtMs: number;
}

export interface StoreStats {
  readonly series: number;
  readonly samples: number;
  readonly bytesOnDisk: number;
  readonly oldestAtMs: number | undefined;
  readonly droppedSamples: Readonly<Record<string, number>>;
  /** Damage found and what was done about it, for `/readyz` and the log. Empty when all is well. */
  readonly problems: readonly string[];
}

/**
 * Keeps samples. Not for concurrent use from several threads. Implementations pass `sampleStoreContract` (sample-store.contract.ts).
 */
export interface SampleStore extends AsyncDisposable {
  /** Whether samples older than a series' newest one are kept. When `false`, `append` drops them and counts `out_of_order`. */
  readonly acceptsOutOfOrder: boolean;
  /** Rises when numbers that `ref` gave have become invalid, since their series have no samples any more. Absent: they never do. */
  readonly generation?: number;
  /**
   * The number of a series, new or known. O(labels).
   * @returns `undefined` when a limit (series, label count, name or value length) refuses a new series; known ones are never refused.
   */
  ref(series: SeriesDescriptor): SeriesRef | undefined;
  /** Takes samples into memory, readable at once, durable after the next commit (at most 1 s later). Never throws for bad samples: drops and counts. */
  append(batch: SampleBatch): AppendResult;
  /** Resolves when everything appended before the call is on disk. Concurrent calls share one commit. @throws BellwetherError `store_full` | `store_unavailable` */
  flush(): Promise<void>;
  /**
   * Samples of the matching series in `[fromMs, toMs]`, both ends included.
   * @param figure What stands for samples that are only kept rolled up. Ignored by stores without roll-ups. @default 'last'
   */
  read(selector: Selector, fromMs: number, toMs: number, figure?: Figure): Iterable<SeriesView>;
  /**
   * As `read`, for callers that want each series' last sample alone: a view holds that one as its last, and any number of older ones, also from
   * before `fromMs`. Stores without it are read instead.
   */
  newest?(selector: Selector, fromMs: number, toMs: number): Iterable<SeriesView>;
  /** Statistics of the matching series in `[fromMs, toMs]`, cheaper than reading them. Stores without it are read instead. */
  summarize?(selector: Selector, fromMs: number, toMs: number): Iterable<SeriesSummary>;
  /** Matching series that have samples in `[fromMs, toMs]`. */
  series(selector: Selector, fromMs: number, toMs: number): SeriesDescriptor[];
  /** Names of all metrics kept, whatever the age of their samples, without looking at any. Stores without it are asked by `series`. */
  names?(): readonly string[];
  /** Takes metadata that comes apart from series; as many names as there may be series. */
  declare?(name: string, meta: MetricMeta): void;
  /** Samples that wait to be sent to another engine; only where the store was opened to keep them. */
  readonly outgoing?: OutgoingSamples;
  /** The series of a number. */
  describe?(ref: SeriesRef): SeriesDescriptor | undefined;
  /** Metadata by metric name, as last declared. */
  metadata(): ReadonlyMap<string, MetricMeta>;
  /** Drops what retention no longer keeps, seals and compacts. Called by the engine on its own schedule; bounded work a call. */
  maintain(nowMs: number): void;
  stats(): StoreStats;
}
