import { problemBody, type ApiProblem } from '../problem.ts';
import type { ProblemCode } from '../problem-codes.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export interface Annotations {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** A success in Prometheus's envelope. @param dataJson JSON text. */
export function prometheusSuccess(dataJson: string, annotations?: Annotations): Response {
  const warnings =
    annotations === undefined || annotations.warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(annotations.warnings)}`;
  const infos = annotations === undefined || annotations.infos.length === 0 ? '' : `,"infos":${JSON.stringify(annotations.infos)}`;
  return new Response(`{"status":"success","data":${dataJson}${warnings}${infos}}`, { headers: JSON_TYPE });
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
