import type { Clock } from '../base/clock.ts';
import type { BlockStore, BlockMember } from './block-store.ts';
import { encodeBlockChunk, encodeMembers } from './block-store.ts';
import { ByteWriter } from './codec/byte-writer.ts';
import { ChunkSealer, type TimeColumn } from './codec/chunk-record.ts';
import type { SamplesDatabase } from './samples-database.ts';
import type { ChunkAddress, SealedRows } from './sealed-rows.ts';
import type { SeriesReader } from './series-reader.ts';
import type { StoredSeries } from './stored-series.ts';

/** A block being written. */
interface OpenBlock {
  readonly id: number;
  readonly columns: Map<TimeColumn, number>;
  readonly members: BlockMember[];
  startMs: number;
  endMs: number;
  samples: number;
}
/** A compaction under way. */
interface Job {
  /** Rows of sealed chunks that it replaces: all up to this one. */
  readonly lastRow: number;
  readonly series: readonly StoredSeries[];
  next: number;
  /** One for each kind of retention, so that all of a block goes at the same time. */
  readonly blocks: Map<number, OpenBlock>;
  nextBlock: number;
}

export interface CompactorOptions {
  readonly database: SamplesDatabase;
  readonly blocks: BlockStore;
  readonly rows: SealedRows;
  readonly clock: Clock;
  /** Reads sealed chunks. */
  readonly reader: () => SeriesReader;
}

/** How long one call may work, in ms: the engine's thread has other things to do. */
const TURN_MS = 40;
/** Pause between two calls, in ms: a compaction takes a tenth of the thread while it lasts. */
export const COMPACT_PAUSE_MS = 400;
/** Age of the oldest row of sealed chunks at which they are joined into long ones, in ms. */
const COMPACT_AFTER_MS = 7_200_000;

/**
 * Joins the short chunks kept in memory into one long chunk a series on disk: fewer headers, longer columns, and the memory is free again.
 * A block is written in several transactions of bounded work; the last one makes it count and removes the rows it replaces, so that a
 * kill in between costs only the work.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  readonly #writer = new ByteWriter();
  #sealer = new ChunkSealer();
  #job: Job | undefined;

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  /** Whether the oldest row of sealed chunks is so old that they should be joined. */
  isDue(nowMs: number): boolean {
    const { oldestRowEndMs } = this.#options.rows;
    return !this.isBusy && oldestRowEndMs !== undefined && oldestRowEndMs < nowMs - COMPACT_AFTER_MS;
  }

  /** Begins to compact the chunks of all rows up to `lastRow`, which must be on disk. */
  begin(series: Iterable<StoredSeries>, lastRow: number): void {
    this.#options.database.inTransaction(() => this.#options.database.blocks.removeUnfinished());
    this.#sealer = new ChunkSealer();
    this.#job = {
      lastRow,
      series: [...series].sort((a, b) => a.ref - b.ref),
      next: 0,
      blocks: new Map(),
      nextBlock: this.#options.blocks.nextId,
    };
  }

  /** Goes on for a turn. @returns the last row replaced when the block is complete. @throws SQLite's error; then the compaction is given up. */
  turn(): number | undefined {
    const job = this.#job;
    // What a failed transaction took back must not be taken for done, so a failure ends the job.
    this.#job = undefined;
    if (job === undefined) return undefined;
    const replaced = this.#work(job);
    if (replaced === undefined) this.#job = job;
    return replaced;
  }

  #work(job: Job): number | undefined {
    const { clock, database } = this.#options;
    const startedMs = clock.monotonicMs();
    const reader = this.#options.reader();
    database.inTransaction(() => {
      while (job.next < job.series.length) {
        this.#compact(job, job.series[job.next++] as StoredSeries, reader);
        if (job.next % 16 === 0 && clock.monotonicMs() - startedMs > TURN_MS) return;
      }
    });
    return job.next === job.series.length ? this.#finish(job) : undefined;
  }

  #compact(job: Job, series: StoredSeries, reader: SeriesReader): void {
    const chunks = this.#compacted(series, job.lastRow);
    const view = chunks.length === 0 ? undefined : reader.readChunks(series, chunks);
    if (view === undefined) return;
    const chunk = this.#sealer.seal(view.timesMs, view.values, view.length);
    const into = blockFor(series, job);
    let column = into.columns.get(chunk.times);
    const { blocks } = this.#options.database;
    if (column === undefined) {
      into.columns.set(chunk.times, (column = into.columns.size));
      this.#writer.blob(chunk.times.bytes);
      blocks.insertTimes(into.id, column, this.#writer.finish());
    }
    blocks.insertChunk(into.id, series.ref, encodeBlockChunk(this.#writer, column, chunk));
    into.members.push({ ref: series.ref, endMs: chunk.times.endMs });
    into.startMs = Math.min(into.startMs, chunk.times.startMs);
    into.endMs = Math.max(into.endMs, chunk.times.endMs);
    into.samples += view.length;
  }

  #finish(job: Job): number {
    const { database, blocks } = this.#options;
    const { lastRow } = job;
    const made = [...job.blocks.values()];
    database.inTransaction(() => {
      for (const { id, startMs, endMs, samples, members } of made)
        database.blocks.insertBlock({ id, startMs, endMs, samples, members: encodeMembers(members, endMs) });
      database.removeSealedUpTo(lastRow);
    });
    for (const { id, startMs, endMs, samples, members } of made)
      blocks.add({ id, startMs, endMs, samples, refs: Uint32Array.from(members, ({ ref }) => ref) });
    const ends = new Map(made.flatMap(({ members }) => members.map(({ ref, endMs }) => [ref, endMs] as const)));
    for (const series of job.series) {
      series.chunks.splice(0, this.#compacted(series, lastRow).length);
      series.compactedToMs = ends.get(series.ref) ?? series.compactedToMs;
    }
    this.#options.rows.forgetUpTo(lastRow);
    return lastRow;
  }

  /** The series' chunks that are in rows up to `lastRow`: its oldest ones. */
  #compacted({ chunks }: StoredSeries, lastRow: number): readonly ChunkAddress[] {
    const { rows } = this.#options;
    const end = chunks.findIndex((address) => rows.rowId(address) > lastRow);
    return end < 0 ? chunks : chunks.slice(0, end);
  }
}

function blockFor({ retentionClass }: StoredSeries, job: Job): OpenBlock {
  let block = job.blocks.get(retentionClass);
  if (block === undefined) {
    block = { id: job.nextBlock++, columns: new Map(), members: [], startMs: Infinity, endMs: 0, samples: 0 };
    job.blocks.set(retentionClass, block);
  }
  return block;
}
