import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { CacheError } from '../../base/errors.ts';
import { textOf, valueOf } from './value-text.ts';

export interface CodecLimits {
  /** Texts of at least so many bytes are compressed. */
  readonly compressFromBytes: number;
  /** Longest text of a value, before compression and after decompression. */
  readonly mostBytes: number;
}

/** First byte of a stored value: the kind of text in the low four bits, the compression in the high ones. */
const JSON_TEXT = 1;
const TAGGED_TEXT = 2;
const PLAIN = 0;
const BROTLI = 0x10;
const ZSTD = 0x20;

/** About as fast as zstd's default. */
const BROTLI_QUALITY = 3;

/** Since Node 22.15; an older process writes brotli and takes what it cannot read for a miss. */
const zstd = zlib.zstdCompress === undefined ? undefined : { pack: promisify(zlib.zstdCompress), unpack: promisify(zlib.zstdDecompress) };
const packBrotli = promisify(zlib.brotliCompress);
const unpackBrotli = promisify(zlib.brotliDecompress);

/**
 * Bytes of a value. The text is made at once, so that later changes of the value do no harm; compression runs on another thread.
 * @throws CacheError `cache_value_unserialisable`, at once, for a value that cannot be brought back as it is or is too large.
 */
export function encode(value: unknown, limits: CodecLimits): () => Promise<Uint8Array> {
  const { text, isTagged } = textOf(value, limits.mostBytes);
  const bytes = Buffer.from(text);
  if (bytes.length > limits.mostBytes)
    throw new CacheError(
      'cache_value_unserialisable',
      `The value takes ${bytes.length} bytes as text; the second tier keeps values of at most ${limits.mostBytes}.`,
      { hint: 'Store less in one entry, or raise the limit.', details: { bytes: bytes.length, mostBytes: limits.mostBytes } },
    );
  const kind = isTagged ? TAGGED_TEXT : JSON_TEXT;
  return async () => {
    if (bytes.length < limits.compressFromBytes) return withHeader(PLAIN | kind, bytes);
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    const packed = zstd === undefined ? await packBrotli(bytes, { params }) : await zstd.pack(bytes);
    if (packed.length >= bytes.length) return withHeader(PLAIN | kind, bytes);
    return withHeader((zstd === undefined ? BROTLI : ZSTD) | kind, packed);
  };
}

/** The value, never more than `mostBytes` of text. @throws Error for bytes that this version did not write or cannot read */
export async function decode(stored: Uint8Array, limits: CodecLimits): Promise<unknown> {
  const [header = 0] = stored;
  const kind = header & 0x0f;
  if (kind !== JSON_TEXT && kind !== TAGGED_TEXT) throw new Error(`unknown kind of value: ${kind}`);
  const bytes = await unpack(header & 0xf0, stored.subarray(1), limits.mostBytes);
  return valueOf({ text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(), isTagged: kind === TAGGED_TEXT });
}

async function unpack(compression: number, bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array> {
  if (compression === PLAIN) return bytes;
  if (compression === BROTLI) return await unpackBrotli(bytes, { maxOutputLength });
  if (compression === ZSTD && zstd !== undefined) return await zstd.unpack(bytes, { maxOutputLength });
  throw new Error(`unknown compression: ${compression}`);
}

function withHeader(header: number, bytes: Uint8Array): Uint8Array {
  const stored = new Uint8Array(bytes.length + 1);
  stored[0] = header;
  stored.set(bytes, 1);
  return stored;
}
