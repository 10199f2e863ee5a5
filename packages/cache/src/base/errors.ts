/** Every error this package raises on purpose, by its stable code. */
export const CACHE_ERROR_CODES = [
  'cache_argument_unsupported',
  'cache_config_invalid',
  'cache_decorator_misplaced',
  'cache_disposed',
  'cache_key_invalid',
  'cache_load_timeout',
  'cache_option_invalid',
  'cache_tag_invalid',
  'cache_ttl_invalid',
  'cache_value_unserialisable',
] as const;

export type CacheErrorCode = (typeof CACHE_ERROR_CODES)[number];

/** An expected failure or a bad argument: `code` is stable, `hint` says what to do, `details` holds plain data. */
export class CacheError extends Error {
  override readonly name = 'CacheError';
  readonly code: CacheErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(
    code: CacheErrorCode,
    message: string,
    options: { readonly hint?: string; readonly details?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Short, safe text of any value for an error message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}
