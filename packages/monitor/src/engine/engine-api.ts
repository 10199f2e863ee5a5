import type { Advisor } from '../advise/advisor.ts';
import type { PushedAlert } from '../alerts/pushed/pushed-alerts.ts';
import type { Alerting } from '../alerts/alerting.ts';
import type { Clock } from '../base/clock.ts';
import type { Delivery } from '../deliver/channel.ts';
import type { Heartbeats } from '../deliver/heartbeat/heartbeats.ts';
import type { HealthReport } from '../diagnose/health-score.ts';
import type { IncomingSeries } from '../model/metric.ts';
import type { AppendResult, Exemplar, SampleBatch } from '../model/sample-batch.ts';
import type { CacheEntryPage } from '../model/cache-port.ts';
import type { CacheStatistics, MetricsSummary } from '../model/summary.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { SampleStore, Selector } from '../store/sample-store.ts';
import type { TraceRing } from '../store/trace-ring.ts';
import type { StateStore } from '../store/state-store.ts';
import type { FirstAlerts } from './first-alerts.ts';
import type { Notifying } from './notifying.ts';

/** The process's caches, wherever they live: in this thread, or on the main thread behind the message port. */
export interface CacheControl {
  /** Statistics of all caches together, or of one. `atMs`: how old the answer is. */
  stats(name?: string): Promise<CacheStatistics & { readonly atMs: number }>;
  names(): Promise<readonly string[]>;
  entryPage(page: {
    readonly cache?: string;
    readonly tag?: string;
    readonly offset: number;
    readonly limit: number;
  }): Promise<CacheEntryPage>;
  clear(): Promise<void>;
  deleteByTags(tags: readonly string[]): Promise<number>;
  cleanup(): Promise<number>;
}

/** What the live view shows: the newest value of each own series and what changed. Serialised once per frame for all viewers. */
export interface LiveFrame extends FirstAlerts {
  readonly atMs: number;
  readonly summary: MetricsSummary;
  readonly health: HealthReport;
  readonly recommendations: ReturnType<Advisor['active']>;
  readonly cache: CacheStatistics;
}

/** An instance the engine knows: itself (`instance: ''`) and everyone who pushed lately. */
export interface InstanceInfo {
  readonly instance: string;
  readonly job: string;
  readonly lastSampleAtMs: number;
}

/** Everything a program needs of a running engine; the HTTP API is written against this and nothing else. */
export interface Engine extends AsyncDisposable {
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtMs: number;
  readonly store: SampleStore;
  readonly state: StateStore;
  readonly query: QueryEngine;
  readonly alerting: Alerting;
  readonly delivery: Delivery;
  /** How alerts find their receivers at the moment, and what of it is changed over the API. */
  readonly notifying: Pick<Notifying, 'config' | 'routing' | 'ladderOf' | 'isOfApi' | 'saved' | 'create' | 'replace' | 'remove'>;
  readonly heartbeats: Pick<Heartbeats, 'received' | 'expected'>;
  readonly advisor: Advisor;
  readonly caches: CacheControl;
  /** Slow, failed and some ordinary traces of the last minutes, in memory. */
  readonly traces: TraceRing;

  /** Whether collection runs, and how often, in ms. */
  readonly collection: { readonly running: boolean; readonly intervalMs: number };
  startCollection(intervalMs?: number): Promise<void>;
  stopCollection(): Promise<void>;

  /** Takes samples from outside; resolves when they are on disk. @throws BellwetherError `store_full` | `store_unavailable` */
  ingest(series: readonly IncomingSeries[]): Promise<AppendResult>;
  /** As `ingest`, of samples whose series the store has numbered. The batch is not kept. */
  append(batch: SampleBatch): Promise<AppendResult>;
  /** Takes alerts that others judged; resolves when they are on disk. @throws BellwetherError `series_limit` | `state_unavailable` */
  pushAlerts(alerts: readonly PushedAlert[]): Promise<void>;
  /** Over the trailing hour. @param instance whose metrics; the own process when absent. */
  summary(instance?: string): Promise<MetricsSummary>;
  /** Exemplars of series that match any selector, oldest first. @throws BellwetherError `query_invalid` for a bad regex */
  exemplars(selectors: readonly Selector[], fromMs: number, toMs: number): readonly Exemplar[];
  health(): HealthReport;
  instances(): Promise<readonly InstanceInfo[]>;
  /** Frames arrive after each collection, and at least every 2 s while anyone listens. Returns a function that ends it. */
  watch(listener: (frame: LiveFrame) => void): () => void;
  /** Problems worth telling an operator; empty when ready to serve. */
  readiness(): readonly string[];
}
