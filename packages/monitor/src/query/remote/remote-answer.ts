import { BellwetherError, type ErrorCode } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import type { RemoteAnswer } from '../../store/remote/remote-target.ts';
import type { QueryResult, QueryValue } from '../query-engine.ts';

/** The envelope of Prometheus's HTTP API. `isPartial` is VictoriaMetrics's: some of its nodes did not answer. */
export interface Envelope {
  readonly status?: unknown;
  readonly data?: unknown;
  readonly errorType?: unknown;
  readonly error?: unknown;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  readonly isPartial?: boolean;
}

const ERROR_CODES: Readonly<Record<string, ErrorCode>> = {
  bad_data: 'query_invalid',
  execution: 'query_failed',
  timeout: 'query_timeout',
  canceled: 'query_canceled',
};
const TOO_LARGE = /too many (?:samples|points|series|data ?points)|exceeded maximum resolution|maxPointsPerTimeseries|-search\.max/i;
const LONGEST_WORDS = 500;

/** What an answer holds. @throws BellwetherError by what the engine says is wrong; `store_unavailable` when it is no answer of such an engine. */
export function envelopeOf({ status, body }: RemoteAnswer, origin: string): Envelope {
  const envelope = parsed(body);
  if (envelope?.status === 'success' && status === 200) return envelope;
  const words = typeof envelope?.error === 'string' ? envelope.error.slice(0, LONGEST_WORDS) : undefined;
  if (words === undefined || status === 401 || status === 403 || status === 404 || (status >= 500 && envelope?.errorType === undefined))
    throw new BellwetherError('store_unavailable', `${origin} answered ${status}${words === undefined ? '' : `: ${words}`}`, {
      hint: 'BELLWETHER_STORE_URL must be the base address of an engine with Prometheus’s HTTP API.',
    });
  // VictoriaMetrics names the status instead of a type.
  const type = String(envelope?.errorType);
  const code = TOO_LARGE.test(words) ? 'query_too_large' : (ERROR_CODES[type] ?? (status < 500 ? 'query_invalid' : 'store_unavailable'));
  throw new BellwetherError(code, words, code === 'query_invalid' ? { details: { position: 0 } } : {});
}

function parsed(body: Buffer): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

type Pair = readonly [seconds: number, value: string];

function numberOf(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
function msOf(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** A result of `query` or `query_range`. */
export function queryResultOf(envelope: Envelope): QueryResult {
  const { resultType, result } = envelope.data as { readonly resultType: string; readonly result: unknown };
  return {
    value: valueOf(resultType, result),
    warnings: [
      ...(envelope.warnings ?? []),
      ...(envelope.isPartial === true ? ['The answer is partial: some of the engine’s nodes did not answer'] : []),
    ],
    infos: envelope.infos ?? [],
  };
}

function valueOf(type: string, result: unknown): QueryValue {
  if (type === 'scalar' || type === 'string') {
    const [seconds, text] = result as Pair;
    return type === 'scalar' ? { type, atMs: msOf(seconds), value: numberOf(text) } : { type, atMs: msOf(seconds), value: text };
  }
  const list = result as readonly { readonly metric: Labels; readonly value?: Pair; readonly values?: readonly Pair[] }[];
  if (type === 'vector') {
    // Native histograms have no plain value.
    const samples = list.flatMap(({ metric, value }) =>
      value === undefined ? [] : [{ labels: metric, atMs: msOf(value[0]), value: numberOf(value[1]) }],
    );
    return { type, samples };
  }
  if (type !== 'matrix') throw new BellwetherError('store_unavailable', `The engine gave a result of an unknown type: ${type}`);
  const series = list.map(({ metric, values = [] }) => ({
    labels: metric,
    timesMs: values.map(([seconds]) => msOf(seconds)),
    values: values.map(([, text]) => numberOf(text)),
  }));
  return { type, series };
}
