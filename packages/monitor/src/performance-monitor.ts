import os from 'node:os';
import type { Clock, Timer } from './base/clock.ts';
import { BellwetherError } from './base/errors.ts';
import { systemClock } from './base/system-clock.ts';
import { createRuntimeObservers, type RuntimeObservers } from './collect/runtime/runtime.ts';
import type { MonitorConfig } from './config.ts';
import { parseEnvironment, type EnvironmentConfig } from './config-environment.ts';
import type { ChannelConfig } from './deliver/channels/channel-config.ts';
import { NO_DELIVERY } from './deliver/delivery-config.ts';
import { healthScore, type HealthReport } from './diagnose/health-score.ts';
import {
  alertReading,
  metricReadings,
  recommendationReading,
  type AlertReading,
  type MetricReading,
  type RecommendationReading,
} from './engine/contract-view.ts';
import { localCaches, sumStatistics } from './engine/local-caches.ts';
import { metaOf } from './instruments/catalogue.ts';
import { createMeasure, type Measure } from './instruments/measure.ts';
import { createRegistry, type Registry } from './instruments/registry.ts';
import { installObservers } from './observe/install-observers.ts';
import { exemplarLabels } from './observe/spans/exemplar-labels.ts';
import { tracedMeasure } from './observe/spans/traced-measure.ts';
import { Tracer, type SpanOptions } from './observe/spans/tracer.ts';
import { acceptWorkers, relayToMain } from './instruments/workers/worker-relay.ts';
import type { Labels } from './model/labels.ts';
import type { CacheStatistics, MetricSummary } from './model/summary.ts';
import { severityBreakdown } from './model/severity.ts';
import { parseThresholds, type Thresholds } from './rules/thresholds.ts';
import { EngineThread } from './thread/engine-thread.ts';
import { watchExit, type Ending } from './thread/watch-exit.ts';
import type { ApiOptions, EngineSnapshot, PushOptions, WorkerConfig } from './thread/protocol.ts';

/** Every option wins over its environment variable. */
export interface PerformanceMonitorOptions {
  /** `false`: every method is a no-op. @default PERFORMANCE_MONITORING_ENABLED, else true */
  readonly enabled?: boolean;
  /** Folder for samples and state, or `:memory:`. @default BELLWETHER_DATA_DIR, else './.bellwether' */
  readonly dataDir?: string;
  /** @default the contract's, overlaid with PERFORMANCE_ALERT_THRESHOLDS */
  readonly thresholds?: Thresholds;
  /** Where alerts go. @default those of the file BELLWETHER_CONFIG names */
  readonly channels?: readonly ChannelConfig[];
  /** Name of the service, for pushed samples. @default the process title */
  readonly service?: string;
  /** Name of this instance, for pushed samples. @default host name and process id */
  readonly instance?: string;
  /** Measure incoming and outgoing HTTP by themselves. @default true */
  readonly instrumentHttp?: boolean;
  /** Measure databases, connection pools and queues by themselves. @default true */
  readonly instrumentDatabases?: boolean;
  /** Which requests leave spans; `false`: none, and no request is told whose trace it is. @default ratio BELLWETHER_TRACE_RATIO, else 0.01 */
  readonly spans?: SpanOptions | false;
  /** Told of trouble the monitor has; the default writes one process warning each. */
  readonly onNotice?: (message: string) => void;
  readonly clock?: Clock;
}

export interface StartOptions {
  /** Seconds between collections, ≥ 1, fractions allowed. @default PERFORMANCE_MONITORING_INTERVAL, else 30 */
  readonly interval?: number;
  /** Serve the REST API and the page from the worker thread; needs `@bellwether/server`. @default not served */
  readonly api?: ApiOptions;
  /** Send every sample to a Bellwether server, too. */
  readonly push?: Pick<PushOptions, 'url' | 'token'>;
}

/** The summary: one reading a metric, and the cache's statistics and the health score under their own names. */
export type MetricsReadings = Readonly<Record<string, MetricReading>> & { readonly cache: CacheStatistics; readonly health_score: number };

/** What the worker is told of the configuration; what is not given has the engine's defaults. */
type FullConfig = EnvironmentConfig &
  Pick<MonitorConfig, 'delivery' | 'ruleFiles' | 'externalLabels' | 'externalUrl'> & { readonly samples: WorkerConfig['samples'] };

const LONGEST_FLUSH_MS = 1000;

/**
 * Watches the process it lives in. Recording is cheap and never throws; collection, storage, alerts and the API run on a worker thread.
 * Getters answer at once from the worker's last snapshot (at most a second old) and what was recorded since.
 */
export class PerformanceMonitor {
  readonly #options: PerformanceMonitorOptions;
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #measure: Measure;
  #tracer: Tracer | undefined;
  #tracedMeasure: Measure;
  #config: EnvironmentConfig | MonitorConfig | undefined;
  #thresholds: Thresholds | undefined;
  #starting: Promise<void> | undefined;
  #thread: EngineThread | undefined;
  #resources = new DisposableStack();
  #flushTimer: Timer | undefined;
  #snapshot: EngineSnapshot | undefined;
  #isCollecting = false;
  #droppedBatches = 0;

  constructor(options: PerformanceMonitorOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#registry = createRegistry({ clock: this.#clock, onLint: (message) => this.#notice(message) });
    this.#measure = createMeasure(this.#registry, { clock: this.#clock });
    this.#tracedMeasure = this.#measure;
    if (options.thresholds !== undefined) this.#thresholds = parseThresholds(options.thresholds);
  }

  /** Whether it does anything at all. */
  get enabled(): boolean {
    return this.#options.enabled ?? process.env['PERFORMANCE_MONITORING_ENABLED']?.trim().toLowerCase() !== 'false';
  }
  /** Address of the embedded API while it is served. */
  get apiUrl(): string | undefined {
    return this.#thread?.apiUrl;
  }

  /** Those of a configuration file are known from the start on. Replaced as a whole; takes effect at the next evaluation. Setting throws BellwetherError `threshold_invalid` and changes nothing. */
  get thresholds(): Thresholds {
    return this.#thresholds ?? this.#configuration().thresholds;
  }
  set thresholds(thresholds: Thresholds) {
    this.#thresholds = parseThresholds(thresholds);
    this.#thread?.sendThresholds(this.#thresholds);
  }

  /**
   * Starts the worker and resolves after the first collection. Starting twice is the same as once. In a worker thread or a cluster worker whose
   * main thread or primary runs a monitor, nothing of this is needed: what is recorded here is handed to that one, every second.
   * @throws BellwetherError `config_invalid` | `worker_failed` | `server_package_missing`; RangeError for an interval under 1 s.
   */
  async startMonitoring(options: StartOptions = {}): Promise<void> {
    if (!this.enabled) return;
    this.#starting ??= this.#start(options).catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    await this.#starting;
  }

  /** Sends what is unsent, waits until it is on disk, ends the worker. Stopping twice is the same as once. */
  async stopMonitoring(): Promise<void> {
    await this.#starting?.catch(() => {});
    const thread = this.#thread;
    this.#starting = undefined;
    this.#thread = undefined;
    if (thread !== undefined) this.#flush(thread);
    this.#flushTimer?.cancel();
    this.#resources.dispose();
    this.#resources = new DisposableStack();
    await thread?.stop();
  }

  /**
   * Records one value of a metric. Bad input (NaN, an illegal name) is dropped and counted in `bellwether_dropped_records_total`.
   * @param unit `percent`, `ms`, `bytes`, `count` or free text.
   */
  recordCustomMetric(name: string, value: number, unit = '', labels?: Labels): void {
    if (this.enabled) this.#registry.recordCustom(name, value, unit, labels);
  }

  /** Times one call, or a scope: `await using _ = measureExecutionTime('name')`. The metric is `execution_time_<name>` in ms. */
  get measureExecutionTime(): Measure {
    return this.enabled ? this.#tracedMeasure : passThrough;
  }

  /** The registry behind it, for instruments bound once: counters, gauges, histograms, timers. */
  get registry(): Registry {
    return this.#registry;
  }

  getMetricsSummary(): MetricsReadings {
    const merged: Record<string, MetricSummary> = { ...this.#snapshot?.summary };
    for (const [name, recent] of this.enabled ? this.#registry.localSummary() : []) merged[name] = mergeSummaries(merged[name], recent);
    const cache = sumStatistics([...localCaches().values()].map((one) => one.stats()));
    return { ...metricReadings(merged), cache, health_score: this.getHealth().score } as unknown as MetricsReadings;
  }

  /** Most severe first, then newest; of a storm the first 1,000. */
  getActiveAlerts(): AlertReading[] {
    return (this.#snapshot?.alerts ?? []).map(alertReading);
  }

  /** Highest priority first. */
  getRecommendations(): RecommendationReading[] {
    return (this.#snapshot?.recommendations ?? []).map(recommendationReading);
  }

  getHealth(): HealthReport {
    return this.#snapshot?.health ?? healthScore(severityBreakdown([]), () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopMonitoring();
  }

  #notice(message: string): void {
    if (this.#options.onNotice === undefined) process.emitWarning(message, { type: 'BellwetherWarning' });
    else this.#options.onNotice(message);
  }

  #configuration(): EnvironmentConfig {
    this.#config ??= parseEnvironment(process.env);
    return this.#config;
  }

  /** With the files that variables name; their readers take 12 MB and are loaded only where there is something for them to read. */
  async #fullConfiguration(): Promise<FullConfig> {
    const settings = this.#configuration();
    if (!settings.hasMore) return { ...settings, delivery: NO_DELIVERY, ruleFiles: [], externalLabels: {}, externalUrl: '', samples: {} };
    const { parseConfig } = await import('./config.ts');
    const config = parseConfig(process.env);
    this.#config = config;
    return config;
  }

  async #start(options: StartOptions): Promise<void> {
    const config = this.#configuration();
    const intervalMs = options.interval === undefined ? config.intervalMs : options.interval * 1000;
    if (!(intervalMs >= 1000 && intervalMs <= 86_400_000))
      throw new RangeError(`interval must be from 1 to 86400 seconds, got ${options.interval}`);
    const resources = this.#resources;
    const observers = resources.use(createRuntimeObservers({ registry: this.#registry, clock: this.#clock }));
    this.#observe(config, resources);
    const relay = await relayToMain(this.#registry, this.#clock);
    if (relay !== undefined) {
      resources.use(this.#registry.onDrain((nowMs) => observers.sample(nowMs)));
      resources.use(relay);
      resources.use(this.#keepLastWords(() => relay[Symbol.dispose]()));
      return;
    }
    resources.use(acceptWorkers(this.#registry));
    try {
      this.#thread = await this.#startThread(options, { config: await this.#fullConfiguration(), intervalMs });
    } catch (error) {
      resources.dispose();
      this.#resources = new DisposableStack();
      throw error;
    }
    this.#isCollecting = true;
    this.#droppedBatches = 0;
    this.#flushEvery(Math.min(LONGEST_FLUSH_MS, intervalMs), observers);
    resources.use(this.#keepLastWords(() => this.#flushAndWait()));
  }

  #observe(config: EnvironmentConfig, resources: DisposableStack): void {
    const { instrumentHttp, instrumentDatabases, spans } = this.#options;
    const tracer = spans === false ? undefined : new Tracer(this.#clock, { ratio: config.traceRatio, ...spans });
    resources.use(
      installObservers(this.#registry, {
        clock: this.#clock,
        tracer,
        http: instrumentHttp !== false,
        databases: instrumentDatabases !== false,
      }),
    );
    if (tracer === undefined) return;
    this.#tracer = tracer;
    this.#tracedMeasure = tracedMeasure(this.#measure, tracer);
    resources.use(this.#registry.exemplarsFrom(() => exemplarLabels(tracer)));
    resources.defer(() => {
      this.#tracer = undefined;
      this.#tracedMeasure = this.#measure;
    });
    const dropped = this.#registry.counter('bellwether_dropped_spans_total', metaOf('bellwether_dropped_spans_total')).with({});
    let told = 0;
    resources.use(
      this.#registry.onDrain(() => {
        dropped.add(tracer.dropped - told);
        told = tracer.dropped;
      }),
    );
  }

  #startThread(
    options: StartOptions,
    { config, intervalMs }: { readonly config: FullConfig; readonly intervalMs: number },
  ): Promise<EngineThread> {
    const identity = {
      service: this.#options.service ?? process.title,
      instance: this.#options.instance ?? `${os.hostname()}:${process.pid}`,
    };
    const onNotice = (message: string): void => this.#notice(message);
    return EngineThread.start(
      {
        intervalMs,
        thresholds: this.thresholds,
        environment: config.environment,
        ruleFiles: config.ruleFiles,
        externalLabels: config.externalLabels,
        externalUrl: config.externalUrl,
        samples: config.samples,
        dataDir: this.#options.dataDir ?? config.dataDir,
        delivery: { ...config.delivery, channels: this.#options.channels ?? config.delivery.channels },
        allowPrivateTargets: config.allowPrivateTargets,
        api: options.api === undefined ? undefined : { ...(config.token === undefined ? {} : { token: config.token }), ...options.api },
        push: options.push === undefined ? undefined : { ...options.push, ...identity },
      },
      {
        clock: this.#clock,
        events: {
          onSnapshot: (snapshot) => {
            this.#snapshot = snapshot;
          },
          onCollection: ({ running }) => {
            this.#isCollecting = running;
          },
          onNotice,
          onLost: (error) => {
            onNotice(
              `The monitor's thread ended: ${error.message}. The application goes on unwatched until startMonitoring is called again.`,
            );
            this.#thread = undefined;
            this.#starting = undefined;
            this.#flushTimer?.cancel();
          },
        },
      },
    );
  }

  #flushEvery(periodMs: number, observers: RuntimeObservers): void {
    const again = (): void => {
      const thread = this.#thread;
      if (thread === undefined) return;
      if (this.#isCollecting) {
        observers.sample(this.#clock.nowMs());
        this.#flush(thread);
      }
      this.#flushTimer = this.#clock.schedule(periodMs, again);
    };
    again();
  }

  #flush(thread: EngineThread): void {
    const batch = this.#registry.drain(this.#clock.nowMs());
    if (batch !== undefined) thread.sendBatch(batch);
    if (thread.droppedBatches > this.#droppedBatches) {
      const dropped = this.#registry.counter('bellwether_dropped_batches_total', metaOf('bellwether_dropped_batches_total'));
      dropped.add(thread.droppedBatches - this.#droppedBatches);
      this.#droppedBatches = thread.droppedBatches;
    }
    if (thread.isBehind) return;
    const spans = this.#tracer?.drain(this.#clock.nowMs());
    if (spans !== undefined) thread.sendSpans(spans);
    thread.sendCaches();
  }

  /** A process that ends, in whatever way it is told of, keeps its last second of samples and why it ended. */
  #keepLastWords(keep: () => void): Disposable {
    const ends = this.#registry.counter('process_exits_total', metaOf('process_exits_total'));
    return watchExit(({ reason, code }: Ending) => {
      ends.add(1, code === '' ? { reason } : { reason, code });
      keep();
    });
  }

  #flushAndWait(): void {
    if (this.#thread === undefined) return;
    this.#flush(this.#thread);
    this.#thread.flushSync();
  }
}

/** Adds what was recorded since the worker's snapshot to what the snapshot holds. */
function mergeSummaries(before: MetricSummary | undefined, recent: MetricSummary): MetricSummary {
  if (before === undefined || before.atMs >= recent.atMs) return before ?? recent;
  const samples = before.samples + recent.samples;
  return {
    ...recent,
    unit: recent.unit === '' ? before.unit : recent.unit,
    average: (before.average * before.samples + recent.average * recent.samples) / samples,
    min: Math.min(before.min, recent.min),
    max: Math.max(before.max, recent.max),
    samples,
    series: Math.max(before.series, recent.series),
  };
}

const NOTHING: Disposable & AsyncDisposable = { [Symbol.dispose]() {}, async [Symbol.asyncDispose]() {} };

/** `measureExecutionTime` of a disabled monitor: calls through, measures nothing. */
const passThrough: Measure = ((_name: string, work?: () => unknown) => (work === undefined ? NOTHING : work())) as Measure;

/** An independent monitor. The options are validated here; nothing runs until `startMonitoring`. @throws BellwetherError `threshold_invalid` */
export function createPerformanceMonitor(options: PerformanceMonitorOptions = {}): PerformanceMonitor {
  if (options.service !== undefined && options.service.trim() === '')
    throw new BellwetherError('config_invalid', 'service must not be empty');
  return new PerformanceMonitor(options);
}
