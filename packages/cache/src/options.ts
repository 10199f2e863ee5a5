import { SystemClock } from './base/system-clock.ts';
import type { CacheClock } from './base/clock.ts';
import { CacheError, shown } from './base/errors.ts';
import { refuseUnknown } from './base/unknown-option.ts';
import { MAX_ENTRIES, ttlToMs } from './limits.ts';
import { LOAD_POLICY_NAMES, type LoadPolicy, type ResolvedLoadPolicy, resolveLoadPolicy } from './loading/load-options.ts';
import { POLICY_NAMES } from './policy/candidates.ts';
import type { PolicyName } from './policy/policy.ts';
import { keyPrefix } from './stats/group-counts.ts';
import type { SecondTier } from './tiers/second-tier.ts';

/** How a cache is made. Times are in seconds. What it says of loads holds for every call that says nothing else. */
export interface CacheOptions extends LoadPolicy {
  /** Name under which monitors find it; made unique by a number when taken. @default 'cache' */
  readonly name?: string;
  /** Most entries kept in memory: a whole number from 1 to 16,777,215. @default 2000 */
  readonly maxSize?: number;
  /** Lifetime of an entry that is set without one, seconds above 0 up to ten years; `null`: never expires. @default 3600 */
  readonly defaultTtl?: number | null;
  /** Seconds between background sweeps of expired entries; `null`: only by `cleanup()`. Costs at most 1 ms a turn. @default 300 */
  readonly cleanupInterval?: number | null;
  /** Which entry leaves a full cache. `adaptive` runs the others on a small sample of the keys and uses the best. @default 'adaptive' */
  readonly policy?: PolicyName | 'adaptive';
  /** Group of a key in `statsByGroup()`. Called for one read in 32 and for each load; short names of few groups. @default the text before the first `:` or `(` */
  readonly groupOf?: (key: string) => string;
  /** What other processes share. Asked on a miss in memory by the asynchronous methods; the `…Sync` ones are memory only. @default none */
  readonly tier?: SecondTier;
  /** Source of time and chance. @default the host's */
  readonly clock?: CacheClock;
}

/** Options with every default filled in; times in ms. */
export interface ResolvedCacheOptions {
  readonly name: string;
  readonly maxSize: number;
  readonly defaultTtlMs: number;
  readonly cleanupIntervalMs: number;
  readonly policy: PolicyName | 'adaptive';
  readonly load: ResolvedLoadPolicy;
  readonly tier: SecondTier | undefined;
  readonly groupOf: (key: string) => string;
  readonly clock: CacheClock;
}

const KNOWN: readonly string[] = [
  'name',
  'maxSize',
  'defaultTtl',
  'cleanupInterval',
  'policy',
  'groupOf',
  'tier',
  'clock',
  ...LOAD_POLICY_NAMES,
];

/** @throws {CacheError} `cache_option_invalid` or `cache_ttl_invalid`, saying what is allowed. */
export function resolveOptions(options: CacheOptions): ResolvedCacheOptions {
  refuseUnknown(options, KNOWN, 'cache');
  const {
    name = 'cache',
    maxSize = 2000,
    defaultTtl = 3600,
    cleanupInterval = 300,
    clock = new SystemClock(),
    policy = 'adaptive',
    groupOf = keyPrefix,
  } = options;
  if (typeof name !== 'string' || name === '')
    throw new CacheError('cache_option_invalid', `name is ${shown(name)}; allowed: a non-empty string.`);
  if (!Number.isInteger(maxSize) || maxSize < 1 || maxSize > MAX_ENTRIES)
    throw new CacheError(
      'cache_option_invalid',
      `maxSize is ${shown(maxSize)}; allowed: a whole number of entries from 1 to ${MAX_ENTRIES}.`,
    );
  if (policy !== 'adaptive' && !POLICY_NAMES.includes(policy))
    throw new CacheError('cache_option_invalid', `policy is ${shown(policy)}; allowed: adaptive, ${POLICY_NAMES.join(', ')}.`);
  if (typeof groupOf !== 'function')
    throw new CacheError('cache_option_invalid', `groupOf is ${shown(groupOf)}; allowed: a function from a key to the name of its group.`);
  return {
    name,
    maxSize,
    defaultTtlMs: ttlToMs(defaultTtl, 'defaultTtl'),
    cleanupIntervalMs: ttlToMs(cleanupInterval, 'cleanupInterval'),
    policy,
    load: resolveLoadPolicy(options),
    tier: options.tier,
    groupOf,
    clock,
  };
}
