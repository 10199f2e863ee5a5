import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { rowsOf } from './sqlite.ts';

/** One compaction's worth of long chunks: when it reaches from and to, and which series are in it. */
export interface BlockRow {
  readonly id: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly samples: number;
  /** See `encodeMembers` in block-store.ts. */
  readonly members: Uint8Array;
}

/** A chunk's id is its block times this plus its series. One number, since SQLite fills the pages of such a table when it only grows, and leaves a tenth free of one with two. */
const SERIES_OF_A_BLOCK = 2 ** 32;

export const BLOCK_SCHEMA = `
  CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, samples INTEGER NOT NULL, members BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS times (block INTEGER NOT NULL, id INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (block, id)) WITHOUT ROWID;
`;

/** Brings the table of chunks into today's form where it was made with block and series as two columns. */
export function renewChunkTable(db: DatabaseSync): void {
  if (db.prepare("SELECT 1 FROM pragma_table_info('chunks') WHERE name = 'block'").get() === undefined) return;
  db.exec(`BEGIN; ALTER TABLE chunks RENAME TO former_chunks; ${BLOCK_SCHEMA}
    INSERT INTO chunks (id, data) SELECT block * ${SERIES_OF_A_BLOCK} + series, data FROM former_chunks ORDER BY block, series;
    DROP TABLE former_chunks; COMMIT`);
}

/** The tables of long chunks. A block counts only once its row in `blocks` is there, which is written last. Callers bring the transaction. */
export class BlockTables {
  readonly #db: DatabaseSync;
  readonly #insertChunk: StatementSync;
  readonly #insertTimes: StatementSync;
  readonly #selectChunk: StatementSync;
  readonly #selectTimes: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insertChunk = db.prepare('INSERT OR REPLACE INTO chunks (id, data) VALUES (?, ?)');
    this.#insertTimes = db.prepare('INSERT OR REPLACE INTO times (block, id, data) VALUES (?, ?, ?)');
    this.#selectChunk = db.prepare('SELECT data FROM chunks WHERE id = ?');
    this.#selectTimes = db.prepare('SELECT data FROM times WHERE block = ? AND id = ?');
  }

  *list(): Generator<BlockRow> {
    for (const row of rowsOf(this.#db.prepare('SELECT id, start_ms, end_ms, samples, members FROM blocks ORDER BY id'))) {
      yield {
        id: Number(row['id']),
        startMs: Number(row['start_ms']),
        endMs: Number(row['end_ms']),
        samples: Number(row['samples']),
        members: row['members'] as Uint8Array,
      };
    }
  }

  insertChunk(block: number, series: number, data: Uint8Array): void {
    this.#insertChunk.run(block * SERIES_OF_A_BLOCK + series, data);
  }
  insertTimes(block: number, id: number, data: Uint8Array): void {
    this.#insertTimes.run(block, id, data);
  }
  insertBlock({ id, startMs, endMs, samples, members }: BlockRow): void {
    this.#db
      .prepare('INSERT INTO blocks (id, start_ms, end_ms, samples, members) VALUES (?, ?, ?, ?, ?)')
      .run(id, startMs, endMs, samples, members);
  }

  chunk(block: number, series: number): Uint8Array | undefined {
    return this.#selectChunk.get(block * SERIES_OF_A_BLOCK + series)?.['data'] as Uint8Array | undefined;
  }
  times(block: number, id: number): Uint8Array | undefined {
    return this.#selectTimes.get(block, id)?.['data'] as Uint8Array | undefined;
  }

  remove(block: number): void {
    const from = block * SERIES_OF_A_BLOCK;
    this.#db.prepare('DELETE FROM chunks WHERE id >= ? AND id < ?').run(from, from + SERIES_OF_A_BLOCK);
    this.#db.prepare('DELETE FROM times WHERE block = ?').run(block);
    this.#db.prepare('DELETE FROM blocks WHERE id = ?').run(block);
  }
  /** Removes what a compaction that did not come to its end left behind. */
  removeUnfinished(): void {
    const last = 'coalesce((SELECT max(id) FROM blocks), 0)';
    this.#db.exec(`DELETE FROM chunks WHERE id >= (${last} + 1) * ${SERIES_OF_A_BLOCK}; DELETE FROM times WHERE block > ${last}`);
  }
}
