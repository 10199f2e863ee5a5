import type { Clock } from '../../base/clock.ts';
import { metaOf } from '../../instruments/catalogue.ts';
import type { Counter } from '../../instruments/counter.ts';
import type { Timer } from '../../instruments/histogram.ts';
import type { Registry } from '../../instruments/registry.ts';
import type { ActiveSpan, Tracer } from '../spans/tracer.ts';
import { fingerprint, type QueryFingerprint } from './query-fingerprint.ts';

export interface DatabaseOptions {
  readonly clock: Clock;
  /** Different statements told; further ones are `(other)`. @default 300 */
  readonly maxStatements?: number;
  /** Label `system`: `postgresql`, `mysql`, `sqlite`, … @default 'other' */
  readonly system?: string;
  /** Takes a span of each statement that runs on behalf of a request. @default no spans */
  readonly tracer?: Tracer | undefined;
}

/** How a statement ended. */
export interface QueryEnd {
  /** Rows returned or changed. */
  readonly rows?: number | undefined;
  readonly failed?: boolean;
}

/** A statement at work. */
export interface RunningQuery {
  readonly query: QueryFingerprint;
  readonly startedMs: number;
  readonly span: ActiveSpan | undefined;
}

const REMEMBERED_TEXTS = 2000;
const LONGEST_REMEMBERED = 4096;

/**
 * Takes the times of database statements: `database_query_time`, `database_rows_total`, `database_errors_total`, by fingerprint. What an adapter of a driver
 * needs; values of parameters never come here, and literals in the text are taken out.
 */
export interface QueryObserver {
  /** What `sql` is called in labels; looked up for texts seen lately. */
  fingerprint(sql: string): QueryFingerprint;
  /** Call where the application sends the statement: the span belongs to the request that runs here. */
  start(query: QueryFingerprint): RunningQuery;
  /** @returns how long it took, in ms. */
  end(running: RunningQuery, end?: QueryEnd): number;
  /** Runs a statement and records it; a promise is timed until it settles. Returns and throws what `run` does. */
  observe<T>(sql: string, run: () => T, rowsOf?: (result: Awaited<T>) => number | undefined): T;
  /** The same for what is no SQL. */
  observeNamed<T>(query: QueryFingerprint, run: () => T, rowsOf?: (result: Awaited<T>) => number | undefined): T;
}

export function createQueryObserver(registry: Registry, options: DatabaseOptions): QueryObserver {
  return new RecordingQueryObserver(registry, options);
}

class RecordingQueryObserver implements QueryObserver {
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #tracer: Tracer | undefined;
  readonly #system: string;
  readonly #maxStatements: number;
  readonly #times: Timer;
  readonly #rows: Counter;
  readonly #errors: Counter;
  readonly #byText = new Map<string, QueryFingerprint>();
  readonly #statements = new Map<string, QueryFingerprint>();

  constructor(registry: Registry, { clock, maxStatements = 300, system = 'other', tracer }: DatabaseOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#tracer = tracer;
    this.#system = system;
    this.#maxStatements = maxStatements;
    this.#times = registry.timer('database_query_time', metaOf('database_query_time'));
    this.#rows = registry.counter('database_rows_total', metaOf('database_rows_total'));
    this.#errors = registry.counter('database_errors_total', metaOf('database_errors_total'));
  }

  fingerprint(sql: string): QueryFingerprint {
    const known = this.#byText.get(sql);
    if (known !== undefined) return known;
    const name = this.#bounded(fingerprint(sql, { doubleQuotesAreStrings: this.#system === 'mysql' }));
    if (this.#byText.size >= REMEMBERED_TEXTS) this.#byText.clear();
    if (sql.length <= LONGEST_REMEMBERED) this.#byText.set(sql, name);
    return name;
  }

  start(query: QueryFingerprint): RunningQuery {
    const startedMs = this.#clock.monotonicMs();
    return { query, startedMs, span: this.#safely(() => this.#tracer?.child('database', query.query, startedMs)) };
  }

  end({ query, startedMs, span }: RunningQuery, { rows, failed = false }: QueryEnd = {}): number {
    const durationMs = this.#clock.monotonicMs() - startedMs;
    const labels = { query: query.query, operation: query.operation, system: this.#system };
    this.#times.record(durationMs, labels);
    if (rows !== undefined && rows > 0) this.#rows.add(rows, labels);
    if (failed) this.#errors.add(1, labels);
    if (span !== undefined) this.#safely(() => this.#tracer?.end(span, { failed }));
    return durationMs;
  }

  observe<T>(sql: string, run: () => T, rowsOf?: (result: Awaited<T>) => number | undefined): T {
    return this.observeNamed(this.fingerprint(sql), run, rowsOf);
  }

  observeNamed<T>(query: QueryFingerprint, run: () => T, rowsOf?: (result: Awaited<T>) => number | undefined): T {
    const running = this.start(this.#bounded(query));
    const succeeded = (value: Awaited<T>): void => {
      this.end(running, { rows: this.#safely(() => rowsOf?.(value)) });
    };
    const failed = (): void => void this.end(running, { failed: true });
    let result: T;
    try {
      result = run();
    } catch (error) {
      failed();
      throw error;
    }
    if (result instanceof Promise) result.then(succeeded, failed);
    else succeeded(result as Awaited<T>);
    return result;
  }

  /** Runs in the middle of the application's call: what fails here is counted and must not be its failure. */
  #safely<T>(work: () => T | undefined): T | undefined {
    try {
      return work();
    } catch {
      this.#registry.countObserverFailure();
      return undefined;
    }
  }

  #bounded(found: QueryFingerprint): QueryFingerprint {
    const known = this.#statements.get(found.query);
    if (known !== undefined) return known;
    if (this.#statements.size >= this.#maxStatements) return { query: '(other)', operation: found.operation };
    this.#statements.set(found.query, found);
    return found;
  }
}
