import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { HOUR_MS, MINUTE_MS, type RollupWidthMs } from './buckets.ts';
import { rowsOf } from '../sqlite.ts';

export const ROLLUP_SCHEMA = `
  CREATE TABLE IF NOT EXISTS rollups (series INTEGER NOT NULL, width_ms INTEGER NOT NULL, day INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (series, width_ms, day)) WITHOUT ROWID;
`;

/** One day of one series. */
export interface RollupRow {
  /** Days since 1970; its buckets end in `(day, day + 1]`. */
  readonly day: number;
  readonly widthMs: RollupWidthMs;
  readonly data: Uint8Array;
}

/** Where the roll-ups of a series begin and end. */
export interface RollupSpan {
  readonly ref: number;
  /** The newest day rolled up. */
  readonly lastDay: number;
  /** The oldest day by the minute, if any. */
  readonly firstMinuteDay: number | undefined;
}

/** The table of roll-ups: a row a series, day and width. Callers bring the transaction. */
export class RollupTables {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #expire: StatementSync;
  readonly #any: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare('INSERT OR REPLACE INTO rollups (series, width_ms, day, data) VALUES (?, ?, ?, ?)');
    this.#select = db.prepare(`
      SELECT day, width_ms, data FROM rollups WHERE series = ?1 AND width_ms = ${MINUTE_MS} AND day BETWEEN ?2 AND ?3
      UNION ALL SELECT day, width_ms, data FROM rollups AS hours WHERE series = ?1 AND width_ms = ${HOUR_MS} AND day BETWEEN ?2 AND ?3
        AND NOT EXISTS (SELECT 1 FROM rollups WHERE series = ?1 AND width_ms = ${MINUTE_MS} AND day = hours.day)
      ORDER BY day`);
    this.#expire = db.prepare('DELETE FROM rollups WHERE series = ? AND width_ms = ? AND day < ?');
    this.#any = db.prepare('SELECT 1 AS found FROM rollups WHERE series = ? LIMIT 1');
  }

  /** The spans of all series that have any, by a few look-ups a series. */
  *spans(): Generator<RollupSpan> {
    const newest = (widthMs: number): string => `(SELECT max(day) FROM rollups WHERE series = id AND width_ms = ${widthMs})`;
    const oldest = `(SELECT min(day) FROM rollups WHERE series = id AND width_ms = ${MINUTE_MS})`;
    const query = `SELECT id, ${newest(MINUTE_MS)} AS minutes, ${newest(HOUR_MS)} AS hours, ${oldest} AS oldest FROM series`;
    for (const { id, minutes, hours, oldest: first } of rowsOf(this.#db.prepare(query))) {
      if (minutes === null && hours === null) continue;
      const lastDay = Math.max(Number(minutes ?? -1), Number(hours ?? -1));
      yield { ref: Number(id), lastDay, firstMinuteDay: first === null ? undefined : Number(first) };
    }
  }

  insert(ref: number, { day, widthMs, data }: RollupRow): void {
    this.#insert.run(ref, widthMs, day, data);
  }

  /** Days of a series, both ends included, oldest first, by the minute where there is that, else by the hour. */
  *rows(ref: number, fromDay: number, toDay: number): Generator<RollupRow> {
    for (const row of this.#select.iterate(ref, fromDay, toDay)) {
      yield { day: Number(row['day']), widthMs: Number(row['width_ms']) as RollupWidthMs, data: row['data'] as Uint8Array };
    }
  }

  /** Removes a series' days before one. */
  expire(ref: number, widthMs: RollupWidthMs, beforeDay: number): void {
    this.#expire.run(ref, widthMs, beforeDay);
  }

  has(ref: number): boolean {
    return this.#any.get(ref) !== undefined;
  }
}
