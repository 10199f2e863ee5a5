import type { ActiveAlert } from '../alerts/alerting.ts';
import type { Recommendation } from '../advise/advisor.ts';
import type { DeliveryConfig } from '../deliver/delivery-config.ts';
import type { HealthReport } from '../diagnose/health-score.ts';
import type { CacheEntryPage } from '../model/cache-port.ts';
import type { WireBatch } from '../model/sample-batch.ts';
import type { SpanBatch } from '../model/span.ts';
import type { CacheStatistics, MetricsSummary } from '../model/summary.ts';
import type { RuleFile } from '../rules/groups/rule-files.ts';
import type { Labels } from '../model/labels.ts';
import type { EmbeddedStoreOptions } from '../store/embedded-store-options.ts';
import type { Thresholds } from '../rules/thresholds.ts';

/** What the worker needs to build its engine; plain data, copied once at the start. */
export interface WorkerConfig {
  readonly intervalMs: number;
  readonly thresholds: Thresholds;
  readonly environment: string | undefined;
  readonly dataDir: string;
  readonly ruleFiles: readonly RuleFile[];
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly samples: Pick<EmbeddedStoreOptions, 'retention' | 'commit'>;
  readonly delivery: DeliveryConfig;
  readonly allowPrivateTargets: readonly string[];
  readonly api: ApiOptions | undefined;
  readonly push: PushOptions | undefined;
  /** How many batches the worker has taken; it counts, the main thread reads. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** Where the embedded API and page listen. @see PerformanceMonitorOptions.api */
export interface ApiOptions {
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes any free port. @default 8000 */
  readonly port?: number;
  /** Administrator token, at least 24 characters. @default BELLWETHER_TOKEN, else one is made and kept in the data directory */
  readonly token?: string;
}

/** A Bellwether server (or any OTLP/HTTP receiver) that gets every own sample. */
export interface PushOptions {
  /** Base URL; `/v1/metrics` is added. */
  readonly url: string;
  readonly token?: string;
  /** Resource attribute `service.name`. */
  readonly service: string;
  /** Resource attribute `service.instance.id`. */
  readonly instance: string;
}

/** State of the process's caches as the main thread last saw them. */
export interface CacheSnapshot {
  readonly atMs: number;
  readonly byName: Readonly<Record<string, CacheStatistics>>;
}

/** What only the main thread can do. Each answer comes back under the request's id. */
export type HostRequest =
  | { readonly op: 'cacheEntryPage'; readonly cache?: string; readonly tag?: string; readonly offset: number; readonly limit: number }
  | { readonly op: 'cacheClear' }
  | { readonly op: 'cacheDeleteByTags'; readonly tags: readonly string[] }
  | { readonly op: 'cacheCleanup' };
export type HostAnswer = CacheEntryPage | number | undefined;

export type ToWorker =
  | { readonly type: 'batch'; readonly batch: WireBatch }
  | { readonly type: 'spans'; readonly batch: SpanBatch }
  | { readonly type: 'caches'; readonly snapshot: CacheSnapshot }
  | { readonly type: 'thresholds'; readonly thresholds: Thresholds }
  | { readonly type: 'answer'; readonly id: number; readonly value: HostAnswer }
  | { readonly type: 'refusal'; readonly id: number; readonly message: string }
  | { readonly type: 'flush'; readonly done: Int32Array<SharedArrayBuffer> }
  | { readonly type: 'stop' };

/** What the synchronous getters of the main thread answer from. */
export interface EngineSnapshot {
  readonly atMs: number;
  readonly summary: MetricsSummary;
  readonly health: HealthReport;
  /** Most severe first, then newest, at most 1,000. */
  readonly alerts: readonly ActiveAlert[];
  readonly recommendations: readonly Recommendation[];
}

export type FromWorker =
  | { readonly type: 'ready'; readonly snapshot: EngineSnapshot; readonly apiUrl: string | undefined; readonly notices: readonly string[] }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined }
  | { readonly type: 'snapshot'; readonly snapshot: EngineSnapshot }
  | { readonly type: 'collection'; readonly running: boolean; readonly intervalMs: number }
  | { readonly type: 'request'; readonly id: number; readonly request: HostRequest }
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'stopped' };
