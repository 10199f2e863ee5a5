import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from './state-tables.ts';

/**
 * Small, precious state: alerts, silences, outbox, recommendations, dashboards, tokens, audit. Every statement runs in a transaction and
 * is on disk when its promise resolves. Implementations (SQLite here, PostgreSQL by URL) pass `stateStoreContract`.
 */
export interface StateStore extends AsyncDisposable {
  /** Damage found at opening and what was done about it; empty when all is well. */
  readonly problems: readonly string[];
  /** For reads and single statements. */
  readonly db: Kysely<StateTables>;
  /** All or nothing. Transactions of one store run one after another. @throws BellwetherError `state_unavailable` | `state_conflict` */
  transaction<T>(work: (tx: Transaction<StateTables>) => Promise<T>): Promise<T>;
}
