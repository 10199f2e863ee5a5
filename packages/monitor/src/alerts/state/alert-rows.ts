import type { Transaction } from 'kysely';
import type { AlertHistoryRow, AlertRow, OutboxRow, StateTables } from '../../store/state-tables.ts';

/** SQLite takes 32,766 variables a statement. */
const ROWS_AT_ONCE = 500;

/** Rows are made a portion at a time: a storm of 100,000 alerts is never in memory as text. */
export type LazyRow<Row> = () => Row;

function* portions<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) yield rows.slice(at, at + ROWS_AT_ONCE);
}

export async function deleteAlerts(tx: Transaction<StateTables>, ids: readonly string[]): Promise<void> {
  for (const some of portions(ids)) await tx.deleteFrom('alerts').where('id', 'in', some).execute();
}

export async function upsertAlerts(tx: Transaction<StateTables>, rows: readonly LazyRow<AlertRow>[]): Promise<void> {
  for (const some of portions(rows)) {
    await tx
      .insertInto('alerts')
      .values(some.map((row) => row()))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          rule: row.ref('excluded.rule'),
          labels_json: row.ref('excluded.labels_json'),
          state_json: row.ref('excluded.state_json'),
          updated_at_ms: row.ref('excluded.updated_at_ms'),
        })),
      )
      .execute();
  }
}

export async function insertHistory(tx: Transaction<StateTables>, rows: readonly LazyRow<AlertHistoryRow>[]): Promise<void> {
  for (const some of portions(rows))
    await tx
      .insertInto('alert_history')
      .values(some.map((row) => row()))
      .execute();
}

export async function insertOutbox(tx: Transaction<StateTables>, rows: readonly OutboxRow[]): Promise<void> {
  for (const some of portions(rows)) await tx.insertInto('outbox').values(some).execute();
}
