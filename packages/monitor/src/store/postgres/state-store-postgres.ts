import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { BellwetherError, messageOf } from '../../base/errors.ts';
import { migrate } from '../state-migrations.ts';
import type { StateStore } from '../state-store.ts';
import type { StateTables } from '../state-tables.ts';
import { CodedPool } from './coded-pool.ts';

export interface PostgresStateStoreOptions {
  /** `postgresql://user:password@host:port/database`, with `pg`'s parameters such as `sslmode`. */
  readonly url: string;
  readonly clock: Clock;
  /** Names this server among those that share the state, the same over restarts. Not empty. */
  readonly server: string;
}

const MOST_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5000;
/** A server that hangs in the middle of a transaction must not hold up the others for longer. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** When not even the refusal comes back. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Any two numbers that nobody else in the database uses: the names of the locks. */
const LOCK_SPACE = 0x62656c6c;
const MIGRATION_LOCK = 1;
const TRANSACTION_LOCK = 2;

/**
 * State in PostgreSQL, shared by several servers. Transactions of all of them run one after another, by an advisory lock that ends with the
 * transaction: the promise SQLite keeps by being one file, so that no code above needs to know which of the two it writes to. State is small
 * and seldom written; a transaction is a few round trips.
 */
class PostgresStateStore implements StateStore {
  readonly db: Kysely<StateTables>;
  readonly server: string;
  readonly #pool: CodedPool;
  /** The transaction before this one; others of this process must not hold connections while they wait. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(db: Kysely<StateTables>, pool: CodedPool, server: string) {
    this.db = db;
    this.#pool = pool;
    this.server = server;
  }

  get problems(): readonly string[] {
    return this.#pool.problem === undefined ? [] : [this.#pool.problem];
  }

  transaction<T>(work: (tx: Transaction<StateTables>) => Promise<T>): Promise<T> {
    const run = (): Promise<T> =>
      this.db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_SPACE)}, ${sql.lit(TRANSACTION_LOCK)})`.execute(tx);
        return await work(tx);
      });
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.db.destroy();
  }
}

async function openPool(url: string): Promise<CodedPool> {
  const pg = await import('pg').catch((error: unknown) => {
    throw new BellwetherError('config_invalid', 'BELLWETHER_STATE_URL needs the package pg: npm install pg', { cause: error });
  });
  const { Pool, types } = pg.default;
  const pool = new Pool({
    connectionString: url,
    application_name: 'bellwether',
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    allowExitOnIdle: true,
    types: {
      // Instants are far from where a number loses digits.
      getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
    },
  });
  return new CodedPool(pool);
}

/** One server brings the schema to its newest version, the others wait. */
async function migrateAlone(db: Kysely<StateTables>, nowMs: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_SPACE)}, ${sql.lit(MIGRATION_LOCK)})`.execute(tx);
    await migrate(tx, nowMs);
  });
}

/**
 * Opens state in PostgreSQL, making its tables on first use.
 * @throws BellwetherError `config_invalid` when `pg` is not installed | `state_unavailable`, one line that names BELLWETHER_STATE_URL, never its password.
 */
export async function openPostgresStateStore({ url, clock, server }: PostgresStateStoreOptions): Promise<StateStore> {
  if (server === '') throw new RangeError('A server that shares its state needs a name');
  const pool = await openPool(url);
  const db = new Kysely<StateTables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrateAlone(db, clock.nowMs());
    return new PostgresStateStore(db, pool, server);
  } catch (error) {
    await db.destroy().catch(() => {});
    const { hostname, port, pathname } = new URL(url);
    const place = `${hostname}:${port === '' ? '5432' : port}${pathname}`;
    const why = messageOf(error).replace(/^State cannot be read or written: /, '');
    throw new BellwetherError('state_unavailable', `BELLWETHER_STATE_URL: state in PostgreSQL at ${place} cannot be used: ${why}`, {
      hint: 'Start the server, or correct user, password and database in the URL.',
      cause: error,
    });
  }
}
