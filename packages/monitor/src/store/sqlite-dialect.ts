import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { BellwetherError, messageOf } from '../base/errors.ts';
import { isDiskFull } from './sqlite.ts';

/** Node before 22.16 cannot be asked for the columns of a statement; ours are plain enough to be told by their text. */
function returnsRows(statement: StatementSync, sql: string): boolean {
  const { columns } = statement as { readonly columns?: unknown };
  if (typeof columns === 'function') return statement.columns().length > 0;
  return /^\s*(?:select|with|values|pragma|explain)\b|\breturning\b/i.test(sql);
}

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** Texts kept prepared. The state is asked in some sixty ways; what is beyond is rare. */
const MOST_PREPARED = 128;
/** Statements that name hundreds of rows are seldom asked twice. */
const LONGEST_PREPARED = 2000;

/** Hears how each write went: with SQLite's error when there was no room for it on disk, with `undefined` when it was done. */
export type WriteListener = (refusal: unknown) => void;

function refused(cause: unknown): BellwetherError {
  return new BellwetherError('state_unavailable', `State could not be written: ${messageOf(cause)}`, {
    hint: 'Make room on the disk of the data directory; nothing of this change was kept.',
    cause,
  });
}

/** The one connection of a synchronous database, behind Kysely's asynchronous interface. Keeps statements prepared: that is most of a short one's cost. */
class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #onWrite: WriteListener;
  /** Least recently used first. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync, onWrite: WriteListener) {
    this.#database = database;
    this.#onWrite = onWrite;
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    this.#prepared.delete(sql);
    const statement = known?.statement ?? this.#database.prepare(sql);
    const prepared = known ?? { statement, returnsRows: returnsRows(statement, sql) };
    if (sql.length <= LONGEST_PREPARED) this.#prepared.set(sql, prepared);
    const [oldest] = this.#prepared.size > MOST_PREPARED ? this.#prepared.keys() : [];
    if (oldest !== undefined) this.#prepared.delete(oldest);
    return prepared;
  }

  /** @throws BellwetherError `state_unavailable` when the disk is full; SQLite's own error otherwise */
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const values = parameters as SQLInputValue[];
    try {
      const { statement, returnsRows: hasRows } = this.#prepare(sql);
      if (hasRows) return { rows: statement.all(...values) as R[] };
      const { changes, lastInsertRowid } = statement.run(...values);
      if (Number(changes) > 0) this.#onWrite(undefined);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#onWrite(error);
      throw refused(error);
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new TypeError('State is small: its queries are not streamed');
  }
}

/** Hands the connection to one user after another, so that no statement slips into another's transaction. */
class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(database: DatabaseSync, onWrite: WriteListener) {
    this.#database = database;
    this.#connection = new SqliteConnection(database, onWrite);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#free = promise;
    await before;
    this.#release = resolve;
    return this.#connection;
  }
  async releaseConnection(): Promise<void> {
    this.#release();
  }
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }
  /** A full disk has SQLite roll back by itself; that there is nothing left to roll back must not hide why. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback')).catch((error: unknown) => {
      if (!/no transaction is active/.test(messageOf(error))) throw error;
    });
  }
  async destroy(): Promise<void> {
    await this.#free;
    this.#database.close();
  }
}

/** Kysely over the built-in `node:sqlite`: no native add-on to compile. Destroying the Kysely instance closes the database. */
export class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync;
  readonly #onWrite: WriteListener;

  /** @param onWrite @default nobody hears */
  constructor(database: DatabaseSync, onWrite: WriteListener = () => {}) {
    this.#database = database;
    this.#onWrite = onWrite;
  }
  createDriver(): Driver {
    return new SqliteDriver(this.#database, this.#onWrite);
  }
  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }
  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}
