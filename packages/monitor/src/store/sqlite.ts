import { chmodSync, closeSync, openSync } from 'node:fs';
import type * as NodeSqlite from 'node:sqlite';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

/** A database carries this property, set to `true`, so that our own SQL instrumentation leaves the monitor's statements alone. */
const EXEMPT: unique symbol = Symbol.for('bellwether.exempt') as never;

const PRIVATE_FILE = 0o600;
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/**
 * Loads SQLite on first use, without the ExperimentalWarning that Node 22 and 23 print: a watched service's standard error belongs to
 * the service. Only that one warning is held back, only while the module loads.
 */
function loadSqlite(): typeof NodeSqlite {
  const emitWarning: unknown = Reflect.get(process, 'emitWarning');
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes('SQLite')) Reflect.apply(emitWarning as () => void, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    Reflect.set(process, 'emitWarning', emitWarning);
  }
}

export interface OpenDatabaseOptions {
  /** How long a statement waits for another connection's lock, in ms. @default 5,000 */
  readonly busyTimeoutMs?: number;
  /** Size of a page of a new file, a power of two from 512 to 65,536. Larger ones suit larger blobs. @default 4,096 */
  readonly pageBytes?: number;
  /** Whether a new file can give pages back to the disk by `PRAGMA incremental_vacuum`. @default false */
  readonly givesBackPages?: boolean;
  /** `delete` keeps no extra files between transactions. @default 'wal' */
  readonly journal?: 'wal' | 'delete';
}

/**
 * Opens a database of the monitor: write-ahead log, every commit synced to disk (`synchronous=FULL`), foreign keys enforced, and a file
 * that only its owner can read (0600; its `-wal` and `-shm` files inherit that). Statements are synchronous. The caller closes it.
 * @param path A file, made when missing, or `':memory:'`.
 * @throws Error with SQLite's `errcode`: see `isDamage` and `isDiskFull`.
 */
export function openDatabase(path: string, options: OpenDatabaseOptions = {}): DatabaseSync {
  if (path !== ':memory:') {
    closeSync(openSync(path, 'a', PRIVATE_FILE));
    chmodSync(path, PRIVATE_FILE);
  }
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  Object.defineProperty(database, EXEMPT, { value: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${Math.trunc(options.busyTimeoutMs ?? 5000)}`);
    if (options.pageBytes !== undefined) database.exec(`PRAGMA page_size = ${Math.trunc(options.pageBytes)}`);
    if (options.givesBackPages === true) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    if (options.journal !== 'delete') database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** SQLite's primary result code of something thrown, `undefined` when it did not come from SQLite. */
function resultCode(thrown: unknown): number | undefined {
  const code = (thrown as { readonly errcode?: unknown } | null | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Whether something thrown says that the database file is damaged or is no database. */
export function isDamage(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** Whether something thrown says that there is no room on disk, or that the disk refused the write. Trying again later may work. */
export function isDiskFull(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === SQLITE_FULL || code === SQLITE_IOERR || code === SQLITE_CANTOPEN || code === SQLITE_READONLY;
}

/** Whether something thrown says that another connection holds the database. */
export function isLocked(thrown: unknown): boolean {
  return resultCode(thrown) === SQLITE_BUSY;
}

/**
 * Rows of a statement that nobody else may hold on to. Node 22 lets a statement be collected while its rows are read, and then fails with "statement has
 * been finalized": asking the statement for its text at the end keeps it until then.
 */
export function* rowsOf(statement: StatementSync, ...values: readonly SQLInputValue[]): Generator<Record<string, SQLOutputValue>> {
  try {
    yield* statement.iterate(...values);
  } finally {
    void statement.sourceSQL;
  }
}
