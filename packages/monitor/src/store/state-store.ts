import type { Kysely, Transaction } from 'kysely';
import type { StateTables } from './state-tables.ts';

/**
 * Small, precious state: alerts, silences, outbox, recommendations, dashboards, tokens, audit. Every statement runs in a transaction and
 * is on disk when its promise resolves. Implementations (SQLite here, PostgreSQL by URL) pass `stateStoreContract`.
 */
export interface StateStore extends AsyncDisposable {
  /** Names this server among those that share the state; '' when nobody does. What a server keeps for itself carries it. */
  readonly server: string;
  /** Damage found at opening and what was done about it, or why state cannot be reached or written now; empty when all is well. */
  readonly problems: readonly string[];
  /** For reads and single statements. They throw BellwetherError `state_unavailable` as transactions do. */
  readonly db: Kysely<StateTables>;
  /** All or nothing. Transactions run one after another, those of other servers on the same state too. @throws BellwetherError `state_unavailable` | `state_conflict` */
  transaction<T>(work: (tx: Transaction<StateTables>) => Promise<T>): Promise<T>;
}
