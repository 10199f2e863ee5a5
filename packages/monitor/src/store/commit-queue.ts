import type { Clock, Timer } from '../base/clock.ts';
import { BellwetherError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { MetricMeta } from '../model/metric.ts';
import { BatchEncoder } from './batch-codec.ts';
import { ByteWriter } from './codec/byte-writer.ts';
import type { OutgoingBatch } from './remote/outgoing-samples.ts';
import type { BlobRow, SamplesDatabase } from './samples-database.ts';
import type { SealedRows } from './sealed-rows.ts';
import { isDiskFull } from './sqlite.ts';
import type { StoredSeries } from './stored-series.ts';

export interface CommitQueueOptions {
  readonly database: SamplesDatabase;
  /** The rows of sealed chunks; the open one is closed by each commit. */
  readonly rows: SealedRows;
  readonly clock: Clock;
  readonly log: Logger;
  /** Longest time a sample waits for its commit, in ms. */
  readonly intervalMs: number;
  /** Whether samples are kept for sending on, too. @default false */
  readonly keepsOutgoing?: boolean;
}

/**
 * What is in memory but not yet on disk, and the group commit that brings it there: one synced transaction for everything that came
 * since the last, at most `intervalMs` after the first of it, or at once on `flush`, which all who call it together share.
 * When the disk refuses, everything waits and is tried again.
 */
export class CommitQueue {
  /** Number that the batch being filled will get. */
  nextBatch = 1;
  readonly #database: SamplesDatabase;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #intervalMs: number;
  readonly #rows: SealedRows;
  readonly #batch = new BatchEncoder(new ByteWriter());
  readonly #outgoing: BatchEncoder | undefined;
  #series: StoredSeries[] = [];
  readonly #metadata = new Map<string, MetricMeta>();
  /** Encoded for commit; more than one of each only while the disk refuses. */
  #waitingBatches: BlobRow[] = [];
  #waitingRows: BlobRow[] = [];
  #waitingOutgoing: OutgoingBatch[] = [];
  #waitingBytes = 0;
  /** Sizes of the batches on disk, oldest first, and their sum. */
  readonly #batchSizes = new Map<number, number>();
  #batchBytes = 0;
  #problem: string | undefined;
  #timer: Timer | undefined;
  #flushing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: CommitQueueOptions) {
    this.#database = options.database;
    this.#rows = options.rows;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#intervalMs = options.intervalMs;
    if (options.keepsOutgoing === true) this.#outgoing = new BatchEncoder(new ByteWriter());
  }

  /** Encoded bytes in memory that are not on disk. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#batch.bytes;
  }
  /** Bytes of the batches on disk that are not removed yet. */
  get batchBytes(): number {
    return this.#batchBytes;
  }

  /** Takes note of a batch that is on disk: written by this process or found at open. */
  noteBatch(id: number, bytes: number): void {
    this.#batchSizes.set(id, bytes);
    this.#batchBytes += bytes;
  }

  forgetBatchesBelow(id: number): void {
    for (const [batch, bytes] of this.#batchSizes) {
      if (batch >= id) return;
      this.#batchSizes.delete(batch);
      this.#batchBytes -= bytes;
    }
  }

  /** The oldest batch such that it and all after it are no longer than `bytes`. */
  newestBatchesWithin(bytes: number): number {
    let older = this.#batchBytes;
    for (const [batch, size] of this.#batchSizes) {
      if (older <= bytes) return batch;
      older -= size;
    }
    return this.nextBatch;
  }

  /** Why nothing can be written at present. */
  get problem(): string | undefined {
    return this.#problem;
  }

  addSample(ref: number, atMs: number, value: number): void {
    this.#batch.add(ref, atMs, value);
    this.#outgoing?.add(ref, atMs, value);
  }
  /** Writes a sample once more, which was added before. */
  repeatSample(ref: number, atMs: number, value: number): void {
    this.#batch.add(ref, atMs, value);
  }
  addSeries(series: StoredSeries): void {
    series.presence = 'unsaved';
    this.#series.push(series);
  }
  addMetadata(name: string, meta: MetricMeta): void {
    this.#metadata.set(name, meta);
  }

  /** Sees to it that everything is committed within the interval. */
  commitSoon(): void {
    if (this.#isClosed) return;
    this.#timer ??= this.#clock.schedule(this.#intervalMs, () => {
      this.#timer = undefined;
      try {
        this.commit();
      } catch {
        // `problem` and the log tell of it; the samples wait in memory for the next attempt.
        this.commitSoon();
      }
    });
  }

  flush(): Promise<void> {
    this.#flushing ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#flushing = undefined;
        try {
          this.commit();
          resolve();
        } catch (error) {
          this.commitSoon();
          reject(error);
        }
      });
    });
    return this.#flushing;
  }

  /** Writes everything that waits; returns when it is on disk. @throws BellwetherError `store_full` | `store_unavailable` */
  commit(): void {
    if (this.#isClosed) return;
    this.#encode();
    const hasBlobs = this.#waitingBatches.length > 0 || this.#waitingRows.length > 0;
    if (!hasBlobs && this.#series.length === 0 && this.#metadata.size === 0) return;
    try {
      const blobs = { batches: this.#waitingBatches, sealed: this.#waitingRows, outgoing: this.#waitingOutgoing };
      this.#database.commit({ series: this.#series, metadata: this.#metadata, ...blobs });
    } catch (error) {
      throw this.#failure(error);
    }
    for (const { id, data } of this.#waitingBatches) this.noteBatch(id, data.length);
    for (const series of this.#series) series.presence = 'saved';
    this.#series = [];
    this.#metadata.clear();
    this.#waitingBatches = [];
    this.#waitingRows = [];
    this.#waitingOutgoing = [];
    this.#waitingBytes = 0;
    if (this.#problem !== undefined) this.#log.info({}, 'Samples are written to disk again');
    this.#problem = undefined;
  }

  /** Stops; what still waits is dropped, so `flush` first. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #encode(): void {
    if (this.#batch.count > 0) {
      const data = this.#batch.finish();
      this.#waitingBatches.push({ id: this.nextBatch++, data });
      this.#waitingBytes += data.length;
    }
    const { count = 0 } = this.#outgoing ?? {};
    if (this.#outgoing !== undefined && count > 0) {
      const data = this.#outgoing.finish();
      this.#waitingOutgoing.push({ atMs: this.#clock.nowMs(), samples: count, data });
      this.#waitingBytes += data.length;
    }
    const row = this.#rows.finish();
    if (row === undefined) return;
    this.#waitingRows.push(row);
    this.#waitingBytes += row.data.length;
  }

  #failure(error: unknown): BellwetherError {
    const isFull = isDiskFull(error);
    const what = isFull ? 'There is no room on disk for samples' : 'Samples cannot be written';
    if (this.#problem === undefined) this.#log.error({ error: messageOf(error) }, `${what}; they are kept in memory and tried again`);
    this.#problem = `${what}: ${messageOf(error)}`;
    return new BellwetherError(isFull ? 'store_full' : 'store_unavailable', this.#problem, {
      hint: 'Free room on the disk of the data directory; writing goes on by itself.',
      cause: error,
    });
  }
}
