import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BellwetherError, messageOf } from '../base/errors.ts';
import { isLocked, openDatabase } from './sqlite.ts';

/** A data directory held by this process alone. Disposing lets another process have it. */
export interface DataDir extends Disposable {
  /** Absolute. */
  readonly path: string;
  readonly samplesPath: string;
  readonly statePath: string;
  /** Folder of the files that channels of the API may refer to; not made. */
  readonly secretsPath: string;
  /** Where the first access token waits to be read once. */
  readonly tokenPath: string;
  /** Tells this folder's server from others, the same over restarts; made at first use. */
  readonly serverId: string;
}

const PRIVATE_DIR = 0o700;
const PRIVATE_FILE = 0o600;

/**
 * Makes `path` (0700) when missing, proves that it can be written, and takes its lock. The lock is an exclusive SQLite lock on a file of its
 * own: the operating system drops it when the process dies, however it dies.
 * @throws BellwetherError `data_dir_unwritable` | `data_dir_locked` (details: `path`, `pid` when known)
 */
export function openDataDir(path: string): DataDir {
  const absolute = resolve(path);
  prove(absolute);
  const release = lock(absolute);
  return {
    path: absolute,
    samplesPath: join(absolute, 'samples.db'),
    statePath: join(absolute, 'state.db'),
    secretsPath: join(absolute, 'secrets'),
    tokenPath: join(absolute, 'token'),
    get serverId() {
      return serverIdIn(absolute);
    },
    [Symbol.dispose]: release,
  };
}

function prove(path: string): void {
  const probe = join(path, `.probe-${process.pid}`);
  try {
    const made = mkdirSync(path, { recursive: true, mode: PRIVATE_DIR });
    if (made !== undefined) chmodSync(path, PRIVATE_DIR);
    writeFileSync(probe, 'bellwether', { mode: PRIVATE_FILE });
    rmSync(probe);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): BellwetherError {
  return new BellwetherError('data_dir_unwritable', `The data directory ${path} cannot be written: ${messageOf(cause)}`, {
    hint: 'Give its owner write permission and room on the disk, or set BELLWETHER_DATA_DIR to another directory.',
    details: { path },
    cause,
  });
}

function lock(path: string): () => void {
  const pidPath = join(path, 'lock.pid');
  let database: ReturnType<typeof openDatabase> | undefined;
  try {
    database = openDatabase(join(path, 'lock.db'), { busyTimeoutMs: 0, journal: 'delete' });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (!isLocked(error)) throw unwritable(path, error);
    const pid = readPid(pidPath);
    throw new BellwetherError(
      'data_dir_locked',
      `The data directory ${path} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}`,
      {
        hint: 'Stop that process, or set BELLWETHER_DATA_DIR to another directory.',
        details: { path, ...(pid === undefined ? {} : { pid }) },
        cause: error,
      },
    );
  }
  writeFileSync(pidPath, String(process.pid), { mode: PRIVATE_FILE });
  let held: typeof database | undefined = database;
  return () => {
    held?.close();
    held = undefined;
  };
}

function serverIdIn(path: string): string {
  const file = join(path, 'server-id');
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (known !== '') return known;
  const made = randomUUID();
  writeFileSync(file, made, { mode: PRIVATE_FILE });
  return made;
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
