import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newTokenText, type TokenStore } from './token-store.ts';

/** The file in the data directory where the first token waits until it is used. */
export interface FirstTokenFile {
  readonly path: string;
  /** `undefined` when there is none any more. */
  read(): string | undefined;
  write(token: string): void;
  remove(): void;
}

export function firstTokenFile(dataDir: string): FirstTokenFile {
  const path = join(dataDir, 'token');
  return {
    path,
    read: () => {
      try {
        return readFileSync(path, 'utf8').trim() || undefined;
      } catch {
        return undefined;
      }
    },
    write: (token) => {
      rmSync(path, { force: true });
      writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
      chmodSync(path, 0o600);
    },
    remove: () => rmSync(path, { force: true }),
  };
}

/**
 * Makes the first administrator token when nobody holds one. The token is told in the returned notice and in the file, and nowhere else.
 * @returns a line for people, `undefined` when there is nothing to tell.
 */
export async function ensureFirstToken(tokens: TokenStore, file: FirstTokenFile | undefined): Promise<string | undefined> {
  if (await tokens.hasAdministrator()) {
    const waiting = file?.read() !== undefined;
    return waiting ? `The first access token has not been used yet: read it from ${file?.path}` : undefined;
  }
  const text = newTokenText();
  file?.write(text);
  await tokens.create({ name: 'first administrator', scope: 'admin', text });
  return `Access token (shown once): ${text}${file === undefined ? '' : `\nUntil it is first used it is also in ${file.path}`}`;
}
