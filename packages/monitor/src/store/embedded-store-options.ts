import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { resolveLimits, type StoreLimits } from './series-limits.ts';

export interface EmbeddedStoreOptions {
  /** The database file, or `':memory:'` for a store that forgets. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long samples are kept, in ms. @default 30 days */
  readonly retentionMs?: number;
  /** Bytes in use on disk beyond which the oldest samples go, a block of some two hours at a time. @default no limit */
  readonly retentionBytes?: number;
  /** Longest time a sample waits for its commit, in ms. @default 1,000 */
  readonly commitIntervalMs?: number;
  /** `always`: `append` returns when the samples are on disk, at the price of a synced write each. @default 'grouped' */
  readonly commit?: 'grouped' | 'always';
  /** How much older than its series' newest sample one may be, in ms; older ones are dropped as `out_of_order`. 0: none may be. @default 600,000 */
  readonly lateWindowMs?: number;
  readonly limits?: Partial<StoreLimits>;
  /** Whether samples are kept for sending on: see `SampleStore.outgoing`. @default false */
  readonly keepsOutgoing?: boolean;
}

/** Options without gaps. */
export interface ResolvedStoreOptions {
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly commitIntervalMs: number;
  readonly commit: 'grouped' | 'always';
  readonly lateWindowMs: number;
  readonly limits: StoreLimits;
}

const DAY_MS = 86_400_000;
const TEN_MINUTES_MS = 600_000;

/** @throws {RangeError} for a number out of range. */
export function resolveStoreOptions(options: EmbeddedStoreOptions): ResolvedStoreOptions {
  const { retentionMs = 30 * DAY_MS, retentionBytes = Infinity, commitIntervalMs = 1000, lateWindowMs = TEN_MINUTES_MS } = options;
  if (!(retentionMs > 0)) throw new RangeError(`retentionMs must be > 0, not ${retentionMs}`);
  if (!(retentionBytes > 0)) throw new RangeError(`retentionBytes must be > 0, not ${retentionBytes}`);
  if (!(commitIntervalMs >= 0)) throw new RangeError(`commitIntervalMs must be ≥ 0, not ${commitIntervalMs}`);
  if (!(lateWindowMs >= 0)) throw new RangeError(`lateWindowMs must be ≥ 0, not ${lateWindowMs}`);
  const { commit = 'grouped', limits } = options;
  return { retentionMs, retentionBytes, commitIntervalMs, lateWindowMs, commit, limits: resolveLimits(limits) };
}
