/** What a code means over HTTP. `hint` is used when the error brings none of its own. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly hint: string;
}

export type ProblemCode =
  | 'body_invalid'
  | 'body_malformed'
  | 'body_too_large'
  | 'config_invalid'
  | 'encoding_unsupported'
  | 'engine_stopped'
  | 'host_busy'
  | 'host_refused'
  | 'host_unreachable'
  | 'internal_error'
  | 'media_type_unsupported'
  | 'method_not_allowed'
  | 'not_supported'
  | 'origin_refused'
  | 'parameter_invalid'
  | 'parameter_unknown'
  | 'query_canceled'
  | 'query_failed'
  | 'query_invalid'
  | 'query_timeout'
  | 'query_too_large'
  | 'rate_limited'
  | 'route_unknown'
  | 'rule_invalid'
  | 'scope_insufficient'
  | 'series_limit'
  | 'state_conflict'
  | 'state_not_found'
  | 'state_unavailable'
  | 'store_full'
  | 'store_unavailable'
  | 'target_refused'
  | 'threshold_invalid'
  | 'token_invalid'
  | 'token_missing'
  | 'too_many_viewers';

/**
 * Every `code` a problem of the HTTP API can carry: the API's own and those of the engine that reach it. `docs/errors.md` explains each;
 * a test keeps the two equal. Kept sorted.
 */
export const PROBLEM_CODES: Readonly<Record<ProblemCode, ProblemKind>> = {
  body_invalid: { status: 400, title: 'Invalid request body', hint: 'See /api/docs for the fields and their types.' },
  body_malformed: { status: 400, title: 'Malformed request body', hint: 'Send the body as the route documents it; JSON in UTF-8.' },
  body_too_large: { status: 413, title: 'Request body too large', hint: 'Split the request into smaller ones.' },
  config_invalid: { status: 400, title: 'Invalid setting', hint: 'Correct the value and try again.' },
  encoding_unsupported: { status: 415, title: 'Unsupported content encoding', hint: 'Send the body plain or compressed with gzip.' },
  engine_stopped: { status: 503, title: 'Stopping', hint: 'Try again when the server has started again.' },
  host_busy: { status: 503, title: 'The watched process is busy', hint: 'Its event loop did not answer in time; try again.' },
  host_refused: {
    status: 421,
    title: 'Unknown host name',
    hint: 'Use localhost or the address the server listens on; other names are refused against DNS rebinding.',
  },
  host_unreachable: { status: 503, title: 'The watched process cannot be reached', hint: 'Check that it still runs, then try again.' },
  internal_error: { status: 500, title: 'Internal error', hint: "The server's log has the details, under the request id of this answer." },
  media_type_unsupported: { status: 415, title: 'Unsupported media type', hint: 'Send Content-Type: application/json.' },
  method_not_allowed: { status: 405, title: 'Method not allowed', hint: 'The Allow header lists the methods of this route.' },
  not_supported: { status: 501, title: 'Not supported', hint: 'See /api/docs for what is.' },
  origin_refused: {
    status: 403,
    title: 'Request from another site',
    hint: 'Requests that change something need the page itself or an Authorization header.',
  },
  parameter_invalid: { status: 400, title: 'Invalid parameter', hint: 'See /api/docs for the allowed values.' },
  parameter_unknown: { status: 400, title: 'Unknown parameter', hint: 'See /api/docs for the parameters of this route.' },
  query_canceled: { status: 499, title: 'Query canceled', hint: 'The client closed the connection.' },
  query_failed: { status: 422, title: 'Query failed', hint: 'The series found cannot be combined as the expression says.' },
  query_invalid: { status: 400, title: 'Invalid query', hint: 'The detail says where the expression stops making sense.' },
  query_timeout: { status: 503, title: 'Query timed out', hint: 'Ask for a shorter range, a larger step or fewer series.' },
  query_too_large: { status: 422, title: 'Query too large', hint: 'Ask for a shorter range, a larger step or fewer series.' },
  rate_limited: { status: 429, title: 'Too many requests', hint: 'Wait for the seconds in the Retry-After header.' },
  route_unknown: { status: 404, title: 'Unknown route', hint: 'See /api/docs for the routes.' },
  rule_invalid: { status: 400, title: 'Invalid rule', hint: 'The detail names the line and what is allowed there.' },
  scope_insufficient: { status: 403, title: 'Not allowed with this token', hint: 'Use a token with the scope the detail names.' },
  series_limit: { status: 422, title: 'Too many series', hint: 'Drop labels with many values, or raise the limit.' },
  state_conflict: { status: 409, title: 'Conflict', hint: 'Read the current state and try again.' },
  state_not_found: { status: 404, title: 'Not found', hint: 'List the resources to see which exist.' },
  state_unavailable: { status: 503, title: 'State cannot be written', hint: 'Check the disk of the data directory, then try again.' },
  store_full: {
    status: 507,
    title: 'No room for samples',
    hint: 'Free room on the disk of the data directory; senders should keep and retry.',
  },
  store_unavailable: {
    status: 503,
    title: 'Samples cannot be read or written',
    hint: 'Check the disk of the data directory, then try again.',
  },
  target_refused: { status: 400, title: 'Target not allowed', hint: 'Private and loopback targets need BELLWETHER_ALLOW_PRIVATE_TARGETS.' },
  threshold_invalid: { status: 400, title: 'Invalid threshold', hint: 'Give a number, or {"warning": …, "critical": …}.' },
  token_invalid: { status: 401, title: 'Unknown token', hint: 'The token is wrong or was revoked; ask an administrator for a new one.' },
  token_missing: {
    status: 401,
    title: 'Token needed',
    hint: 'Send Authorization: Bearer <token>. The first token is in <data dir>/token.',
  },
  too_many_viewers: { status: 503, title: 'Too many live viewers', hint: 'Close other live views, or poll the summary instead.' },
};

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEM_CODES, code);
}
