import { renameSync, rmSync, statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { messageOf } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import type { MetricKind, MetricMeta } from '../model/metric.ts';
import { BLOCK_SCHEMA, BlockTables, renewChunkTable } from './block-tables.ts';
import { OUTGOING_SCHEMA, OutgoingSamples, type OutgoingBatch } from './remote/outgoing-samples.ts';
import { ROLLUP_SCHEMA, RollupTables } from './rollup/rollup-tables.ts';
import { isDamage, openDatabase, rowsOf } from './sqlite.ts';

export interface SeriesRow {
  readonly ref: number;
  readonly name: string;
  readonly labels: Labels;
}
export interface BlobRow {
  readonly id: number;
  readonly data: Uint8Array;
}
/** Everything one commit writes, all or nothing. */
export interface SamplesCommit {
  readonly series: readonly SeriesRow[];
  readonly metadata: ReadonlyMap<string, MetricMeta>;
  readonly batches: readonly BlobRow[];
  readonly sealed: readonly BlobRow[];
  readonly outgoing: readonly OutgoingBatch[];
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS metadata (name TEXT PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, help TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS sealed_rows (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  ${OUTGOING_SCHEMA}
  ${BLOCK_SCHEMA}
  ${ROLLUP_SCHEMA}
`;
/** Tables and the columns that order them. */
const TABLES = {
  series: 'id',
  metadata: 'name',
  batches: 'id',
  sealed_rows: 'id',
  outgoing: 'id',
  blocks: 'id',
  chunks: 'id',
  times: 'block, id',
  rollups: 'series, width_ms, day',
} as const;
const PAGE_BYTES = 16_384;
/** Nobody else writes this file; waiting long would hold up the whole engine. */
const BUSY_TIMEOUT_MS = 100;
/** Small enough that the log stays a small part of the whole. */
const CHECKPOINT_PAGES = 64;
/** Free pages that are never worth moving others for. */
const MIN_FREE_PAGES = 16;

/**
 * The file behind the embedded store: names of series, write-ahead batches and rows of sealed chunks, all blobs opaque to it.
 * A damaged file is moved aside as `….damaged` at open, and every row that can still be read is carried over.
 */
export class SamplesDatabase {
  readonly blocks: BlockTables;
  readonly outgoing: OutgoingSamples;
  readonly rollups: RollupTables;
  readonly #path: string;
  readonly #onProblem: (problem: string) => void;
  readonly #db: DatabaseSync;
  readonly #insertSeries: StatementSync;
  readonly #insertMetadata: StatementSync;
  readonly #insertBatch: StatementSync;
  readonly #insertSealed: StatementSync;

  constructor(path: string, onProblem: (problem: string) => void) {
    this.#path = path;
    this.#onProblem = onProblem;
    this.#db = openOrSalvage(path, onProblem);
    this.blocks = new BlockTables(this.#db);
    this.outgoing = new OutgoingSamples(this.#db);
    this.rollups = new RollupTables(this.#db);
    this.#insertSeries = this.#db.prepare('INSERT OR REPLACE INTO series (id, name, labels) VALUES (?, ?, ?)');
    this.#insertMetadata = this.#db.prepare('INSERT OR REPLACE INTO metadata (name, kind, unit, help) VALUES (?, ?, ?, ?)');
    this.#insertBatch = this.#db.prepare('INSERT INTO batches (id, data) VALUES (?, ?)');
    this.#insertSealed = this.#db.prepare('INSERT INTO sealed_rows (id, data) VALUES (?, ?)');
  }

  *series(): Generator<SeriesRow> {
    for (const row of rowsOf(this.#db.prepare('SELECT id, name, labels FROM series ORDER BY id'))) {
      const ref = Number(row['id']);
      const name = String(row['name']);
      yield { ref, name, labels: parseLabels(String(row['labels'])) ?? this.#withoutLabels(ref, name) };
    }
  }
  /** The number must stay taken, and the samples are whole. */
  #withoutLabels(ref: number, name: string): Labels {
    this.#onProblem(`The labels of series ${ref} of ${name.slice(0, 200)} are damaged: its samples are kept under damaged="${ref}"`);
    return { damaged: String(ref) };
  }
  *metadata(): Generator<[string, MetricMeta]> {
    for (const row of rowsOf(this.#db.prepare('SELECT name, kind, unit, help FROM metadata'))) {
      yield [String(row['name']), { kind: row['kind'] as MetricKind, unit: String(row['unit']), help: String(row['help']) }];
    }
  }
  batches(): Generator<BlobRow> {
    return this.#blobs('SELECT id, data FROM batches ORDER BY id');
  }
  sealed(): Generator<BlobRow> {
    return this.#blobs('SELECT id, data FROM sealed_rows ORDER BY id');
  }

  /** Resolves nothing, waits for the disk: when it returns, everything is synced. @throws SQLite's error; then nothing was written. */
  commit(commit: SamplesCommit): void {
    this.inTransaction(() => {
      for (const { ref, name, labels } of commit.series) this.#insertSeries.run(ref, name, JSON.stringify(labels));
      for (const [name, { kind, unit, help }] of commit.metadata) this.#insertMetadata.run(name, kind, unit, help);
      for (const { id, data } of commit.batches) this.#insertBatch.run(id, data);
      for (const { id, data } of commit.sealed) this.#insertSealed.run(id, data);
      for (const batch of commit.outgoing) this.outgoing.add(batch);
    });
  }

  /** Removes batches numbered below `batchId`, these blocks and these series. */
  remove(what: { readonly batchesBelow: number; readonly blocks: readonly number[]; readonly series: readonly number[] }): void {
    this.inTransaction(() => {
      this.#db.prepare('DELETE FROM batches WHERE id < ?').run(what.batchesBelow);
      for (const id of what.blocks) this.blocks.remove(id);
      const series = this.#db.prepare('DELETE FROM series WHERE id = ?');
      for (const id of what.series) series.run(id);
    });
  }

  /** Callers bring the transaction. */
  removeSealedUpTo(id: number): void {
    this.#db.prepare('DELETE FROM sealed_rows WHERE id <= ?').run(id);
  }

  /** Bytes of the file that are in use: without its free pages. */
  usedBytes(): number {
    return (this.#read('page_count') - this.#read('freelist_count')) * this.#read('page_size');
  }

  #read(pragma: string): number {
    return Number(Object.values(this.#db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0);
  }

  /** Once free pages are more than a twentieth of the file, gives them back to the disk, but for a few that the next commits will want. */
  giveBackPages(): void {
    const free = this.#read('freelist_count');
    const pages = this.#read('page_count');
    if (free > Math.max(MIN_FREE_PAGES, pages / 20))
      this.#db.exec(`PRAGMA incremental_vacuum(${free - Math.ceil(pages / 50)}); PRAGMA wal_checkpoint(TRUNCATE)`);
  }

  /** Bytes of the file and its log. */
  sizeBytes(): number {
    if (this.#path === ':memory:') {
      const row = this.#db.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()').get();
      return Number(row?.['bytes'] ?? 0);
    }
    return fileBytes(this.#path) + fileBytes(`${this.#path}-wal`);
  }

  close(): void {
    this.#db.close();
  }

  *#blobs(query: string): Generator<BlobRow> {
    for (const row of rowsOf(this.#db.prepare(query))) yield { id: Number(row['id']), data: row['data'] as Uint8Array };
  }

  /** All or nothing, synced. @throws what `work` throws, or SQLite's error. */
  inTransaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function parseLabels(json: string): Labels | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
      ? (value as Labels)
      : undefined;
  } catch {
    return undefined;
  }
}

function openSamples(path: string): DatabaseSync {
  const database = openDatabase(path, { pageBytes: PAGE_BYTES, busyTimeoutMs: BUSY_TIMEOUT_MS, givesBackPages: true });
  try {
    database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
    renewChunkTable(database);
    database.exec(SCHEMA);
    const check = database.prepare('PRAGMA quick_check(1)').get();
    if (check?.['quick_check'] !== 'ok') throw Object.assign(new Error(String(check?.['quick_check'])), { errcode: 11 });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function openOrSalvage(path: string, onProblem: (problem: string) => void): DatabaseSync {
  try {
    return openSamples(path);
  } catch (error) {
    if (path === ':memory:' || !isDamage(error)) throw error;
    const aside = `${path}.damaged`;
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(aside + suffix, { force: true });
      if (fileBytes(path + suffix) > 0) renameSync(path + suffix, aside + suffix);
      rmSync(path + suffix, { force: true });
    }
    const database = openSamples(path);
    const saved = salvage(aside, database);
    onProblem(`${path} was damaged (${messageOf(error)}): ${saved} rows were carried over, the damaged file is kept as ${aside}`);
    return database;
  }
}

/** Copies every row that can be read, from the front and, past a damaged place, from the back. */
function salvage(aside: string, into: DatabaseSync): number {
  let saved = 0;
  let source: DatabaseSync;
  try {
    source = openDatabase(aside, { journal: 'delete' });
  } catch {
    return 0;
  }
  into.exec('BEGIN');
  for (const table of Object.keys(TABLES) as (keyof typeof TABLES)[]) {
    for (const order of ['ASC', 'DESC']) saved += copyRows(source, into, { table, order });
  }
  into.exec('COMMIT');
  source.close();
  return saved;
}

function copyRows(source: DatabaseSync, into: DatabaseSync, what: { readonly table: keyof typeof TABLES; readonly order: string }): number {
  let copied = 0;
  try {
    const order = TABLES[what.table].replaceAll(/$|,/g, ` ${what.order}$&`);
    for (const row of rowsOf(source.prepare(`SELECT * FROM ${what.table} ORDER BY ${order}`))) {
      const columns = Object.keys(row);
      const insert = `INSERT OR IGNORE INTO ${what.table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
      const { changes } = into.prepare(insert).run(...Object.values(row));
      if (Number(changes) === 0 && what.order === 'DESC') break;
      copied += Number(changes);
    }
  } catch {
    // The rest of the table cannot be read from this end.
  }
  return copied;
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
