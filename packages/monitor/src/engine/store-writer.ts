import { NO_LABELS, seriesKey, type Labels } from '../model/labels.ts';
import type { IncomingSeries, MetricMeta, SeriesDescriptor } from '../model/metric.ts';
import type { AppendResult, DropReason, SampleBatch, SeriesRef, WireBatch } from '../model/sample-batch.ts';
import type { SampleStore } from '../store/sample-store.ts';

/** Columns that grow by doubling and are reused from batch to batch. */
class BatchBuilder {
  length = 0;
  refs: Uint32Array = new Uint32Array(256);
  timesMs: Float64Array = new Float64Array(256);
  values: Float64Array = new Float64Array(256);

  push(ref: SeriesRef, atMs: number, value: number): void {
    if (this.length === this.refs.length) this.#grow();
    this.refs[this.length] = ref;
    this.timesMs[this.length] = atMs;
    this.values[this.length++] = value;
  }
  #grow(): void {
    const size = this.refs.length * 2;
    const refs = new Uint32Array(size);
    const timesMs = new Float64Array(size);
    const values = new Float64Array(size);
    refs.set(this.refs);
    timesMs.set(this.timesMs);
    values.set(this.values);
    Object.assign(this, { refs, timesMs, values });
  }
}

const UNRESOLVED = -1;
const OUTDATED = -2;

/** A sender's series by the slots that it gave them. */
interface Source {
  readonly refs: SeriesRef[];
  readonly series: SeriesDescriptor[];
}

/** A series as it was resolved, by its labels object. */
interface Recognised {
  readonly name: string;
  readonly meta: MetricMeta | undefined;
  readonly ref: SeriesRef;
}

/** Metadata that is not given changes nothing. */
function sameMeta(known: MetricMeta | undefined, given: MetricMeta | undefined): boolean {
  if (given === undefined) return true;
  return known !== undefined && known.kind === given.kind && known.unit === given.unit && known.help === given.help;
}

/** How many senders are remembered; the one heard of longest ago is forgotten first and must describe its series again. */
const MOST_SOURCES = 256;

/**
 * Brings samples from every direction (collectors, other threads, protocols) into the store's columns, so that each series' name and
 * labels are looked at once and not per sample.
 */
export class StoreWriter {
  readonly #store: SampleStore;
  readonly #own = new Map<string, SeriesRef>();
  readonly #sources = new Map<string, Source>();
  #recognised = new WeakMap<Labels, Recognised>();
  /** Of the store when the numbers above were asked for. */
  #generation: number | undefined;
  readonly #batch = new BatchBuilder();
  #refused = 0;

  constructor(store: SampleStore) {
    this.#store = store;
    this.#generation = store.generation;
  }

  /** One sample of an own series; kept until `commit`. */
  add(name: string, value: number, sample: { readonly atMs: number; readonly labels?: Labels; readonly meta?: MetricMeta }): void {
    const labels = sample.labels ?? NO_LABELS;
    this.#forgetOutdated();
    const key = seriesKey(name, labels);
    let ref = this.#own.get(key);
    if (ref === undefined) {
      ref = this.#resolve({ name, labels, ...(sample.meta === undefined ? {} : { meta: sample.meta }) });
      if (ref === UNRESOLVED) return;
      this.#own.set(key, ref);
    }
    this.#batch.push(ref, sample.atMs, value);
  }

  /** A batch from another thread, or from this one's registry. */
  addWire(wire: WireBatch): void {
    this.#forgetOutdated();
    let source = this.#sources.get(wire.source);
    if (source === undefined) {
      source = { refs: [], series: [] };
      const oldest = this.#sources.keys().next();
      if (this.#sources.size >= MOST_SOURCES && oldest.done !== true) this.#sources.delete(oldest.value);
      this.#sources.set(wire.source, source);
    }
    const { refs } = source;
    for (const [offset, series] of wire.newSeries.entries()) {
      refs[wire.firstNewSlot + offset] = this.#resolve(series);
      source.series[wire.firstNewSlot + offset] = series;
    }
    for (let i = 0; i < wire.slots.length; i++) {
      const slot = wire.slots[i] as number;
      let ref = refs[slot];
      const series = source.series[slot];
      if (ref === OUTDATED && series !== undefined) refs[slot] = ref = this.#resolve(series);
      if (ref === undefined || ref === UNRESOLVED) this.#refused++;
      else this.#batch.push(ref, wire.timesMs[i] as number, wire.values[i] as number);
    }
  }

  /** Series from outside. */
  addIncoming(incoming: readonly IncomingSeries[]): void {
    this.#forgetOutdated();
    for (const series of incoming) this.#addSeries(this.#recognise(series), series);
  }

  /** The same of series whose labels are made for the moment: none is remembered. */
  addOnce(incoming: readonly IncomingSeries[]): void {
    for (const series of incoming) this.#addSeries(this.#resolve(series), series);
  }

  #addSeries(ref: SeriesRef, { timesMs, values }: IncomingSeries): void {
    if (ref === UNRESOLVED) {
      this.#refused += values.length - 1;
      return;
    }
    for (let i = 0; i < values.length; i++) this.#batch.push(ref, timesMs[i] as number, values[i] as number);
  }

  /** Hands what was added to the store, which makes it readable; see `SampleStore.flush` for when it is on disk. */
  commit(): AppendResult {
    const batch: SampleBatch = this.#batch;
    const result = this.#store.append(batch);
    const refused = this.#refused;
    this.#batch.length = 0;
    this.#refused = 0;
    if (refused === 0) return result;
    const dropped: Partial<Record<DropReason, number>> = { ...result.dropped };
    dropped.series_limit = (dropped.series_limit ?? 0) + refused;
    return { appended: result.appended, dropped };
  }

  /** Asks for all numbers again, each when it is next wanted, once the store has given any up. */
  #forgetOutdated(): void {
    if (this.#store.generation === this.#generation) return;
    this.#generation = this.#store.generation;
    this.#own.clear();
    this.#recognised = new WeakMap();
    for (const { refs } of this.#sources.values()) refs.fill(OUTDATED);
  }

  /** As `#resolve`, by the identity of the labels where a protocol gives the same object again. */
  #recognise(series: SeriesDescriptor): SeriesRef {
    const { name, labels, meta } = series;
    const known = this.#recognised.get(labels);
    if (known !== undefined && known.name === name && sameMeta(known.meta, meta)) return known.ref;
    const ref = this.#resolve(series);
    if (ref !== UNRESOLVED && labels !== NO_LABELS) this.#recognised.set(labels, { name, meta, ref });
    return ref;
  }

  #resolve(series: SeriesDescriptor): SeriesRef {
    const ref = this.#store.ref(series);
    if (ref !== undefined) return ref;
    this.#refused++;
    return UNRESOLVED;
  }
}
