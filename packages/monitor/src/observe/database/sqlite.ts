/**
 * Measures `node:sqlite` and better-sqlite3 by standing in front of their prototypes, for neither has a diagnostics channel. A statement is timed where SQLite
 * works: in `run`, `get`, `all` and `exec`; `iterate` from its first step to its last. Only statements prepared after this call are seen. A database marked
 * with `exemptDatabase` (our own stores are) is passed through.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Registry } from '../../instruments/registry.ts';
import { replaceMethod, type Method, type Wrap } from '../replace-method.ts';
import type { QueryFingerprint } from './query-fingerprint.ts';
import { createQueryObserver, type DatabaseOptions, type QueryObserver } from './query-observer.ts';

/** Shared by all copies of this package; the store sets it on its databases. */
const EXEMPT: unique symbol = Symbol.for('bellwether.exempt') as never;

/** Leaves a database's statements unmeasured. */
export function exemptDatabase(database: object): void {
  Object.defineProperty(database, EXEMPT, { value: true });
}

const changedRows = (result: unknown): number => Number((result as { readonly changes?: number | bigint } | undefined)?.changes ?? 0);
const isRow = (row: unknown): number => (row === undefined ? 0 : 1);
const rowCount = (rows: unknown): number => (Array.isArray(rows) ? rows.length : 0);

class SqliteInstrument implements Disposable {
  readonly #observer: QueryObserver;
  readonly #queries = new WeakMap<object, QueryFingerprint>();
  readonly #resources = new DisposableStack();
  readonly #reached = new WeakSet<object>();

  constructor(observer: QueryObserver) {
    this.#observer = observer;
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  /** @param onStatement Told each new statement. */
  reachDatabase(prototype: object, onStatement: (statement: object) => void = () => {}): void {
    const { prepare, exec } = this.#databaseWraps(onStatement);
    this.#resources.use(replaceMethod(prototype, 'prepare', prepare));
    this.#resources.use(replaceMethod(prototype, 'exec', exec));
  }

  reachStatement(prototype: object): void {
    if (this.#reached.has(prototype)) return;
    this.#reached.add(prototype);
    this.#resources.use(replaceMethod(prototype, 'run', this.#statementWrap(changedRows)));
    this.#resources.use(replaceMethod(prototype, 'get', this.#statementWrap(isRow)));
    this.#resources.use(replaceMethod(prototype, 'all', this.#statementWrap(rowCount)));
    this.#resources.use(replaceMethod(prototype, 'iterate', this.#iterateWrap()));
  }

  #databaseWraps(onStatement: (statement: object) => void): { readonly prepare: Wrap; readonly exec: Wrap } {
    const queries = this.#queries;
    const observer = this.#observer;
    const prepare: Wrap = (original) =>
      function prepare(this: object, ...values) {
        const statement = Reflect.apply(original, this, values) as object;
        if (Reflect.get(this, EXEMPT) !== true) {
          queries.set(statement, observer.fingerprint(String(values[0])));
          onStatement(statement);
        }
        return statement;
      };
    const exec: Wrap = (original) =>
      function exec(this: object, ...values) {
        const run = (): unknown => Reflect.apply(original, this, values);
        return Reflect.get(this, EXEMPT) === true ? run() : observer.observe(String(values[0]), run);
      };
    return { prepare, exec };
  }

  #statementWrap(rowsOf: (result: unknown) => number): Wrap {
    const timed = this.#timed.bind(this);
    const queries = this.#queries;
    return (original) =>
      function measured(this: object, ...values) {
        const query = queries.get(this);
        const run = (): unknown => Reflect.apply(original, this, values);
        return query === undefined ? run() : timed(query, run, rowsOf);
      };
  }

  #iterateWrap(): Wrap {
    const queries = this.#queries;
    const rows = this.#iterated.bind(this);
    return (original: Method) =>
      function iterate(this: object, ...values) {
        const iterator = Reflect.apply(original, this, values) as IterableIterator<unknown>;
        const query = queries.get(this);
        return query === undefined ? iterator : rows(query, iterator);
      };
  }

  #timed(query: QueryFingerprint, run: () => unknown, rowsOf: (result: unknown) => number): unknown {
    const running = this.#observer.start(query);
    try {
      const result = run();
      this.#observer.end(running, { rows: rowsOf(result) });
      return result;
    } catch (error) {
      this.#observer.end(running, { failed: true });
      throw error;
    }
  }

  *#iterated(query: QueryFingerprint, iterator: IterableIterator<unknown>): Generator<unknown> {
    const running = this.#observer.start(query);
    let rows = 0;
    try {
      for (const row of iterator) {
        rows++;
        yield row;
      }
    } finally {
      this.#observer.end(running, { rows });
    }
  }
}

/** Measures every `node:sqlite` database of this process that is not exempt. */
export function observeSqlite(registry: Registry, options: DatabaseOptions): Disposable {
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: typeof DatabaseSync; StatementSync: typeof StatementSync };
  const instrument = new SqliteInstrument(createQueryObserver(registry, { system: 'sqlite', ...options }));
  instrument.reachDatabase(sqlite.DatabaseSync.prototype);
  instrument.reachStatement(sqlite.StatementSync.prototype);
  return instrument;
}

/** What is used of the class better-sqlite3 exports. */
export interface BetterSqliteLike {
  readonly prototype: { prepare(sql: string): object; exec(sql: string): object };
}

/** Measures every better-sqlite3 database made from this class. Its statements are of a native class, met when the first one is prepared. */
export function observeBetterSqlite(registry: Registry, Database: BetterSqliteLike, options: DatabaseOptions): Disposable {
  const instrument = new SqliteInstrument(createQueryObserver(registry, { system: 'sqlite', ...options }));
  instrument.reachDatabase(Database.prototype, (statement) => instrument.reachStatement(Object.getPrototypeOf(statement) as object));
  return instrument;
}
