import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { BellwetherError, messageOf } from '../../base/errors.ts';

/** What is used of a client and a pool of `pg`. */
interface PgClient {
  query(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<{ readonly command: never; readonly rowCount: number; readonly rows: never[] }>;
  release(discard?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}
interface PgPool {
  readonly options: object;
  connect(): Promise<PgClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Refusals that say something of the statement, by the first two characters of SQLSTATE: the connection and the server are well. */
const OF_THE_STATEMENT: ReadonlySet<string> = new Set(['21', '22', '23', '42']);
const UNIQUE_VIOLATION = '23505';

function sqlStateOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

/**
 * A pool of PostgreSQL connections whose failures are coded and remembered: `problem` says what is wrong at present. A connection that failed
 * for a reason of its own is not used again; the next statement gets a fresh one, so that the program recovers by itself.
 */
export class CodedPool implements PostgresPool {
  readonly options: object;
  readonly #pool: PgPool;
  #problem: string | undefined;

  constructor(pool: PgPool) {
    this.#pool = pool;
    this.options = pool.options;
    // An idle connection that breaks is replaced when it is needed; without a listener its error would end the process.
    pool.on('error', (error) => void this.#failure(error));
  }

  /** Why state could not be reached when it was last tried. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect().catch((error: unknown) => Promise.reject(this.#failure(error)));
    let isBroken = false;
    // The pool listens to idle connections alone: one that breaks in a transaction, between two statements, would end the process.
    const onError = (error: Error): void => {
      isBroken = true;
      this.#failure(error);
    };
    client.on('error', onError);
    const query = async (sql: string, parameters: readonly unknown[] = []): ReturnType<PgClient['query']> => {
      try {
        const result = await client.query(sql, parameters);
        this.#problem = undefined;
        return result;
      } catch (error) {
        if (!OF_THE_STATEMENT.has(sqlStateOf(error).slice(0, 2))) isBroken = true;
        throw this.#failure(error);
      }
    };
    const release = (): void => {
      client.off('error', onError);
      client.release(isBroken);
    };
    return { query: query as unknown as PostgresPoolClient['query'], release };
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  #failure(error: unknown): BellwetherError {
    const sqlState = sqlStateOf(error);
    if (sqlState === UNIQUE_VIOLATION)
      return new BellwetherError('state_conflict', 'Another server has just written the same', {
        hint: 'Read again and repeat.',
        cause: error,
      });
    if (!OF_THE_STATEMENT.has(sqlState.slice(0, 2))) this.#problem = `PostgreSQL cannot be used: ${textOf(error)}`;
    return new BellwetherError('state_unavailable', `State cannot be read or written: ${textOf(error)}`, {
      hint: 'See to the PostgreSQL server that BELLWETHER_STATE_URL names; the work goes on by itself when it is back.',
      cause: error,
    });
  }
}

/** Node gives several addresses' failures as one error without a text. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return messageOf(error);
}
