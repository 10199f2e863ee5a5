import { Readable } from 'node:stream';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { problemBody, type ApiProblem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export interface Annotations {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

function annotationsJson({ warnings = [], infos = [] }: Annotations): string {
  const list = (name: string, texts: readonly string[]): string => (texts.length === 0 ? '' : `,"${name}":${JSON.stringify(texts)}`);
  return list('warnings', warnings) + list('infos', infos);
}

/** A success in Prometheus's envelope. @param dataJson JSON text. */
export function prometheusSuccess(dataJson: string, annotations: Annotations = {}): Response {
  return new Response(`{"status":"success","data":${dataJson}${annotationsJson(annotations)}}`, { headers: JSON_TYPE });
}

/** Characters of JSON put together before they are sent on. */
const PIECE_LENGTH = 65_536;

/**
 * The same for long data, sent as it is written: the text is never whole in memory, and the thread is free between two pieces. Compressed for
 * whoever takes gzip, at the fastest level and in the thread pool.
 * @param dataParts JSON text in parts, taken one after another as the client reads; no more when it leaves.
 */
export function prometheusStream(request: Request, dataParts: Iterable<string>, annotations: Annotations): Response {
  const pieces = Readable.from(inPieces(dataParts, annotations), { objectMode: false });
  if (!takesGzip(request)) return new Response(webStream(pieces), { headers: { ...JSON_TYPE, vary: 'accept-encoding' } });
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  pieces.once('error', (error) => gzip.destroy(error));
  gzip.once('close', () => pieces.destroy());
  return new Response(webStream(pieces.pipe(gzip)), {
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip', vary: 'accept-encoding' },
  });
}

function* inPieces(dataParts: Iterable<string>, annotations: Annotations): Generator<Buffer> {
  let text = '{"status":"success","data":';
  for (const part of dataParts) {
    text += part;
    if (text.length < PIECE_LENGTH) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}${annotationsJson(annotations)}}`);
}

function webStream(stream: Readable | Gzip): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}

/** Whether gzip is named without a quality of 0. */
function takesGzip(request: Request): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(request.headers.get('accept-encoding') ?? '');
}

const ERROR_TYPES: Partial<Readonly<Record<ProblemCode, string>>> = {
  query_canceled: 'canceled',
  query_failed: 'execution',
  query_timeout: 'timeout',
  query_too_large: 'execution',
  internal_error: 'internal',
  store_unavailable: 'unavailable',
  engine_stopped: 'unavailable',
  state_not_found: 'not_found',
};

/** A failure as Prometheus's clients expect it (`status: "error"`), with the members of a problem beside it. */
export function prometheusFailure(problem: ApiProblem, base: string): Response {
  const { type, title, detail, code, hint } = problemBody(problem, base);
  const body = { status: 'error', errorType: ERROR_TYPES[problem.code] ?? 'bad_data', error: detail, type, title, detail, code, hint };
  return new Response(JSON.stringify(body), { status: problem.status, headers: { ...problem.headers, ...JSON_TYPE } });
}
