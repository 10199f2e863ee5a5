import type { CacheClock } from '../base/clock.ts';
import { CacheError, shown } from '../base/errors.ts';
import { SystemClock } from '../base/system-clock.ts';

/** How a second tier behaves. Durations in milliseconds. */
export interface TierOptions {
  /** How long one command may take before the cache goes on without its answer, 1 to 60,000; four times as long for the first, which connects. @default 250 */
  readonly timeoutMs?: number;
  /**
   * How long memory is served while other processes' invalidations cannot be heard, 10 ms to a day; then, and again after each such time, memory is
   * emptied. It bounds how stale an entry can get during an outage. `null`: entries live to the end of their own lifetime. @default 10,000
   */
  readonly maxBusLagMs?: number | null;
  /** How long a process that stopped in the middle of a load keeps the others waiting for that key, 100 to 60,000. @default 3,000 */
  readonly leaseMs?: number;
  /** How long one process waits for another's load of a key before it loads for itself, and how long one load holds its lease, 100 to 3,600,000. @default 30,000 */
  readonly longestLoadMs?: number;
  /** Time between two looks at the log when no invalidation rings, 10 to 60,000; costs two commands. @default 2,000 */
  readonly heartbeatMs?: number;
  /** Keys and tags invalidated during an outage that are remembered one by one; beyond, everything is invalidated on return. @default 10,000 */
  readonly maxPending?: number;
  /** Values whose text takes at least so many bytes are compressed (zstd, or brotli before Node 22.15); `null`: none. @default 4,096 */
  readonly compressFromBytes?: number | null;
  /** Longest text of a value in bytes, up to 256 MiB; larger ones stay in memory. @default 8 MiB */
  readonly maxValueBytes?: number;
  /** Source of time and chance. @default the host's */
  readonly clock?: CacheClock;
}

export interface ResolvedTierOptions {
  readonly timeoutMs: number;
  readonly maxBusLagMs: number;
  readonly leaseMs: number;
  readonly longestLoadMs: number;
  readonly heartbeatMs: number;
  readonly maxPending: number;
  readonly compressFromBytes: number;
  readonly maxValueBytes: number;
  readonly clock: CacheClock;
}

export const TIER_OPTION_NAMES: readonly string[] = [
  'timeoutMs',
  'maxBusLagMs',
  'leaseMs',
  'longestLoadMs',
  'heartbeatMs',
  'maxPending',
  'compressFromBytes',
  'maxValueBytes',
  'clock',
];

const DAY_MS = 86_400_000;

/** @throws CacheError `cache_option_invalid`, saying what is allowed. */
export function resolveTierOptions(options: TierOptions): ResolvedTierOptions {
  const { maxBusLagMs = 10_000, compressFromBytes = 4096, clock = new SystemClock() } = options;
  return {
    timeoutMs: within('timeoutMs', options.timeoutMs ?? 250, 1, 60_000),
    maxBusLagMs: maxBusLagMs === null ? Infinity : within('maxBusLagMs', maxBusLagMs, 10, DAY_MS),
    leaseMs: within('leaseMs', options.leaseMs ?? 3000, 100, 60_000),
    longestLoadMs: within('longestLoadMs', options.longestLoadMs ?? 30_000, 100, 3_600_000),
    heartbeatMs: within('heartbeatMs', options.heartbeatMs ?? 2000, 10, 60_000),
    maxPending: within('maxPending', options.maxPending ?? 10_000, 1, 1_000_000),
    compressFromBytes: compressFromBytes === null ? Infinity : within('compressFromBytes', compressFromBytes, 1, 2 ** 28),
    maxValueBytes: within('maxValueBytes', options.maxValueBytes ?? 8 * 2 ** 20, 1, 2 ** 28),
    clock,
  };
}

function within(name: string, value: number, from: number, to: number): number {
  if (typeof value === 'number' && value >= from && value <= to) return value;
  throw new CacheError('cache_option_invalid', `${name} is ${shown(value)}; allowed: a number from ${from} to ${to}.`);
}
