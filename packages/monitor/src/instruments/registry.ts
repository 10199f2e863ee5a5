import type { Clock } from '../base/clock.ts';
import { isMetricName } from '../model/labels.ts';
import type { MetricKind, MetricMeta, SeriesDescriptor } from '../model/metric.ts';
import type { WireBatch } from '../model/sample-batch.ts';
import type { MetricSummary } from '../model/summary.ts';
import { metaOf, METRICS } from './catalogue.ts';
import { CounterColumns, GaugeColumns } from './columns.ts';
import { Counter } from './counter.ts';
import { drainCounters, drainGauges, drainHistograms, drainRates } from './drain.ts';
import { DROP_REASONS, DropCounts, type RecordDropReason } from './drop-counts.ts';
import { Family } from './family.ts';
import { Exemplars, type ExemplarSource } from './exemplars.ts';
import { ForeignSeries, type ForeignSample } from './foreign-series.ts';
import { Gauge, type UpDownCounter } from './gauge.ts';
import { Histogram, HistogramColumns, Timer } from './histogram.ts';
import { HistogramWire, type HistogramMetric } from './histogram-wire.ts';
import type { LabelSet } from './label-index.ts';
import { lintName, type LintedKind } from './lint-name.ts';
import { summariseFamily } from './local-summary.ts';
import { WireSlots } from './wire-slots.ts';
import type { RegistryDelta, SeriesDelta } from './workers/registry-delta.ts';
import { WireWriter } from './wire-writer.ts';

export interface RegistryOptions {
  readonly clock: Clock;
  /** Names this sender to whoever takes its batches. @default a random name */
  readonly source?: string;
  /** Label sets a metric may have; records of further ones go to its series `{overflow="true"}`. @default 2,000 */
  readonly maxSeriesPerMetric?: number;
  /** Metrics at most; records of further ones are dropped. @default 5,000 */
  readonly maxMetrics?: number;
  /** Series with labels that nobody records for this time are given up, in ms; bound ones stay. @default 3,600,000 */
  readonly expireAfterMs?: number;
  /** Told once of each metric whose name breaks Prometheus's conventions. @default nobody */
  readonly onLint?: (message: string) => void;
}

export interface InstrumentOptions {
  /** `ms`, `bytes`, `percent`, `count`, … @default what the catalogue says, else '' */
  readonly unit?: string;
  readonly help?: string;
  /** Makes the labels of a foreign model ours; runs once a label set. Later calls for the same name keep the first one's. @default as given */
  readonly translate?: (given: LabelSet) => LabelSet;
}

/** Something that counts what happens; told as a number a second. */
export type Rate = Pick<Counter, 'add' | 'with'>;

/**
 * Everything a thread measures. Making an instrument twice gives the same one; asking for a name as another kind, or for an illegal name,
 * gives an instrument that drops and counts. Nothing here throws, so it is safe in any callback of the watched service.
 */
export interface Registry {
  counter(name: string, options?: InstrumentOptions): Counter;
  upDownCounter(name: string, options?: InstrumentOptions): UpDownCounter;
  gauge(name: string, options?: InstrumentOptions): Gauge;
  histogram(name: string, options?: InstrumentOptions): Histogram;
  /** A histogram of durations; unit `ms`. */
  timer(name: string, options?: InstrumentOptions): Timer;
  /** A gauge of events a second over each drain's interval, 0 in one without any. For queries over longer windows count with a counter. */
  rate(name: string, options?: InstrumentOptions): Rate;
  /**
   * Takes one measurement of a gauge that is made on first use. Unlike `gauge`, a value not recorded again is not repeated. A name that is a
   * histogram, or is one in the catalogue (`api_response_time`, `database_query_time`), takes the value as that.
   */
  recordCustom(name: string, value: number, unit?: string, labels?: LabelSet): void;
  /** Calls back at the start of each drain, for readings that are pulled. One that throws is counted. */
  onDrain(callback: (nowMs: number) => void): Disposable;
  /** Says in which span a histogram's largest value of an interval was recorded; of several sources the last one counts. */
  exemplarsFrom(source: ExemplarSource): Disposable;
  /** Asks another registry for its values at each drain; they become series beside our own. One that throws is counted. */
  adopt(read: (nowMs: number) => Iterable<ForeignSample>): Disposable;
  /** Samples of everything recorded since the last call, `undefined` when there are none; times at or before `nowMs` but for nudges of some ms. */
  drain(nowMs: number): WireBatch | undefined;
  /**
   * What was recorded since the last call, for another registry to add; instead of `drain`, never beside it. Histograms start anew at each call, so
   * their quantiles here are of the last interval.
   */
  takeDelta(nowMs: number): RegistryDelta;
  /** What was recorded since the last drain, by metric. */
  localSummary(): ReadonlyMap<string, MetricSummary>;
  /** Counts, as `observer_failed`, that something which measures for this registry threw. */
  countObserverFailure(): void;
  /** Records that were not kept, by reason. */
  dropped(reason: RecordDropReason): number;
}

type Instrument =
  | { readonly kind: 'counter' | 'rate'; readonly family: Family; readonly handle: Counter }
  | { readonly kind: 'gauge' | 'custom'; readonly family: Family; readonly handle: Gauge }
  | { readonly kind: 'histogram'; readonly family: Family; readonly handle: Timer };
type InstrumentKind = Instrument['kind'];

const LONGEST_NAME = 200;
const LONGEST_UNIT = 32;
/** A foreign registry may have as many series as this number of our metrics. */
const FOREIGN_METRICS = 25;

class SlotRegistry implements Registry {
  readonly #clock: Clock;
  readonly #maxSeries: number;
  readonly #maxMetrics: number;
  readonly #drops = new DropCounts();
  readonly #instruments = new Map<string, Instrument>();
  readonly #observers = new Set<(nowMs: number) => void>();
  readonly #writer: WireWriter;
  readonly #counters = new CounterColumns();
  readonly #counterSlots: WireSlots;
  readonly #levels: GaugeColumns;
  readonly #levelSlots: WireSlots;
  readonly #customs: GaugeColumns;
  readonly #customSlots: WireSlots;
  readonly #histograms: HistogramColumns;
  readonly #histogramSlots: WireSlots;
  readonly #exemplars: Exemplars;
  readonly #histogramWires: (HistogramWire | undefined)[] = [];
  readonly #rates = new CounterColumns();
  readonly #rateSlots: WireSlots;
  readonly #foreign = new Map<ForeignSeries, (nowMs: number) => Iterable<ForeignSample>>();
  readonly #onLint: ((message: string) => void) | undefined;
  readonly #sweepMs: number;
  #drainedAtMs: number;
  #sweptAtMs: number;

  constructor(options: RegistryOptions) {
    const { clock } = options;
    this.#clock = clock;
    this.#maxSeries = options.maxSeriesPerMetric ?? 2000;
    this.#maxMetrics = options.maxMetrics ?? 5000;
    this.#writer = new WireWriter(options.source ?? `registry-${clock.random().toString(36).slice(2)}`, () =>
      this.#drops.count('clock_jump'),
    );
    const nowMs = (): number => clock.nowMs();
    this.#levels = new GaugeColumns(nowMs);
    this.#customs = new GaugeColumns(nowMs);
    this.#histograms = new HistogramColumns(nowMs);
    this.#exemplars = new Exemplars(this.#histograms.gauges);
    this.#counterSlots = new WireSlots(this.#writer);
    this.#levelSlots = new WireSlots(this.#writer);
    this.#customSlots = new WireSlots(this.#writer);
    this.#histogramSlots = new WireSlots(this.#writer);
    this.#rateSlots = new WireSlots(this.#writer);
    this.#onLint = options.onLint;
    // A series has to be seen unused in two sweeps after the one that followed its last record.
    this.#sweepMs = (options.expireAfterMs ?? 3_600_000) / 2;
    this.#drainedAtMs = clock.nowMs();
    this.#sweptAtMs = this.#drainedAtMs;
  }

  counter(name: string, options: InstrumentOptions = {}): Counter {
    return this.#instrument(name, 'counter', options).handle as Counter;
  }
  upDownCounter(name: string, options: InstrumentOptions = {}): UpDownCounter {
    return this.gauge(name, options);
  }
  gauge(name: string, options: InstrumentOptions = {}): Gauge {
    return this.#instrument(name, 'gauge', options).handle as Gauge;
  }
  histogram(name: string, options: InstrumentOptions = {}): Histogram {
    return this.#instrument(name, 'histogram', options).handle as Timer;
  }
  timer(name: string, options: InstrumentOptions = {}): Timer {
    return this.#instrument(name, 'histogram', { unit: 'ms', ...options }).handle as Timer;
  }
  rate(name: string, options: InstrumentOptions = {}): Rate {
    return this.#instrument(name, 'rate', { unit: 'per_second', ...options }).handle as Counter;
  }

  recordCustom(name: string, value: number, unit = 'count', labels?: LabelSet): void {
    const known = this.#instruments.get(name);
    if (known?.kind === 'histogram') return known.handle.record(value, labels);
    if (known?.kind === 'gauge') return known.handle.set(value, labels);
    if (known === undefined && METRICS[name]?.kind === 'histogram') return this.timer(name).record(value, labels);
    const { family } = known?.kind === 'custom' ? known : this.#instrument(name, 'custom', { unit });
    if (!Number.isFinite(value)) return void family.refuse('not_finite');
    const slot = family.slot(labels);
    if (slot >= 0) this.#customs.recordAt(slot, value, this.#clock.nowMs());
  }

  onDrain(callback: (nowMs: number) => void): Disposable {
    this.#observers.add(callback);
    return { [Symbol.dispose]: () => void this.#observers.delete(callback) };
  }

  exemplarsFrom(source: ExemplarSource): Disposable {
    return this.#exemplars.from(source);
  }

  adopt(read: (nowMs: number) => Iterable<ForeignSample>): Disposable {
    const series = new ForeignSeries({ writer: this.#writer, drops: this.#drops, maxSeries: this.#maxSeries * FOREIGN_METRICS });
    this.#foreign.set(series, read);
    return { [Symbol.dispose]: () => void this.#foreign.delete(series) };
  }

  takeDelta(nowMs: number): RegistryDelta {
    this.#observe(nowMs);
    const delta: SeriesDelta[] = [];
    for (const { kind, family } of this.#instruments.values()) {
      for (const slot of family.slots) {
        const series = this.#store(kind).slots.seriesOf(slot);
        const taken = series === undefined ? undefined : this.#takeSlot(kind, slot, series);
        if (taken !== undefined) delta.push(taken);
      }
    }
    this.#drainedAtMs = nowMs;
    return delta;
  }

  #takeSlot(kind: InstrumentKind, slot: number, series: SeriesDescriptor): SeriesDelta | undefined {
    if (kind === 'counter' || kind === 'rate') {
      const columns = kind === 'counter' ? this.#counters : this.#rates;
      const step = (columns.totals[slot] as number) - columns.drained(slot);
      columns.markDrained(slot);
      return step > 0 ? { kind, series, step } : undefined;
    }
    if (kind === 'histogram') {
      if (!this.#histograms.gauges.isTouched(slot)) return undefined;
      return { kind, series, distribution: this.#histograms.take(slot) };
    }
    const columns = kind === 'gauge' ? this.#levels : this.#customs;
    if (!columns.isTouched(slot)) return undefined;
    const { last, min, max } = columns.read(slot);
    columns.reset(slot);
    return { kind, series, level: { last, min, max } };
  }

  #observe(nowMs: number): void {
    for (const observe of this.#observers) this.#guarded(() => observe(nowMs));
    this.#recordDrops();
  }

  drain(nowMs: number): WireBatch | undefined {
    this.#observe(nowMs);
    const drain = { writer: this.#writer, nowMs, previousMs: this.#drainedAtMs };
    drainCounters(this.#counters, this.#counterSlots, drain);
    drainRates(this.#rates, this.#rateSlots, drain);
    drainGauges(this.#levels, this.#levelSlots, { ...drain, repeats: true });
    drainGauges(this.#customs, this.#customSlots, { ...drain, repeats: false });
    drainHistograms(this.#histograms, { slots: this.#histogramSlots, wires: this.#histogramWires }, drain);
    for (const [series, read] of this.#foreign) this.#guarded(() => series.write(read(nowMs), drain));
    this.#drainedAtMs = nowMs;
    if (Math.abs(nowMs - this.#sweptAtMs) >= this.#sweepMs) this.#sweep(nowMs);
    const exemplars = this.#exemplars.take((slot) => this.#histogramWires[slot]?.series);
    const batch = this.#writer.take();
    return batch === undefined || exemplars.length === 0 ? batch : { ...batch, exemplars };
  }

  /** An observer that fails, at once or later, is counted. */
  #guarded(observe: () => unknown): void {
    const failed = (): void => this.#drops.count('observer_failed');
    try {
      const result = observe();
      if (result instanceof Promise) result.catch(failed);
    } catch {
      failed();
    }
  }

  /** Gives up the series that were left alone for long. */
  #sweep(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    for (const { kind, family } of this.#instruments.values()) {
      const { columns, slots } = this.#store(kind);
      for (const slot of family.expire((slot) => slots.hasAged(slot))) {
        slots.release(slot);
        columns.release(slot);
        if (kind === 'histogram') this.#histogramWires[slot] = undefined;
      }
    }
  }

  #store(kind: InstrumentKind): { readonly columns: CounterColumns | GaugeColumns | HistogramColumns; readonly slots: WireSlots } {
    if (kind === 'counter') return { columns: this.#counters, slots: this.#counterSlots };
    if (kind === 'rate') return { columns: this.#rates, slots: this.#rateSlots };
    if (kind === 'gauge') return { columns: this.#levels, slots: this.#levelSlots };
    if (kind === 'custom') return { columns: this.#customs, slots: this.#customSlots };
    return { columns: this.#histograms, slots: this.#histogramSlots };
  }

  localSummary(): ReadonlyMap<string, MetricSummary> {
    const summary = new Map<string, MetricSummary>();
    const nowMs = this.#clock.nowMs();
    for (const [name, { kind, family }] of this.#instruments) {
      if (kind === 'counter' || kind === 'rate') continue;
      const columns = kind === 'custom' ? this.#customs : kind === 'gauge' ? this.#levels : this.#histograms.gauges;
      const totals =
        kind === 'histogram' ? (slot: number) => this.#histograms.sinceDrain(slot) : (slot: number) => columns.sinceDrain(slot);
      const found = summariseFamily(family, columns, { nowMs, totals });
      if (found !== undefined) summary.set(name, found);
    }
    return summary;
  }

  countObserverFailure(): void {
    this.#drops.count('observer_failed');
  }

  dropped(reason: RecordDropReason): number {
    return this.#drops.of(reason);
  }

  #recordDrops(): void {
    for (const reason of DROP_REASONS) {
      const count = this.#drops.of(reason);
      if (count === 0) continue;
      const { family } = this.#instrument('bellwether_dropped_records_total', 'counter', {});
      const slot = family.slot({ reason });
      if (slot >= 0) this.#counters.totals[slot] = count;
    }
  }

  #instrument(name: string, kind: InstrumentKind, options: InstrumentOptions): Instrument {
    const known = this.#instruments.get(name);
    if (known?.kind === kind) return known;
    const refusal = known === undefined ? this.#faultOf(name) : 'kind_conflict';
    const made = this.#make(name, kind, { ...options, ...(refusal === undefined ? {} : { refusal }) });
    if (refusal !== undefined) return made;
    this.#instruments.set(name, made);
    // Names of a foreign model follow its own rules.
    if (kind !== 'custom' && options.translate === undefined) this.#lint(name, kind);
    return made;
  }

  #lint(name: string, kind: LintedKind): void {
    const faults = this.#onLint === undefined ? [] : lintName(name, kind);
    if (faults.length > 0) this.#onLint?.(`Metric "${name}": ${faults.join('; ')}.`);
  }

  #faultOf(name: unknown): RecordDropReason | undefined {
    if (typeof name !== 'string' || name.length > LONGEST_NAME || !isMetricName(name)) return 'name';
    return this.#instruments.size >= this.#maxMetrics ? 'metric_limit' : undefined;
  }

  #make(name: string, kind: InstrumentKind, options: InstrumentOptions & { readonly refusal?: RecordDropReason }): Instrument {
    const meta = this.#meta(name, kind, options);
    const metric = { name, meta };
    const family = new Family({
      name,
      meta,
      drops: this.#drops,
      maxSeries: this.#maxSeries,
      ...(options.refusal === undefined ? {} : { refusal: options.refusal }),
      ...(options.translate === undefined ? {} : { translate: options.translate }),
      create: (series) => this.#createSlot(kind, series, metric),
    });
    if (kind === 'counter') return { kind, family, handle: new Counter(family, this.#counters) };
    if (kind === 'rate') return { kind, family, handle: new Counter(family, this.#rates) };
    if (kind === 'histogram') return { kind, family, handle: new Timer(family, this.#histograms, this.#clock) };
    return { kind, family, handle: new Gauge(family, kind === 'custom' ? this.#customs : this.#levels) };
  }

  #meta(name: string, kind: InstrumentKind, { unit, help }: InstrumentOptions): MetricMeta {
    const known = metaOf(name);
    const shown: MetricKind = kind === 'counter' ? 'counter' : 'gauge';
    return {
      kind: shown,
      unit: (typeof unit === 'string' ? unit.slice(0, LONGEST_UNIT) : undefined) ?? known.unit,
      help: help ?? known.help,
    };
  }

  #createSlot(kind: InstrumentKind, series: SeriesDescriptor, metric: HistogramMetric): number {
    const { columns, slots } = this.#store(kind);
    const slot = columns.create();
    slots.add(slot, series);
    if (kind === 'histogram') this.#histogramWires[slot] = new HistogramWire(metric, series.labels);
    return slot;
  }
}

export function createRegistry(options: RegistryOptions): Registry {
  return new SlotRegistry(options);
}
