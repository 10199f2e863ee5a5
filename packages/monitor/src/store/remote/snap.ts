/** Snappy's block format. The native library is several times as fast; where it is not installed the one in JavaScript does the same. */
import { createRequire } from 'node:module';
import { compress } from 'snappyjs';

function loadNative(): ((plain: Uint8Array) => Uint8Array) | undefined {
  try {
    const { compressSync } = createRequire(import.meta.url)('snappy') as { compressSync(plain: Buffer): Buffer };
    return (plain) => compressSync(Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength));
  } catch {
    return undefined;
  }
}

export const snap: (plain: Uint8Array) => Uint8Array = loadNative() ?? compress;
