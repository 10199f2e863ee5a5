import { SystemClock } from './base/system-clock.ts';
import type { CacheClock } from './base/clock.ts';
import { CacheError, shown } from './base/errors.ts';
import { refuseUnknown } from './base/unknown-option.ts';
import type { WeightBound } from './core/weights.ts';
import { MAX_ENTRIES, ttlToMs } from './limits.ts';
import { LOAD_POLICY_NAMES, type LoadPolicy, type ResolvedLoadPolicy, resolveLoadPolicy } from './loading/load-options.ts';
import { POLICY_NAMES } from './policy/candidates.ts';
import type { PolicyName } from './policy/policy.ts';
import { keyPrefix } from './stats/group-counts.ts';
import { estimateBytes } from './stats/size-estimate.ts';
import type { SecondTier } from './tiers/second-tier.ts';

/** How a cache is made. Times are in seconds. What it says of loads holds for every call that says nothing else. */
export interface CacheOptions extends LoadPolicy {
  /** Name under which monitors find it; made unique by a number when taken. @default 'cache' */
  readonly name?: string;
  /** Most entries kept in memory: a whole number from 1 to 16,777,215. @default 2000 */
  readonly maxSize?: number;
  /**
   * Most bytes of keys and values together, above 0; checked with each write, besides `maxSize`. Costs a look through each value unless `weigh` is
   * given. A value that alone is heavier is not kept and counts as `refused`. Without `maxSize` there is room for an entry per 256 bytes.
   * @default no bound
   */
  readonly maxBytes?: number;
  /** Bytes of an entry, ≥ 0; needs `maxBytes`. Any unit will do if both agree. @default an estimate of key and value */
  readonly weigh?: (value: unknown, key: string) => number;
  /** Lifetime of an entry that is set without one, seconds above 0 up to ten years; `null`: never expires. @default 3600 */
  readonly defaultTtl?: number | null;
  /**
   * Whether each read that hits begins the entry's lifetime in memory anew; `has` and listings do not, and a second tier keeps the first expiry. 8 bytes an
   * entry and some 20 ns a hit. An entry that is read all the time then never renews itself: give it up by tag. @default false
   */
  readonly sliding?: boolean;
  /** Largest part of a lifetime that chance takes off it, 0 up to 1, so that what was written together does not expire together. @default 0 */
  readonly jitter?: number;
  /** Seconds between background sweeps of expired entries; `null`: only by `cleanup()`. Costs at most 1 ms a turn. @default 300 */
  readonly cleanupInterval?: number | null;
  /** Which entry leaves a full cache. `adaptive` runs the others on a small sample of the keys and uses the best. @default 'adaptive' */
  readonly policy?: PolicyName | 'adaptive';
  /** Group of a key in `statsByGroup()`. Called for one read in 128 and for each load; short names of few groups. @default the text before the first `:` or `(` */
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
  readonly bound: WeightBound | undefined;
  readonly isSliding: boolean;
  readonly jitterRatio: number;
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
  'maxBytes',
  'weigh',
  'defaultTtl',
  'sliding',
  'jitter',
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
    sliding = false,
    jitter = 0,
    maxBytes,
    maxSize = maxBytes === undefined ? 2000 : Math.min(MAX_ENTRIES, Math.max(1, Math.floor(maxBytes / 256) || 1)),
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
  if (typeof sliding !== 'boolean') throw new CacheError('cache_option_invalid', `sliding is ${shown(sliding)}; allowed: true, false.`);
  if (!(typeof jitter === 'number' && jitter >= 0 && jitter <= 1))
    throw new CacheError('cache_option_invalid', `jitter is ${shown(jitter)}; allowed: a part of the lifetime from 0 to 1.`);
  if (policy !== 'adaptive' && !POLICY_NAMES.includes(policy))
    throw new CacheError('cache_option_invalid', `policy is ${shown(policy)}; allowed: adaptive, ${POLICY_NAMES.join(', ')}.`);
  if (typeof groupOf !== 'function')
    throw new CacheError('cache_option_invalid', `groupOf is ${shown(groupOf)}; allowed: a function from a key to the name of its group.`);
  return {
    name,
    maxSize,
    bound: resolveBound(options),
    isSliding: sliding,
    jitterRatio: jitter,
    defaultTtlMs: ttlToMs(defaultTtl, 'defaultTtl'),
    cleanupIntervalMs: ttlToMs(cleanupInterval, 'cleanupInterval'),
    policy,
    load: resolveLoadPolicy(options),
    tier: options.tier,
    groupOf,
    clock,
  };
}

function resolveBound({ maxBytes, weigh }: CacheOptions): WeightBound | undefined {
  if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes > 0 && maxBytes < Infinity))
    throw new CacheError('cache_option_invalid', `maxBytes is ${shown(maxBytes)}; allowed: a finite number of bytes above 0.`);
  if (weigh !== undefined && typeof weigh !== 'function')
    throw new CacheError('cache_option_invalid', `weigh is ${shown(weigh)}; allowed: a function from value and key to bytes.`);
  if (weigh !== undefined && maxBytes === undefined)
    throw new CacheError('cache_option_invalid', 'weigh is given without maxBytes.', {
      hint: 'Give the bound that the weights are held against.',
    });
  return maxBytes === undefined ? undefined : { maxBytes, weigh: weigh ?? ((value, key) => estimateBytes(key) + estimateBytes(value)) };
}
