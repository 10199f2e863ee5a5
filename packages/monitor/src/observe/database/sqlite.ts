/**
 * Measures `node:sqlite` by standing in front of its two prototypes, for there is no diagnostics channel. A statement is timed where SQLite works: in
 * `run`, `get`, `all` and `exec`; `iterate` from its first step to its last. Only statements prepared after this call are seen. A database marked
 * with `exemptDatabase` (our own stores are) is passed through.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import type { QueryFingerprint } from './query-fingerprint.ts';
import { createQueryObserver, type DatabaseOptions, type QueryObserver } from './database.ts';
import type { Registry } from '../../instruments/registry.ts';

/** Shared by all copies of this package; the store sets it on its databases. */
const EXEMPT: unique symbol = Symbol.for('bellwether.exempt') as never;

/** Leaves a database's statements unmeasured. */
export function exemptDatabase(database: object): void {
  Object.defineProperty(database, EXEMPT, { value: true });
}

type Method = (this: object, ...values: unknown[]) => unknown;
type Wrap = (original: Method) => Method;

/** Replaces a method until it is disposed of. If somebody wrapped ours meanwhile, ours stays and only passes through. */
function replaceMethod(prototype: object, name: string, wrap: Wrap): Disposable {
  const original = Reflect.get(prototype, name) as Method;
  const measured = wrap(original);
  let isActive = true;
  const replacement: Method = function replaced(this: object, ...values) {
    return Reflect.apply(isActive ? measured : original, this, values);
  };
  Reflect.set(prototype, name, replacement);
  return {
    [Symbol.dispose]: () => {
      isActive = false;
      if (Reflect.get(prototype, name) === replacement) Reflect.set(prototype, name, original);
    },
  };
}

class SqliteInstrument {
  readonly #observer: QueryObserver;
  readonly #clock: Clock;
  readonly #queries = new WeakMap<object, QueryFingerprint>();

  constructor(observer: QueryObserver, clock: Clock) {
    this.#observer = observer;
    this.#clock = clock;
  }

  readonly prepare: Wrap = (original) => {
    const queries = this.#queries;
    const observer = this.#observer;
    return function prepare(this: object, ...values) {
      const statement = Reflect.apply(original, this, values) as StatementSync;
      if (Reflect.get(this, EXEMPT) !== true) queries.set(statement, observer.fingerprint(String(values[0])));
      return statement;
    };
  };

  readonly exec: Wrap = (original) => {
    const observer = this.#observer;
    return function exec(this: object, ...values) {
      const run = (): unknown => Reflect.apply(original, this, values);
      return Reflect.get(this, EXEMPT) === true ? run() : observer.observe(String(values[0]), run);
    };
  };

  /** @param rowsOf Number of rows in what the method returns. */
  statement(rowsOf: (result: unknown) => number): Wrap {
    const timed = this.#timed.bind(this);
    const queries = this.#queries;
    return (original) =>
      function measured(this: object, ...values) {
        const query = queries.get(this);
        const run = (): unknown => Reflect.apply(original, this, values);
        return query === undefined ? run() : timed(query, run, rowsOf);
      };
  }

  readonly iterate: Wrap = (original) => {
    const queries = this.#queries;
    const rows = this.#iterated.bind(this);
    return function iterate(this: object, ...values) {
      const iterator = Reflect.apply(original, this, values) as IterableIterator<unknown>;
      const query = queries.get(this);
      return query === undefined ? iterator : rows(query, iterator);
    };
  };

  #timed(query: QueryFingerprint, run: () => unknown, rowsOf: (result: unknown) => number): unknown {
    const startedMs = this.#clock.monotonicMs();
    try {
      const result = run();
      this.#observer.record(query, { durationMs: this.#clock.monotonicMs() - startedMs, rows: rowsOf(result) });
      return result;
    } catch (error) {
      this.#observer.record(query, { durationMs: this.#clock.monotonicMs() - startedMs, failed: true });
      throw error;
    }
  }

  *#iterated(query: QueryFingerprint, iterator: IterableIterator<unknown>): Generator<unknown> {
    const startedMs = this.#clock.monotonicMs();
    let rows = 0;
    try {
      for (const row of iterator) {
        rows++;
        yield row;
      }
    } finally {
      this.#observer.record(query, { durationMs: this.#clock.monotonicMs() - startedMs, rows });
    }
  }
}

/** Measures every `node:sqlite` database of this process that is not exempt. */
export function instrumentSqlite(registry: Registry, options: DatabaseOptions): Disposable {
  const sqlite = process.getBuiltinModule('node:sqlite') as { DatabaseSync: typeof DatabaseSync; StatementSync: typeof StatementSync };
  const instrument = new SqliteInstrument(createQueryObserver(registry, options), options.clock);
  const resources = new DisposableStack();
  const database = sqlite.DatabaseSync.prototype;
  const statement = sqlite.StatementSync.prototype;
  const replace = (prototype: object, name: string, wrap: Wrap): void => void resources.use(replaceMethod(prototype, name, wrap));
  replace(database, 'prepare', instrument.prepare);
  replace(database, 'exec', instrument.exec);
  replace(
    statement,
    'run',
    instrument.statement((result) => Number((result as { readonly changes?: number | bigint }).changes ?? 0)),
  );
  replace(
    statement,
    'get',
    instrument.statement((row) => (row === undefined ? 0 : 1)),
  );
  replace(
    statement,
    'all',
    instrument.statement((rows) => (rows as readonly unknown[]).length),
  );
  replace(statement, 'iterate', instrument.iterate);
  return resources;
}
