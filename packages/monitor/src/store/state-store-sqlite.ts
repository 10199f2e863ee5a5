import { existsSync, renameSync } from 'node:fs';
import { Kysely, type Transaction } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { BellwetherError, messageOf } from '../base/errors.ts';
import { isDamage, openDatabase } from './sqlite.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';
import { migrate } from './state-migrations.ts';
import type { StateStore } from './state-store.ts';
import type { StateTables } from './state-tables.ts';
import { WriteCondition } from './write-condition.ts';

export interface SqliteStateStoreOptions {
  /** A file, made when missing, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
}

interface OpenState {
  readonly db: Kysely<StateTables>;
  readonly condition: WriteCondition;
}

class SqliteStateStore implements StateStore {
  readonly db: Kysely<StateTables>;
  readonly server = '';
  readonly #condition: WriteCondition;
  readonly #damage: readonly string[];

  constructor({ db, condition }: OpenState, damage: readonly string[]) {
    this.db = db;
    this.#condition = condition;
    this.#damage = damage;
  }

  get problems(): readonly string[] {
    const { problem } = this.#condition;
    return problem === undefined ? this.#damage : [problem, ...this.#damage];
  }

  async transaction<T>(work: (tx: Transaction<StateTables>) => Promise<T>): Promise<T> {
    return await this.db.transaction().execute(work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.destroy();
  }
}

async function open({ path, clock }: SqliteStateStoreOptions): Promise<OpenState> {
  const database = openDatabase(path);
  const condition = new WriteCondition();
  const db = new Kysely<StateTables>({ dialect: new NodeSqliteDialect(database, condition) });
  try {
    const check = database.prepare('PRAGMA quick_check(1)').get() as { readonly quick_check?: string } | undefined;
    if (check?.quick_check !== 'ok') throw Object.assign(new Error(`quick_check: ${check?.quick_check}`), { errcode: 11 });
    await migrate(db, clock.nowMs());
    return { db, condition };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/**
 * Opens state in SQLite. A damaged file is set aside under a name that tells when, and state starts empty: alerts that still hold fire again.
 * @throws BellwetherError `state_unavailable` when the file can be neither used nor set aside.
 */
export async function openSqliteStateStore(options: SqliteStateStoreOptions): Promise<StateStore> {
  try {
    return new SqliteStateStore(await open(options), []);
  } catch (error) {
    if (!isDamage(error) || !existsSync(options.path)) throw unavailable(options.path, error);
    const aside = `${options.path}.damaged-${options.clock.nowMs()}`;
    try {
      renameSync(options.path, aside);
      for (const suffix of ['-wal', '-shm']) if (existsSync(options.path + suffix)) renameSync(options.path + suffix, aside + suffix);
      return new SqliteStateStore(await open(options), [
        `state.db was damaged and is kept as ${aside}; silences, tokens and history began anew`,
      ]);
    } catch (second) {
      throw unavailable(options.path, second);
    }
  }
}

function unavailable(path: string, cause: unknown): BellwetherError {
  return new BellwetherError('state_unavailable', `The state database ${path} cannot be used: ${messageOf(cause)}`, {
    hint: 'Check the permissions and the room on its disk.',
    cause,
  });
}
