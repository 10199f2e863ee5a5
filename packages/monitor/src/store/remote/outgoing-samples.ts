import type { DatabaseSync } from 'node:sqlite';
import { decodeBatch } from '../batch-codec.ts';
import { rowsOf } from '../sqlite.ts';

export const OUTGOING_SCHEMA =
  'CREATE TABLE IF NOT EXISTS outgoing (id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, samples INTEGER NOT NULL, data BLOB NOT NULL);';

/** Samples of one commit, to be sent on. */
export interface OutgoingBatch {
  readonly atMs: number;
  readonly samples: number;
  readonly data: Uint8Array;
}

/** Samples in columns, in the order they were taken. */
export interface OutgoingColumns {
  /** Number of the last batch they are of. */
  readonly lastId: number;
  /** When the first of them was committed. */
  readonly atMs: number;
  readonly refs: readonly number[];
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/**
 * Samples that are to be sent to another engine, in the order they were taken, late ones too: a table beside the write-ahead batches, written
 * in the same transaction, so that whatever is acknowledged is also on its way. Rows leave it when somebody else has the samples for good: what
 * is in it when a program starts is what must be sent again.
 */
export class OutgoingSamples {
  readonly #db: DatabaseSync;

  /** @param db has `OUTGOING_SCHEMA`. */
  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Callers bring the transaction. */
  add({ atMs, samples, data }: OutgoingBatch): void {
    this.#db.prepare('INSERT INTO outgoing (at_ms, samples, data) VALUES (?, ?, ?)').run(atMs, samples, data);
  }

  /** Whole batches after one and up to another, about `mostSamples` of them; `undefined` when there are none. A damaged batch is passed over. */
  read(between: { readonly afterId: number; readonly upToId: number }, mostSamples: number): OutgoingColumns | undefined {
    const refs: number[] = [];
    const timesMs: number[] = [];
    const values: number[] = [];
    let lastId: number | undefined;
    let firstAtMs = 0;
    const query = 'SELECT id, at_ms, data FROM outgoing WHERE id > ? AND id <= ? ORDER BY id';
    for (const row of rowsOf(this.#db.prepare(query), between.afterId, between.upToId)) {
      if (lastId === undefined) firstAtMs = Number(row['at_ms']);
      lastId = Number(row['id']);
      decodeBatch(row['data'] as Uint8Array, (ref, atMs, value) => {
        refs.push(ref);
        timesMs.push(atMs);
        values.push(value);
      });
      if (refs.length >= mostSamples) break;
    }
    return lastId === undefined ? undefined : { lastId, atMs: firstAtMs, refs, timesMs, values };
  }

  forgetUpTo(id: number): void {
    this.#db.prepare('DELETE FROM outgoing WHERE id <= ?').run(id);
  }

  /** Gives up what was committed before then. @returns the number of samples in it */
  expire(beforeMs: number): number {
    const oldestAtMs = this.oldestAtMs(0);
    if (oldestAtMs === undefined || oldestAtMs >= beforeMs) return 0;
    const row = this.#db.prepare('SELECT max(id) AS id, sum(samples) AS samples FROM outgoing WHERE at_ms < ?').get(beforeMs);
    this.forgetUpTo(Number(row?.['id']));
    return Number(row?.['samples']);
  }

  /** When the first batch after `afterId` was committed. */
  oldestAtMs(afterId: number): number | undefined {
    const row = this.#db.prepare('SELECT at_ms FROM outgoing WHERE id > ? ORDER BY id LIMIT 1').get(afterId);
    return row === undefined ? undefined : Number(row['at_ms']);
  }
}
