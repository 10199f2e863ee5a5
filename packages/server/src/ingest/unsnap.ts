/**
 * Snappy's block format. The native library is an optional dependency: it is several times as fast, and where it cannot be installed the
 * one in JavaScript does the same.
 */
import { createRequire } from 'node:module';
import { uncompress } from 'snappyjs';
import { ApiProblem } from '../http/problem.ts';

type Uncompress = (bytes: Uint8Array) => Uint8Array;

function loadNative(): Uncompress | undefined {
  try {
    const { uncompressSync } = createRequire(import.meta.url)('snappy') as { uncompressSync(bytes: Buffer, options?: object): Buffer };
    return (bytes) => uncompressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return undefined;
  }
}

/** The length that a compressed block says it has, `undefined` when it does not begin with one. */
function declaredLength(bytes: Uint8Array): number | undefined {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return length;
  }
  return undefined;
}

const decompress: Uncompress = loadNative() ?? uncompress;

/**
 * Decompresses a body. A length beyond the limit is refused before anything is unpacked.
 * @throws ApiProblem `body_malformed` | `body_too_large`
 */
export function unsnap(bytes: Uint8Array, limitBytes: number): Uint8Array {
  const length = declaredLength(bytes);
  if (length !== undefined && length > limitBytes)
    throw new ApiProblem('body_too_large', `The body is larger than ${limitBytes} bytes once decompressed.`);
  try {
    const plain = decompress(bytes);
    if (plain.length === length) return plain;
  } catch (error) {
    throw malformed(error);
  }
  throw malformed(undefined);
}

function malformed(cause: unknown): ApiProblem {
  return new ApiProblem('body_malformed', 'The body is not valid snappy (block format).', {
    hint: 'Compress the body with snappy in its block format, not the framed one.',
    cause,
  });
}
