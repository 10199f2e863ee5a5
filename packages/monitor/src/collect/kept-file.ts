import { closeSync, openSync, readSync } from 'node:fs';

const FIRST_BYTES = 4096;
const LARGEST_BYTES = 4 * 1024 * 1024;
/** A file that is not there is looked for again after so many reads. */
const LOOK_AGAIN_AFTER = 60;

/**
 * A file of /proc or /sys whose descriptor stays open: each read is one system call at position 0, and the kernel makes the content anew.
 * Opening costs several times a read. A descriptor that went stale (its device or group is gone) is opened again.
 */
export class KeptFile implements Disposable {
  readonly path: string;
  #descriptor: number | undefined;
  #buffer: Buffer | undefined;
  #missedReads = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** The content as Latin-1 text; `undefined` when there is no such file or it may not be read. @throws Error for other trouble. */
  read(): string | undefined {
    try {
      return this.#read();
    } catch (error) {
      this[Symbol.dispose]();
      if (!isAbsence(error)) throw error;
      return undefined;
    }
  }

  /** The content as one number; `undefined` when there is none. */
  number(): number | undefined {
    const text = this.read();
    if (text === undefined) return undefined;
    const value = Number(text);
    return Number.isNaN(value) || text.trim() === '' ? undefined : value;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #read(): string | undefined {
    if (this.#descriptor === undefined) {
      if (this.#missedReads > 0 && this.#missedReads++ < LOOK_AGAIN_AFTER) return undefined;
      this.#missedReads = 1;
      this.#descriptor = openSync(this.path, 'r');
      this.#missedReads = 0;
    }
    for (let buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(FIRST_BYTES)); ; this.#buffer = buffer) {
      const length = readSync(this.#descriptor, buffer, 0, buffer.length, 0);
      if (length < buffer.length || buffer.length >= LARGEST_BYTES) return buffer.toString('latin1', 0, length);
      buffer = Buffer.allocUnsafeSlow(buffer.length * 2);
    }
  }
}

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'EACCES', 'EPERM', 'ENODEV', 'ESRCH', 'EOPNOTSUPP', 'EINVAL', 'ENOTDIR', 'EISDIR']);

function isAbsence(error: unknown): boolean {
  return ABSENT.has((error as { readonly code?: unknown } | null)?.code);
}

/** Number after a key at the start of a line, as in `MemTotal:  24684084 kB` or `oom_kill 0`; `undefined` without one. */
export function numberAfter(text: string, key: string): number | undefined {
  let at = text.startsWith(key) ? 0 : text.indexOf(`\n${key}`) + 1;
  if (at === 0 && !text.startsWith(key)) return undefined;
  at += key.length;
  const value = Number.parseInt(text.slice(at, at + 32), 10);
  return Number.isNaN(value) ? undefined : value;
}
