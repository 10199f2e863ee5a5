import type { Advisor } from '../advise/advisor.ts';
import type { PushedAlert } from '../alerts/pushed/pushed-alerts.ts';
import type { Alerting } from '../alerts/alerting.ts';
import type { Clock } from '../base/clock.ts';
import { BellwetherError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { HostCollectors } from '../collect/host-collectors.ts';
import type { Delivery } from '../deliver/channel.ts';
import type { DeliveryConfig } from '../deliver/delivery-config.ts';
import type { Heartbeats } from '../deliver/heartbeat/heartbeats.ts';
import { healthScore, type HealthReport } from '../diagnose/health-score.ts';
import type { IncomingSeries } from '../model/metric.ts';
import type { AppendResult, Exemplar, SampleBatch, WireBatch } from '../model/sample-batch.ts';
import { readSpans, type SpanBatch } from '../model/span.ts';
import { breakdownTotal } from '../model/severity.ts';
import type { MetricsSummary } from '../model/summary.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { seriesSummaries } from '../query/window-stats.ts';
import type { SampleStore, Selector } from '../store/sample-store.ts';
import type { RemoteWrite } from '../store/remote/remote-write.ts';
import type { StateStore } from '../store/state-store.ts';
import { TraceRing } from '../store/trace-ring.ts';
import type { CacheControl, Engine, InstanceInfo, LiveFrame } from './engine-api.ts';
import type { Notifying } from './notifying.ts';
import { ALERTS_IN_FRAME, firstAlerts } from './first-alerts.ts';
import { ExemplarRing } from './exemplar-ring.ts';
import { OwnAlerts } from './own-alerts.ts';
import { selfMetrics } from './self-metrics.ts';
import { StoreWriter } from './store-writer.ts';
import { summarise } from './summarise.ts';
import { VERSION } from './version.ts';
import { WorkLoop } from './work-loop.ts';

/** Something in the engine's own thread that yields samples when asked: a registry with its observers. */
export interface MetricSource {
  /** @returns what was recorded since the last call, if anything. */
  drain(nowMs: number): WireBatch | undefined;
}

export interface EngineParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly intervalMs: number;
  readonly caches: CacheControl;
  readonly sources: readonly MetricSource[];
  readonly resources: AsyncDisposableStack;
  readonly store: SampleStore;
  readonly state: StateStore;
  /** What people and programs ask. Alerting and advice have their own. */
  readonly query: QueryEngine;
  readonly remoteWrite: RemoteWrite | undefined;
  readonly notifying: Notifying;
  readonly alerting: Alerting;
  readonly advisor: Advisor;
  readonly collectors: HostCollectors | undefined;
}

/** While somebody watches, readings come at least this often. */
const LIVE_PERIOD_MS = 2000;
/** Thresholds are judged at least this often, and advice looks again this often. */
const LONGEST_EVALUATION_PERIOD_MS = 5000;
/** New samples are judged at once, but rounds begin at least this far apart … */
const SHORTEST_EVALUATION_PERIOD_MS = 250;
/** … and evaluations take at most this share of the thread. */
const EVALUATION_SHARE = 0.1;
/** Between the first two readings of the host, which give the first rates. */
const PRIMING_MS = 250;
const MAINTENANCE_PERIOD_MS = 10_000;
/** What one server changes in a shared state, the others know this much later. */
const SHARING_PERIOD_MS = 1000;
const INSTANCE_WINDOW_MS = 600_000;
const PUSHED: Selector = [{ label: 'instance', op: '!=', value: '' }];

/** The engine at work: five loops (collect, evaluate, advise, deliver, maintain) over the parts that `createEngine` puts together. */
export class RunningEngine implements Engine {
  readonly version: string = VERSION;
  readonly startedAtMs: number;
  readonly clock: Clock;
  readonly store: SampleStore;
  readonly state: StateStore;
  readonly query: QueryEngine;
  readonly alerting: Alerting;
  readonly delivery: Delivery;
  readonly heartbeats: Heartbeats;
  readonly notifying: Engine['notifying'];
  readonly advisor: Advisor;
  readonly caches: CacheControl;
  readonly traces: TraceRing = new TraceRing();

  readonly #parts: EngineParts;
  readonly #writer: StoreWriter;
  readonly #exemplars = new ExemplarRing();
  readonly #watchers = new Set<(frame: LiveFrame) => void>();
  readonly #collecting: WorkLoop;
  readonly #evaluating: WorkLoop;
  readonly #advising: WorkLoop;
  readonly #delivering: WorkLoop;
  readonly #maintaining: WorkLoop;
  readonly #sharing: WorkLoop;
  readonly #ownAlerts: OwnAlerts = new OwnAlerts((alerts) => this.pushAlerts(alerts));
  #intervalMs: number;
  #summary: MetricsSummary = {};
  #lastCollectionMs = 0;
  #hasNewSamples = false;
  #judgedAtMs = 0;
  #evaluationMs = 0;
  #isPrimed = false;
  /** Whether the last look at what other servers changed went well. */
  #isSharing = true;
  #isDisposed = false;
  #onCollectionChange: (collection: Engine['collection']) => void = () => {};

  constructor(parts: EngineParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    ({ store: this.store, state: this.state, query: this.query, alerting: this.alerting } = parts);
    ({ advisor: this.advisor, caches: this.caches, notifying: this.notifying } = parts);
    ({ delivery: this.delivery, heartbeats: this.heartbeats } = parts.notifying);
    this.clock = clock;
    this.startedAtMs = clock.nowMs();
    this.#intervalMs = parts.intervalMs;
    this.#writer = new StoreWriter(parts.store);
    const periodMs = (): number => (this.#watchers.size > 0 ? Math.min(LIVE_PERIOD_MS, this.#intervalMs) : this.#intervalMs);
    this.#collecting = new WorkLoop({ name: 'collect', clock, log, periodMs, work: (nowMs) => this.#collect(nowMs) });
    this.#evaluating = new WorkLoop({
      name: 'evaluate',
      clock,
      log,
      periodMs: () => this.#untilEvaluationMs(),
      work: (nowMs) => this.#evaluate(nowMs),
    });
    const seldom = (): number => Math.min(LONGEST_EVALUATION_PERIOD_MS, this.#intervalMs);
    this.#advising = new WorkLoop({ name: 'advise', clock, log, periodMs: seldom, work: (nowMs) => this.advisor.evaluate(nowMs) });
    this.#delivering = new WorkLoop({ name: 'deliver', clock, log, periodMs: seldom, work: () => this.delivery.pump() });
    this.#maintaining = new WorkLoop({
      name: 'maintain',
      clock,
      log,
      periodMs: () => MAINTENANCE_PERIOD_MS,
      work: (nowMs) => this.#maintain(nowMs),
    });
    this.#sharing = new WorkLoop({ name: 'share', clock, log, periodMs: () => SHARING_PERIOD_MS, work: () => this.#share() });
    if (this.state.server !== '') this.#sharing.start();
    this.#evaluating.start();
    this.#advising.start();
    this.#delivering.start();
    this.#maintaining.start();
  }

  get collection(): Engine['collection'] {
    return { running: this.#collecting.running, intervalMs: this.#intervalMs };
  }

  /** Takes another configuration of who hears of what. @throws BellwetherError `config_invalid` | `target_refused`; nothing has changed then */
  async reconfigure(delivery: DeliveryConfig): Promise<void> {
    await this.#parts.notifying.reconfigure(delivery);
    this.alerting.explainBy(delivery.inhibitRules);
  }

  /** Tells whoever feeds this engine from another thread that collection started, stopped or changed its pace. */
  onCollectionChange(listener: (collection: Engine['collection']) => void): void {
    this.#onCollectionChange = listener;
  }

  /** Collects once before it resolves, so that the summary has real values from the first moment. */
  async startCollection(intervalMs: number = this.#intervalMs): Promise<void> {
    if (this.#isDisposed) throw new BellwetherError('engine_stopped', 'The engine has stopped; start a new one');
    this.#intervalMs = intervalMs;
    if (!this.#isPrimed) {
      this.#isPrimed = true;
      await this.#parts.collectors?.prime(this.clock.nowMs());
      await this.clock.sleep(PRIMING_MS);
    }
    this.#collecting.start();
    await this.#collecting.runNow();
    await this.#evaluating.runNow();
    await this.#advising.runNow();
    await this.#delivering.runNow();
    this.#onCollectionChange(this.collection);
  }

  async stopCollection(): Promise<void> {
    await this.#collecting.stop();
    this.#onCollectionChange(this.collection);
  }

  /** Takes a batch of another thread of this process. */
  takeBatch(batch: WireBatch): void {
    this.#addWire(batch);
    this.#writer.commit();
    this.#samplesCame();
  }

  exemplars(selectors: readonly Selector[], fromMs: number, toMs: number): readonly Exemplar[] {
    return this.#exemplars.find(selectors, fromMs, toMs);
  }

  #addWire(batch: WireBatch): void {
    this.#writer.addWire(batch);
    if (batch.exemplars !== undefined) this.#exemplars.add(batch.exemplars);
  }

  /** Takes spans of another thread of this process. */
  takeSpans(batch: SpanBatch): void {
    this.traces.add(readSpans(batch));
  }

  async ingest(series: readonly IncomingSeries[]): Promise<AppendResult> {
    this.#writer.addIncoming(series);
    const result = this.#writer.commit();
    this.#samplesCame();
    await this.store.flush();
    return result;
  }

  async append(batch: SampleBatch): Promise<AppendResult> {
    const result = this.store.append(batch);
    this.#samplesCame();
    await this.store.flush();
    return result;
  }

  async pushAlerts(alerts: readonly PushedAlert[]): Promise<void> {
    const planned = await this.alerting.push(alerts);
    if (planned > 0) this.#delivering.hasten(0);
  }

  async summary(instance = ''): Promise<MetricsSummary> {
    const nowMs = this.clock.nowMs();
    return summarise(this.store, instance, nowMs);
  }

  /** The own process's summary as of the last collection: no query, no waiting. */
  get latestSummary(): MetricsSummary {
    return this.#summary;
  }

  health(): HealthReport {
    return healthScore(this.alerting.activeCounts, (metric) => this.#summary[metric]?.current);
  }

  async instances(): Promise<readonly InstanceInfo[]> {
    const nowMs = this.clock.nowMs();
    const latest = new Map<string, InstanceInfo>([['', { instance: '', job: '', lastSampleAtMs: this.#lastCollectionMs }]]);
    for (const { labels, lastAtMs } of seriesSummaries(this.store, PUSHED, { fromMs: nowMs - INSTANCE_WINDOW_MS, toMs: nowMs })) {
      const instance = labels['instance'] ?? '';
      const known = latest.get(instance);
      if (known !== undefined && known.lastSampleAtMs >= lastAtMs) continue;
      latest.set(instance, { instance, job: labels['job'] ?? '', lastSampleAtMs: lastAtMs });
    }
    return [...latest.values()];
  }

  watch(listener: (frame: LiveFrame) => void): () => void {
    this.#watchers.add(listener);
    this.#collecting.reschedule();
    return () => {
      this.#watchers.delete(listener);
      this.#collecting.reschedule();
    };
  }

  readiness(): readonly string[] {
    if (this.#isDisposed) return ['stopping'];
    const sending = this.#parts.remoteWrite?.status.problem;
    return [...this.store.stats().problems, ...this.state.problems, ...(sending === undefined ? [] : [sending])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#watchers.clear();
    const loops = [this.#collecting, this.#evaluating, this.#advising, this.#delivering, this.#maintaining, this.#sharing];
    await Promise.all(loops.map((loop) => loop.stop()));
    await this.store.flush().catch(() => {});
    this.#parts.collectors?.[Symbol.dispose]();
    await this.#parts.resources.disposeAsync();
  }

  async #collect(nowMs: number): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    await this.#parts.collectors?.collect(this.#writer, nowMs);
    for (const source of this.#parts.sources) {
      const batch = source.drain(nowMs);
      if (batch !== undefined) this.#addWire(batch);
    }
    selfMetrics(this.#writer, {
      nowMs,
      store: this.store.stats(),
      alerts: breakdownTotal(this.alerting.activeCounts),
      channels: this.delivery.channels,
      heartbeats: this.heartbeats.expected(nowMs),
      remoteWrite: this.#parts.remoteWrite?.status,
      collectionMs: this.clock.monotonicMs() - startedMs,
    });
    this.#writer.commit();
    this.#samplesCame();
    this.#lastCollectionMs = nowMs;
    this.#summary = summarise(this.store, '', nowMs);
    await this.#publish(nowMs);
  }

  async #evaluate(nowMs: number): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    const isJudgedAgain =
      this.#hasNewSamples ||
      nowMs - this.#judgedAtMs >= Math.min(LONGEST_EVALUATION_PERIOD_MS, this.#intervalMs) ||
      nowMs < this.#judgedAtMs;
    this.#hasNewSamples = false;
    if (isJudgedAgain) this.#judgedAtMs = nowMs;
    const planned = await (isJudgedAgain ? this.alerting.evaluate(nowMs) : this.alerting.evaluateDueRules(nowMs));
    this.#evaluationMs = this.clock.monotonicMs() - startedMs;
    if (planned > 0) this.#delivering.hasten(0);
    this.heartbeats.beat(nowMs);
  }

  async #maintain(nowMs: number): Promise<void> {
    this.store.maintain(nowMs);
    const condition = { channels: this.delivery.channels, heartbeats: this.heartbeats.expected(nowMs), problems: this.readiness() };
    await this.#ownAlerts.look(condition, nowMs);
  }

  async #share(): Promise<void> {
    try {
      await this.heartbeats.takeChanges();
      await this.#parts.notifying.takeChanges();
      if (await this.alerting.takeChanges()) this.#delivering.hasten(0);
      this.#isSharing = true;
    } catch (error) {
      // Once, not once a second.
      if (this.#isSharing) this.#parts.log.error({ error: messageOf(error) }, 'What other servers changed cannot be read; trying again');
      this.#isSharing = false;
    }
  }

  #untilEvaluationMs(): number {
    const nowMs = this.clock.nowMs();
    const rulesMs = (this.alerting.rulesDueAtMs(nowMs) ?? Infinity) - nowMs;
    return Math.max(1, Math.min(LONGEST_EVALUATION_PERIOD_MS, this.#intervalMs, rulesMs));
  }

  #samplesCame(): void {
    this.#hasNewSamples = true;
    this.#evaluating.hasten(Math.max(SHORTEST_EVALUATION_PERIOD_MS, this.#evaluationMs / EVALUATION_SHARE));
  }

  async #publish(atMs: number): Promise<void> {
    if (this.#watchers.size === 0) return;
    const frame: LiveFrame = {
      atMs,
      summary: this.#summary,
      health: this.health(),
      ...firstAlerts(this.alerting, ALERTS_IN_FRAME),
      recommendations: this.advisor.active(),
      cache: await this.caches.stats(),
    };
    for (const listener of this.#watchers) listener(frame);
  }
}
