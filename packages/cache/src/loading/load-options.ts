import { CacheError, shown } from '../base/errors.ts';
import { refuseUnknown } from '../base/unknown-option.ts';
import { checkTags, ttlToMs } from '../limits.ts';

/**
 * How loads behave, for the whole cache or for one call. Times are in seconds.
 *
 * A value has two expiries: the logical one (`ttl`), up to which it is fresh, and the physical one, up to which it is kept as a stale value for the
 * cases below; the later of the two stale times counts. Only loads see stale values: `get` and `has` do not.
 */
export interface LoadPolicy {
  /** Time after `ttl` in which a stale value answers at once while one load renews it in the background, ≥ 0. @default 0 */
  readonly staleWhileRevalidate?: number;
  /** Time after `ttl` in which a stale value answers when the load fails or times out, ≥ 0. @default 0 */
  readonly staleIfError?: number;
  /** Pause after a failed load in which a value that is there answers without a new try; doubles to 32 times with each failure, ≥ 0. @default 1 */
  readonly errorBackoff?: number;
  /** Time after which a stale value, if there is one, answers a caller who waits; the load goes on. Above 0. @default none */
  readonly softTimeout?: number;
  /** Time after which a caller gets `cache_load_timeout` (or a stale value within `staleIfError`). The load goes on and may still be kept. Above 0. @default none */
  readonly hardTimeout?: number;
  /** Lifetime of a loaded `undefined` or `null` ("there is none"); 0: not kept. @default the `ttl` of any other value */
  readonly negativeTtl?: number | null;
  /**
   * Strength of early refresh: a fresh value is renewed in the background with a probability that grows towards its expiry, the earlier the longer its
   * load takes, so that a popular key never expires under everybody at once (XFetch, β; 1 is the usual strength). ≥ 0. @default 0, off
   */
  readonly earlyRefresh?: number;
}

/** Options of `getOrLoad`. */
export interface LoadOptions<T = unknown> extends LoadPolicy {
  /**
   * Lifetime in seconds, above 0 up to ten years; `null`: never expires. Or a function from the loaded value to it; 0 from the function: do not keep.
   * @default the cache's `defaultTtl`
   */
  readonly ttl?: number | null | ((value: T) => number | null);
  /** Tags by which it can be invalidated. `market/456` lies below `market`. @default none */
  readonly tags?: readonly string[];
  /** Ends this caller's wait with the signal's reason. The loader's own signal fires when every caller has gone. */
  readonly signal?: AbortSignal;
}

/** `LoadPolicy` with every default filled in; times in ms, `Infinity` for none. */
export interface ResolvedLoadPolicy {
  readonly revalidateForMs: number;
  readonly graceForMs: number;
  readonly backoffMs: number;
  readonly softTimeoutMs: number;
  readonly hardTimeoutMs: number;
  /** `undefined`: as any other value. */
  readonly negativeTtlMs: number | undefined;
  readonly earlyRefresh: number;
}

export const LOAD_POLICY_NAMES: readonly (keyof LoadPolicy)[] = [
  'staleWhileRevalidate',
  'staleIfError',
  'errorBackoff',
  'softTimeout',
  'hardTimeout',
  'negativeTtl',
  'earlyRefresh',
];

const STANDARD: ResolvedLoadPolicy = {
  revalidateForMs: 0,
  graceForMs: 0,
  backoffMs: 1000,
  softTimeoutMs: Infinity,
  hardTimeoutMs: Infinity,
  negativeTtlMs: undefined,
  earlyRefresh: 0,
};

/** Fills in `base` where `policy` says nothing. @throws {CacheError} `cache_option_invalid` or `cache_ttl_invalid`, saying what is allowed. */
export function resolveLoadPolicy(policy: LoadPolicy, base: ResolvedLoadPolicy = STANDARD): ResolvedLoadPolicy {
  const { staleWhileRevalidate, staleIfError, errorBackoff, softTimeout, hardTimeout, negativeTtl, earlyRefresh } = policy;
  return {
    revalidateForMs: spanMs('staleWhileRevalidate', staleWhileRevalidate) ?? base.revalidateForMs,
    graceForMs: spanMs('staleIfError', staleIfError) ?? base.graceForMs,
    backoffMs: spanMs('errorBackoff', errorBackoff) ?? base.backoffMs,
    softTimeoutMs: softTimeout === undefined ? base.softTimeoutMs : ttlToMs(softTimeout, 'softTimeout'),
    hardTimeoutMs: hardTimeout === undefined ? base.hardTimeoutMs : ttlToMs(hardTimeout, 'hardTimeout'),
    negativeTtlMs: negativeTtl === null ? Infinity : (spanMs('negativeTtl', negativeTtl) ?? base.negativeTtlMs),
    earlyRefresh: strength(earlyRefresh) ?? base.earlyRefresh,
  };
}

const KNOWN: readonly string[] = ['ttl', 'tags', 'signal', ...LOAD_POLICY_NAMES];

/** Checks what `resolveLoadPolicy` does not: names, lifetime, tags and signal of one call. @throws {CacheError} saying what is allowed. */
export function checkLoad(options: LoadOptions<never>): void {
  refuseUnknown(options, KNOWN, 'load');
  const { ttl, tags, signal } = options;
  if (tags !== undefined) checkTags(tags);
  if (ttl !== undefined && typeof ttl !== 'function') ttlToMs(ttl);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new CacheError('cache_option_invalid', `signal is ${shown(signal)}; allowed: an AbortSignal.`);
}

/** Seconds, 0 allowed → ms. */
function spanMs(name: string, seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds === 0) return seconds;
  return ttlToMs(seconds, name);
}

function strength(value: number | undefined): number | undefined {
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= 1000)) return value;
  throw new CacheError('cache_option_invalid', `earlyRefresh is ${shown(value)}; allowed: 0 (off) to 1000, usually 1.`);
}
