import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
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
import { messageOf } from '../base/errors.ts';
import type { WriteCondition } from './write-condition.ts';

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

/** The one connection of a synchronous database, behind Kysely's asynchronous interface. Keeps statements prepared: that is most of a short one's cost. */
class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #condition: WriteCondition;
  /** Least recently used first. */
  readonly #prepared = new Map<string, Prepared>();
  #isInTransaction = false;
  /** Whether the transaction has written anything: only then does its end say that the disk takes writes. */
  #hasWritten = false;

  constructor(database: DatabaseSync, condition: WriteCondition) {
    this.#database = database;
    this.#condition = condition;
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

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const result = this.#run<R>(query);
      if ((result.numAffectedRows ?? 0n) > 0n) this.#wrote();
      return result;
    } catch (error) {
      throw this.#condition.refused(error);
    }
  }

  begin(): void {
    this.#control('begin immediate');
    this.#isInTransaction = true;
    this.#hasWritten = false;
  }

  commit(): void {
    this.#control('commit');
    this.#isInTransaction = false;
    if (this.#hasWritten) this.#wrote();
  }

  /** A full disk rolls back by itself: to do so again is no failure, and must not hide the first one. */
  rollback(): void {
    this.#isInTransaction = false;
    try {
      this.#database.exec('rollback');
    } catch (error) {
      if (!messageOf(error).includes('no transaction is active')) throw this.#condition.refused(error);
    }
  }

  #control(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw this.#condition.refused(error);
    }
  }

  #wrote(): void {
    if (this.#isInTransaction) this.#hasWritten = true;
    else this.#condition.accepted();
  }

  #run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const { statement, returnsRows: hasRows } = this.#prepare(sql);
    const values = parameters as SQLInputValue[];
    if (hasRows) return { rows: statement.all(...values) as R[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
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

  constructor(database: DatabaseSync, condition: WriteCondition) {
    this.#database = database;
    this.#connection = new SqliteConnection(database, condition);
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
  async beginTransaction(): Promise<void> {
    this.#connection.begin();
  }
  async commitTransaction(): Promise<void> {
    this.#connection.commit();
  }
  async rollbackTransaction(): Promise<void> {
    this.#connection.rollback();
  }
  async destroy(): Promise<void> {
    await this.#free;
    this.#database.close();
  }
}

/**
 * Kysely over the built-in `node:sqlite`: no native add-on to compile. Destroying the Kysely instance closes the database. Every statement that the
 * disk refuses, in a transaction or not, fails with what `condition` makes of it.
 */
export class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync;
  readonly #condition: WriteCondition;

  constructor(database: DatabaseSync, condition: WriteCondition) {
    this.#database = database;
    this.#condition = condition;
  }
  createDriver(): Driver {
    return new SqliteDriver(this.#database, this.#condition);
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
