import { BellwetherError, messageOf } from '../base/errors.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { MetricMeta, SeriesDescriptor } from '../model/metric.ts';
import type { AppendResult, DropReason, SampleBatch, SeriesRef } from '../model/sample-batch.ts';
import { BlockStore } from './block-store.ts';
import { COMPACT_PAUSE_MS, Compactor } from './compactor.ts';
import { decodeBatch } from './batch-codec.ts';
import { CommitQueue } from './commit-queue.ts';
import { MetadataBook } from './metadata-book.ts';
import { ProblemList } from './problem-list.ts';
import { RetentionClasses } from './retention/retention.ts';
import { RollupReader } from './rollup/rollup-reader.ts';
import { RollupWriter } from './rollup/rollup-writer.ts';
import type { Figure, SampleStore, Selector, SeriesSummary, SeriesView, StoreStats } from './sample-store.ts';
import { SamplesDatabase } from './samples-database.ts';
import { CHUNK_SAMPLES, HeadPool } from './head-pool.ts';
import { resolveStoreOptions, type EmbeddedStoreOptions } from './embedded-store-options.ts';
import { oldestNeededBatch, rewriteLaggards } from './laggards.ts';
import { seriesWithoutSamples } from './series-without-samples.ts';
import { LateSamples } from './late-samples.ts';
import type { OutgoingSamples } from './remote/outgoing-samples.ts';
import { SealedRows } from './sealed-rows.ts';
import { SeriesIndex } from './series-index.ts';
import { LimitGuard, type StoreLimits } from './series-limits.ts';
import { SeriesReader } from './series-reader.ts';
import { StoredSeries } from './stored-series.ts';

/** Opens the store, replaying what the last process committed. @throws BellwetherError `store_unavailable` */
export function openEmbeddedStore(options: EmbeddedStoreOptions): SampleStore {
  return new EmbeddedStore(options);
}

/**
 * Samples in SQLite as compressed chunks.
 *
 * A sample goes into its series' open chunk (typed arrays) and into the pending batch. A commit, at most a second later, writes the batch
 * to the write-ahead table in one synced transaction, together with the chunks sealed meanwhile as one blob. At open, sealed rows are loaded
 * and batches replayed past the last sealed sample of each series. A batch is removed when all its samples are sealed; series that stopped
 * or are slow are sealed short so that they do not hold batches for ever. Appending costs O(1) a sample, reading the chunks that overlap.
 */
class EmbeddedStore implements SampleStore {
  readonly acceptsOutOfOrder: boolean;
  generation = 0;
  readonly outgoing?: OutgoingSamples;
  readonly describe = (ref: SeriesRef): SeriesDescriptor | undefined => this.#byRef[ref];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #retentionBytes: number;
  readonly #classes: RetentionClasses;
  readonly #rollupWriter: RollupWriter;
  readonly #lateWindowMs: number;
  readonly #commitsAlways: boolean;
  readonly #limits: StoreLimits;
  readonly #database: SamplesDatabase;
  readonly #queue: CommitQueue;
  readonly #blocks: BlockStore;
  readonly #compactor: Compactor;
  readonly #index = new SeriesIndex<StoredSeries>();
  readonly #heads = new HeadPool();
  readonly #byRef: (StoredSeries | undefined)[] = [];
  readonly #metadata: MetadataBook;
  readonly #rows = new SealedRows();
  /** For looking up late samples; made at the first. */
  #lookup: SeriesReader | undefined;
  readonly #guard: LimitGuard;
  #removedBelow = 0;
  /** Passes of the roll-up writer after which series without samples were looked for. */
  #sweptAfter = 0;
  #samples = 0;
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  readonly #problems: ProblemList;
  #nextTurn: Timer | undefined;
  #isClosed = false;

  constructor(options: EmbeddedStoreOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#problems = new ProblemList(options.log);
    const resolved = resolveStoreOptions(options);
    this.#retentionBytes = resolved.retention.bytes;
    this.#classes = new RetentionClasses(resolved.retention);
    this.#metadata = new MetadataBook(resolved.limits);
    this.#guard = new LimitGuard(resolved.limits, options.log);
    ({ lateWindowMs: this.#lateWindowMs, limits: this.#limits } = resolved);
    this.#commitsAlways = resolved.commit === 'always';
    this.acceptsOutOfOrder = this.#lateWindowMs > 0;
    try {
      this.#database = new SamplesDatabase(options.path, (problem) => this.#problems.add(problem));
      this.#queue = new CommitQueue({
        ...options,
        database: this.#database,
        rows: this.#rows,
        intervalMs: options.commitIntervalMs ?? 1000,
        keepsOutgoing: options.keepsOutgoing ?? false,
      });
      if (options.keepsOutgoing === true) this.outgoing = this.#database.outgoing;
      this.#blocks = new BlockStore(this.#database.blocks, (problem) => this.#problems.add(problem));
      const shared = {
        database: this.#database,
        blocks: this.#blocks,
        rows: this.#rows,
        clock: options.clock,
        reader: () => this.#reader(),
      };
      this.#compactor = new Compactor(shared);
      this.#rollupWriter = new RollupWriter({ ...shared, classes: this.#classes });
      this.#load();
    } catch (error) {
      throw new BellwetherError('store_unavailable', `The sample store ${options.path} cannot be opened: ${messageOf(error)}`, {
        hint: 'Check the permissions of the data directory and the room on its disk.',
        cause: error,
      });
    }
  }

  ref(descriptor: SeriesDescriptor): SeriesRef | undefined {
    const { name, labels } = descriptor;
    const known = this.#index.find(name, labels);
    if (descriptor.meta !== undefined) this.declare(name, descriptor.meta);
    if (known !== undefined) return known.ref;
    if (!this.#guard.admits(descriptor, this.#index.size)) {
      this.#dropped.series_limit = (this.#dropped.series_limit ?? 0) + 1;
      return undefined;
    }
    const kept: Record<string, string> = {};
    for (const label in labels) if (labels[label] !== '') kept[label] = labels[label] as string;
    const series = new StoredSeries(this.#heads, { ref: this.#byRef.length, name, labels: kept, presence: 'unsaved' });
    this.#adopt(series);
    this.#queue.addSeries(series);
    return series.ref;
  }

  append(batch: SampleBatch): AppendResult {
    const dropped: Partial<Record<DropReason, number>> = {};
    const nowMs = this.#clock.nowMs();
    const oldestMs = this.#classes.times.map(({ rawMs }) => nowMs - rawMs);
    const isFull = this.#queue.waitingBytes > this.#limits.maxWaitingBytes;
    let appended = 0;
    for (let i = 0; i < batch.length; i++) {
      const series = this.#byRef[batch.refs[i] as number];
      const atMs = Math.round(batch.timesMs[i] as number);
      const value = batch.values[i] as number;
      let reason: DropReason | undefined;
      if (series === undefined || !(atMs >= 0)) reason = 'invalid';
      else if (atMs < (oldestMs[series.retentionClass] as number) || atMs <= series.rolledToMs) reason = 'too_old';
      else if (atMs > nowMs + this.#limits.maxFutureMs) reason = 'too_new';
      else if (isFull) reason = 'store_full';
      else if (atMs > series.lastAtMs) this.#take(series, atMs, value);
      else reason = this.#takeLate(series, atMs, value);
      if (reason === undefined) {
        this.#queue.addSample((series as StoredSeries).ref, atMs, value);
        appended++;
        continue;
      }
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
    }
    if (appended > 0) {
      this.#queue.commitSoon();
      if (this.#commitsAlways) this.#guarded(() => this.#queue.commit());
    }
    return { appended, dropped };
  }

  flush(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new BellwetherError('store_unavailable', 'The sample store is closed'));
    return this.#queue.flush();
  }

  *read(selector: Selector, fromMs: number, toMs: number, figure?: Figure): Generator<SeriesView> {
    const reader = this.#reader();
    for (const series of this.#index.select(selector)) {
      const view = reader.read(series, { fromMs, toMs, figure });
      if (view !== undefined) yield view;
    }
  }

  *newest(selector: Selector, fromMs: number, toMs: number): Generator<SeriesView> {
    const reader = this.#reader();
    for (const series of this.#index.select(selector)) {
      if (series.lastAtMs < fromMs) continue;
      const isInHead = series.count > 0 && series.lastAtMs <= toMs;
      const view = isInHead ? reader.readHead(series) : reader.read(series, { fromMs, toMs });
      if (view !== undefined) yield view;
    }
  }

  *summarize(selector: Selector, fromMs: number, toMs: number): Generator<SeriesSummary> {
    const reader = this.#reader();
    for (const series of this.#index.select(selector)) {
      const summary = reader.summarize(series, fromMs, toMs);
      if (summary !== undefined) yield summary;
    }
  }

  #reader(): SeriesReader {
    const onDamage = ({ name }: StoredSeries): void => this.#problems.add(`A damaged chunk of ${name} was left out of a query`);
    const rollups = new RollupReader(this.#database.rollups, onDamage);
    return new SeriesReader({ blocks: this.#blocks, rows: this.#rows, rollups, onDamage });
  }

  series(selector: Selector, fromMs: number, toMs: number): SeriesDescriptor[] {
    const reader = this.#reader();
    return this.#index
      .select(selector)
      .filter((series) => reader.hasSamples(series, fromMs, toMs))
      .map(({ name, labels }) => {
        const meta = this.#metadata.all.get(name);
        return meta === undefined ? { name, labels } : { name, labels, meta };
      });
  }

  names(): string[] {
    return this.#index.names();
  }

  declare(name: string, meta: MetricMeta): void {
    const kept = this.#metadata.declare(name, meta);
    if (kept !== undefined) this.#queue.addMetadata(name, kept);
  }

  metadata(): ReadonlyMap<string, MetricMeta> {
    return this.#metadata.all;
  }

  maintain(nowMs: number): void {
    if (this.#isClosed) return;
    this.#sealIdle(nowMs);
    rewriteLaggards([...this.#index.all()], this.#queue);
    this.#guarded(() => {
      this.#queue.commit();
      this.#rollupWriter.begin(this.#index.all(), nowMs);
      this.#turn(nowMs);
      this.#removeOld(nowMs);
    });
  }

  /** A turn of the work that takes long. */
  #turn(nowMs: number): void {
    if (this.#compactor.isDue(nowMs)) this.#compactor.begin(this.#index.all(), this.#rows.lastEndingBefore(nowMs - this.#lateWindowMs));
    this.#compactor.turn();
    this.#rollupWriter.turn();
    if (!this.#compactor.isBusy && !this.#rollupWriter.isBusy) return;
    this.#nextTurn?.cancel();
    this.#nextTurn = this.#clock.schedule(COMPACT_PAUSE_MS, () => this.#guarded(() => this.#turn(this.#clock.nowMs())));
  }

  /** Runs what may fail now and is tried again by itself later. */
  #guarded(work: () => void): void {
    if (this.#isClosed) return;
    try {
      work();
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'The sample store could not be tidied up; trying again later');
    }
  }

  #removeOld(nowMs: number): void {
    const batchesBelow = oldestNeededBatch(this.#index.all(), this.#queue.nextBatch);
    const blocks = [...this.#blocks.expired((ref, endMs) => (this.#byRef[ref]?.rolledToMs ?? Infinity) >= endMs)];
    if (blocks.length === 0 && !this.#rollupWriter.isBusy && this.#database.usedBytes() > this.#retentionBytes) {
      const { oldest } = this.#blocks;
      if (oldest !== undefined && !this.#rollupWriter.makeRoom(oldest.endMs, nowMs)) blocks.push(oldest.id);
    }
    if (blocks.length > 0) this.#samples -= this.#blocks.forget(blocks);
    const isSwept = this.#compactor.isBusy || (blocks.length === 0 && this.#sweptAfter === this.#rollupWriter.passes);
    if (!isSwept) this.#sweptAfter = this.#rollupWriter.passes;
    const gone = isSwept ? [] : seriesWithoutSamples(this.#index.all(), this.#blocks, this.#database.rollups);
    if (blocks.length > 0 || gone.length > 0 || batchesBelow > this.#removedBelow) {
      this.#database.remove({ batchesBelow, blocks, series: gone.map(({ ref }) => ref) });
      this.#forget(gone);
      this.#removedBelow = batchesBelow;
      this.#queue.forgetBatchesBelow(batchesBelow);
    }
    // Also what a compaction freed since the last time.
    this.#database.giveBackPages();
  }

  /** Series whose last sample is gone: whoever holds their numbers must ask again. */
  #forget(gone: readonly StoredSeries[]): void {
    if (gone.length === 0) return;
    this.#index.removeAll(new Set(gone));
    for (const { ref } of gone) this.#byRef[ref] = undefined;
    for (const series of gone) series.release();
    this.generation++;
  }

  stats(): StoreStats {
    let oldestAtMs = Math.min(this.#blocks.oldestAtMs, this.#rows.oldestAtMs);
    for (const series of this.#index.all()) if (series.count > 0) oldestAtMs = Math.min(oldestAtMs, series.firstAtMs);
    return {
      series: this.#index.size,
      samples: this.#samples,
      bytesOnDisk: this.#isClosed ? 0 : this.#database.sizeBytes(),
      oldestAtMs: oldestAtMs === Infinity ? undefined : oldestAtMs,
      droppedSamples: { ...this.#dropped },
      problems: this.#queue.problem === undefined ? this.#problems.all : [this.#queue.problem, ...this.#problems.all],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.flush();
    } finally {
      this.#isClosed = true;
      this.#nextTurn?.cancel();
      this.#queue.close();
      this.#database.close();
    }
  }

  /** Loads series and sealed chunks, then replays the batches. */
  #load(): void {
    for (const row of this.#database.series()) this.#adopt(new StoredSeries(this.#heads, { ...row, presence: 'saved' }));
    for (const [name, meta] of this.#database.metadata()) this.#metadata.load(name, meta);
    this.#blocks.load(({ ref, endMs }) => {
      const series = this.#byRef[ref];
      if (series !== undefined) series.lastAtMs = series.compactedToMs = endMs;
    });
    this.#samples = this.#blocks.samples;
    this.#rollupWriter.load((ref) => this.#byRef[ref]);
    for (const row of this.#database.sealed()) {
      const isWhole = this.#rows.load(row, (ref, address, times) => {
        const series = this.#byRef[ref];
        if (series === undefined) return;
        series.chunks.push(address);
        series.lastAtMs = Math.max(series.lastAtMs, times.endMs);
        this.#samples += times.count;
      });
      if (!isWhole) this.#problems.add(`Row ${row.id} of sealed chunks is damaged: its samples are lost`);
    }
    for (const { id, data } of this.#database.batches()) {
      if (this.#removedBelow === 0) this.#removedBelow = id;
      this.#queue.nextBatch = id;
      this.#queue.noteBatch(id, data.length);
      const isWhole = decodeBatch(data, (ref, atMs, value) => {
        const series = this.#byRef[ref];
        if (series === undefined) return;
        if (atMs > series.lastAtMs) this.#take(series, atMs, value);
        else this.#takeLate(series, atMs, value);
      });
      if (!isWhole) this.#problems.add(`Write-ahead batch ${id} is damaged: its samples are lost`);
      this.#queue.nextBatch = id + 1;
    }
  }

  #adopt(series: StoredSeries): void {
    series.retentionClass = this.#classes.of(series.name);
    this.#byRef[series.ref] = series;
    this.#index.add(series);
  }

  #take(series: StoredSeries, atMs: number, value: number): void {
    if (series.count === 0) series.firstBatch = this.#queue.nextBatch;
    series.push(atMs, value);
    this.#samples++;
    if (series.count === CHUNK_SAMPLES) this.#seal(series);
  }

  /** Takes a sample older than the newest. @returns why not. */
  #takeLate(series: StoredSeries, atMs: number, value: number): DropReason | undefined {
    if (atMs === series.lastAtMs) return 'duplicate';
    if (atMs < series.lastAtMs - this.#lateWindowMs || atMs <= series.compactedToMs) return 'out_of_order';
    if (series.count > 0 && atMs > series.firstAtMs) {
      if (!series.insert(atMs, value)) return 'duplicate';
      this.#samples++;
      if (series.count === CHUNK_SAMPLES) this.#seal(series);
      return undefined;
    }
    this.#lookup ??= this.#reader();
    if ((series.count > 0 && series.firstAtMs === atMs) || this.#lookup.isSealed(series, atMs)) return 'duplicate';
    series.late ??= new LateSamples(this.#queue.nextBatch);
    if (!series.late.insert(atMs, value)) return 'duplicate';
    this.#samples++;
    if (series.late.count === CHUNK_SAMPLES) this.#sealLate(series, series.late);
    return undefined;
  }

  #sealLate(series: StoredSeries, late: LateSamples): void {
    series.chunks.push(this.#rows.seal(series.ref, late));
    series.late = undefined;
  }

  #seal(series: StoredSeries): void {
    if (series.late !== undefined) this.#sealLate(series, series.late);
    if (series.count === 0) return;
    series.chunks.push(this.#rows.seal(series.ref, series.head()));
    series.count = 0;
  }

  #sealIdle(nowMs: number): void {
    for (const series of this.#index.all()) {
      if (!series.isIdle(nowMs)) continue;
      this.#seal(series);
      series.release();
    }
  }
}
