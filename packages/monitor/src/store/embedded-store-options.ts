import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { resolveRetention, type Retention } from './retention/retention.ts';
import { resolveLimits, type StoreLimits } from './series-limits.ts';

export interface EmbeddedStoreOptions {
  /** The database file, or `':memory:'` for a store that forgets. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long samples are kept, at which resolution, and in how much room. @default 15 days, 90 by the minute, 2 years by the hour */
  readonly retention?: Partial<Retention> | undefined;
  /** Longest time a sample waits for its commit, in ms. @default 1,000 */
  readonly commitIntervalMs?: number;
  /** `always`: `append` returns when the samples are on disk, at the price of a synced write each. @default 'grouped' */
  readonly commit?: 'grouped' | 'always' | undefined;
  /** How much older than its series' newest sample one may be, in ms; older ones are dropped as `out_of_order`. 0: none may be. @default 600,000 */
  readonly lateWindowMs?: number;
  readonly limits?: Partial<StoreLimits>;
  /** Whether samples are kept for sending on: see `SampleStore.outgoing`. @default false */
  readonly keepsOutgoing?: boolean;
}

/** Options without gaps. */
export interface ResolvedStoreOptions {
  readonly retention: Retention;
  readonly commitIntervalMs: number;
  readonly commit: 'grouped' | 'always';
  readonly lateWindowMs: number;
  readonly limits: StoreLimits;
}

const TEN_MINUTES_MS = 600_000;

/** @throws {RangeError} for a number out of range. */
export function resolveStoreOptions(options: EmbeddedStoreOptions): ResolvedStoreOptions {
  const { commitIntervalMs = 1000, lateWindowMs = TEN_MINUTES_MS } = options;
  if (!(commitIntervalMs >= 0)) throw new RangeError(`commitIntervalMs must be ≥ 0, not ${commitIntervalMs}`);
  if (!(lateWindowMs >= 0)) throw new RangeError(`lateWindowMs must be ≥ 0, not ${lateWindowMs}`);
  const { commit = 'grouped', limits } = options;
  const retention = resolveRetention(options.retention);
  return { retention, commitIntervalMs, lateWindowMs, commit, limits: resolveLimits(limits) };
}
