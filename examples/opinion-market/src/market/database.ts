import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from '@bellwether/monitor';
import { INDEXES, TABLES, TRADES_INDEX } from './schema.ts';

/** Told of every statement that ran: its text (which holds no values, only placeholders), its first word in lower case and its time. */
export type QueryObserver = (query: string, operation: string, durationMs: number) => void;

/** The market's SQLite database: prepared statements by their text, each timed. Rows are plain objects of the caller's type. */
export class MarketDatabase {
  readonly #database = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, StatementSync>();
  readonly #clock: Clock;
  readonly #observe: QueryObserver;

  constructor(clock: Clock, observe: QueryObserver = () => {}) {
    this.#clock = clock;
    this.#observe = observe;
    this.#database.exec(TABLES);
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#timed(sql, (statement) => statement.all(...values) as Row[]);
  }
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names the row's type where it is called, as all() does
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#timed(sql, (statement) => statement.get(...values) as Row | undefined);
  }
  /** Returns the id of the row it inserted, if it did. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#timed(sql, (statement) => Number(statement.run(...values).lastInsertRowid));
  }
  /** Several statements without values; not timed. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }
  /** Does all of `work` or nothing. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  createIndexes(): void {
    this.#database.exec(INDEXES);
  }
  dropTradesIndex(): void {
    this.#database.exec(`DROP INDEX IF EXISTS ${TRADES_INDEX}`);
  }
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #timed<T>(sql: string, use: (statement: StatementSync) => T): T {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    const startedAtMs = this.#clock.monotonicMs();
    try {
      return use(statement);
    } finally {
      this.#observe(sql, operationOf(sql), this.#clock.monotonicMs() - startedAtMs);
    }
  }
}

function operationOf(sql: string): string {
  const end = sql.indexOf(' ');
  return (end === -1 ? sql : sql.slice(0, end)).toLowerCase();
}
