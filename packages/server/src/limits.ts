/** Bounds of what one client may ask for. */
export interface Limits {
  /** Largest body of the API's own routes, in bytes. @default 1,048,576 */
  readonly bodyBytes?: number;
  /** Largest body of the routes that take samples, in bytes, before and after decompression. @default 16,777,216 */
  readonly ingestBodyBytes?: number;
  /** Requests a minute that one token may make, pushes apart. @default 1,200 */
  readonly requestsPerMinute?: number;
  /** Pushes a minute that one token may make. @default 6,000 */
  readonly pushesPerMinute?: number;
  /** Requests with a wrong token that one address may make in a minute before its wrong ones are answered 429. @default 30 */
  readonly failedLoginsPerMinute?: number;
  /** Live views open at once. @default 100 */
  readonly liveViewers?: number;
  /** Longest evaluation of one query, in ms. @default 30,000 */
  readonly queryTimeoutMs?: number;
}

export type ResolvedLimits = Required<Limits>;

export const DEFAULT_LIMITS: ResolvedLimits = Object.freeze({
  bodyBytes: 1024 ** 2,
  ingestBodyBytes: 16 * 1024 ** 2,
  requestsPerMinute: 1200,
  pushesPerMinute: 6000,
  failedLoginsPerMinute: 30,
  liveViewers: 100,
  queryTimeoutMs: 30_000,
});

/** @throws {RangeError} if a limit is not > 0. */
export function resolveLimits(limits: Limits = {}): ResolvedLimits {
  const resolved = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(resolved)) if (!(value > 0)) throw new RangeError(`limits.${name} must be greater than 0`);
  return resolved;
}
