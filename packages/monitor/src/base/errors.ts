/**
 * Every error this package raises on purpose, by its stable code. `docs/errors.md` explains each; a test keeps the two equal.
 * Programmer mistakes at construction are `RangeError`/`TypeError` instead.
 */
export const ERROR_CODES = [
  'config_invalid',
  'data_dir_locked',
  'data_dir_unwritable',
  'engine_stopped',
  'host_busy',
  'host_unreachable',
  'query_canceled',
  'query_failed',
  'query_invalid',
  'query_too_large',
  'query_timeout',
  'rule_invalid',
  'series_limit',
  'state_conflict',
  'state_not_found',
  'state_unavailable',
  'server_package_missing',
  'server_refused',
  'store_full',
  'store_unavailable',
  'target_refused',
  'threshold_invalid',
  'worker_failed',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An expected failure: `code` is stable and documented, `hint` says what to do next, `details` holds plain data. */
export class BellwetherError extends Error {
  override readonly name = 'BellwetherError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly hint?: string; readonly details?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Text of anything that was thrown, for logs and problem details; never a stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
