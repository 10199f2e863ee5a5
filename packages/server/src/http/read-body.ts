import { gunzip } from 'node:zlib';
import { checkJsonBounds, type JsonBounds } from './json-bounds.ts';
import { ApiProblem } from './problem.ts';

function tooLarge(limitBytes: number): ApiProblem {
  return new ApiProblem('body_too_large', `The body is larger than ${limitBytes} bytes.`);
}

/**
 * The body's bytes, read no further than the limit.
 * @throws ApiProblem `body_too_large` | `body_malformed` when the connection breaks off.
 */
export async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = request.headers.get('content-length');
  if (Number(declared ?? 0) > limitBytes) throw tooLarge(limitBytes);
  return declared === null ? await readStream(request, limitBytes) : await readDeclared(request, limitBytes);
}

function brokenOff(cause: unknown): ApiProblem {
  return new ApiProblem('body_malformed', 'The body broke off before its end.', { cause });
}

/** A body that says how long it is, and is no longer: HTTP ends it there. At once, which costs a fraction of a stream. */
async function readDeclared(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const whole = await request.arrayBuffer().catch((error: unknown) => {
    throw brokenOff(error);
  });
  if (whole.byteLength > limitBytes) throw tooLarge(limitBytes);
  return new Uint8Array(whole);
}

async function readStream(request: Request, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body as ReadableStream<Uint8Array>) {
      length += chunk.byteLength;
      if (length > limitBytes) throw tooLarge(limitBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
    throw brokenOff(error);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

function unzip(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: limitBytes }, (error, result) => {
      if (error === null) return resolve(result);
      const isBomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      reject(isBomb ? tooLarge(limitBytes) : new ApiProblem('body_malformed', 'The body is not valid gzip.', { cause: error }));
    });
  });
}

/** As `readBytes`, decompressed when Content-Encoding says gzip; the limit holds before and after. @throws ApiProblem `encoding_unsupported` too */
export async function readDecodedBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== '')
    throw new ApiProblem('encoding_unsupported', `Content-Encoding ${encoding.slice(0, 40)} is not supported.`);
  const bytes = await readBytes(request, limitBytes);
  return encoding === 'gzip' ? await unzip(bytes, limitBytes) : bytes;
}

/** The media type without its parameters, lower-case; empty when there is none. */
export function mediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** @throws ApiProblem `body_malformed` */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ApiProblem('body_malformed', `The body is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}.`);
  }
}

/**
 * A JSON body; `undefined` when there is none.
 * @throws ApiProblem `media_type_unsupported` | `body_too_large` | `body_malformed`, `body_invalid` beyond the bounds
 */
export async function readJson(request: Request, limitBytes: number, bounds?: JsonBounds): Promise<unknown> {
  const bytes = await readDecodedBytes(request, limitBytes);
  if (bytes.byteLength === 0) return undefined;
  const type = mediaType(request);
  if (type !== '' && type !== 'application/json' && !type.endsWith('+json'))
    throw new ApiProblem('media_type_unsupported', `This route takes JSON, not ${type.slice(0, 80)}.`);
  if (bounds !== undefined) checkJsonBounds(bytes, bounds);
  return parseJson(bytes);
}
