import type { Clock } from '../../base/clock.ts';
import { metaOf } from '../../instruments/catalogue.ts';
import { fingerprint, type QueryFingerprint } from './query-fingerprint.ts';
import type { Registry } from '../../instruments/registry.ts';

export interface DatabaseOptions {
  readonly clock: Clock;
  /** Different statements told; further ones are `(other)`. @default 300 */
  readonly maxStatements?: number;
}

/** How a statement ended. */
export interface QueryOutcome {
  readonly durationMs: number;
  /** Rows returned or changed. */
  readonly rows?: number | undefined;
  readonly failed?: boolean;
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
  record(query: QueryFingerprint, outcome: QueryOutcome): void;
  /** Runs a statement and records it; a promise is timed until it settles. Returns and throws what `run` does. */
  observe<T>(sql: string, run: () => T): T;
}

export function createQueryObserver(registry: Registry, options: DatabaseOptions): QueryObserver {
  const { clock, maxStatements = 300 } = options;
  const times = registry.timer('database_query_time', metaOf('database_query_time'));
  const rowsTotal = registry.counter('database_rows_total', metaOf('database_rows_total'));
  const errors = registry.counter('database_errors_total', metaOf('database_errors_total'));
  const byText = new Map<string, QueryFingerprint>();
  const statements = new Map<string, QueryFingerprint>();

  const nameOf = (sql: string): QueryFingerprint => {
    const known = byText.get(sql);
    if (known !== undefined) return known;
    const found = fingerprint(sql);
    let name = statements.get(found.query);
    if (name === undefined) {
      name = statements.size < maxStatements ? found : { query: '(other)', operation: found.operation };
      if (name === found) statements.set(found.query, found);
    }
    if (byText.size >= REMEMBERED_TEXTS) byText.clear();
    if (sql.length <= LONGEST_REMEMBERED) byText.set(sql, name);
    return name;
  };
  const record = ({ query, operation }: QueryFingerprint, { durationMs, rows, failed }: QueryOutcome): void => {
    const labels = { query, operation };
    times.record(durationMs, labels);
    if (rows !== undefined && rows > 0) rowsTotal.add(rows, labels);
    if (failed === true) errors.add(1, labels);
  };

  const observe = <T>(sql: string, run: () => T): T => {
    const query = nameOf(sql);
    const startedMs = clock.monotonicMs();
    const end = (failed: boolean): void => record(query, { durationMs: clock.monotonicMs() - startedMs, failed });
    let result: T;
    try {
      result = run();
    } catch (error) {
      end(true);
      throw error;
    }
    if (!(result instanceof Promise)) return (end(false), result);
    result.then(
      () => end(false),
      () => end(true),
    );
    return result;
  };
  return { fingerprint: nameOf, record, observe };
}
