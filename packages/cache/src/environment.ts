import { CacheError, shown } from './base/errors.ts';
import { MAX_ENTRIES } from './limits.ts';
import { createRedisTier, isRedisUrl, isTierPrefix } from './tiers/redis/create-redis-tier.ts';
import type { SecondTier } from './tiers/second-tier.ts';

/** What the variables say; fits `createEnhancedCache`. */
export interface CacheEnvironment {
  readonly maxSize: number;
  readonly defaultTtl: number;
  readonly cleanupInterval: number;
  /** Opens no connection before a cache is made with it. */
  readonly tier?: SecondTier;
}

interface Variable {
  readonly name: string;
  readonly standard: number;
  readonly max: number;
  readonly isWhole: boolean;
  readonly allowed: string;
}

const TEN_YEARS_SECONDS = 315_576_000;
const MAX_SIZE: Variable = {
  name: 'CACHE_MAX_SIZE',
  standard: 2000,
  max: MAX_ENTRIES,
  isWhole: true,
  allowed: `a whole number of entries from 1 to ${MAX_ENTRIES}`,
};
const DEFAULT_TTL: Variable = {
  name: 'CACHE_DEFAULT_TTL',
  standard: 3600,
  max: TEN_YEARS_SECONDS,
  isWhole: false,
  allowed: `seconds above 0 and up to ${TEN_YEARS_SECONDS} (ten years)`,
};
const CLEANUP_INTERVAL: Variable = { ...DEFAULT_TTL, name: 'CACHE_CLEANUP_INTERVAL', standard: 300 };

const CACHE_URL = 'BELLWETHER_CACHE_URL';
const CACHE_URL_ALLOWED = 'redis://[user:password@]host[:port][/database][?prefix=name], or rediss:// for TLS';

/**
 * Reads CACHE_MAX_SIZE (entries, default 2000), CACHE_DEFAULT_TTL (seconds, 3600), CACHE_CLEANUP_INTERVAL (seconds, 300) and BELLWETHER_CACHE_URL
 * (Redis or Valkey as the second tier; none without it). Nothing is opened: a program calls it at its start to refuse a bad value before anything
 * runs. An empty variable counts as absent.
 * @throws {CacheError} `cache_config_invalid`: one line with the variable, the value (not that of an address, which may hold a password) and what is allowed.
 */
export function parseCacheEnvironment(env: Readonly<Record<string, string | undefined>>): CacheEnvironment {
  const tier = tierOf(env[CACHE_URL]?.trim());
  const numbers = { maxSize: read(env, MAX_SIZE), defaultTtl: read(env, DEFAULT_TTL), cleanupInterval: read(env, CLEANUP_INTERVAL) };
  return tier === undefined ? numbers : { ...numbers, tier };
}

function tierOf(text: string | undefined): SecondTier | undefined {
  if (text === undefined || text === '') return undefined;
  const url = isRedisUrl(text) ? new URL(text) : undefined;
  const prefix = url?.searchParams.get('prefix') ?? undefined;
  const isKnown = [...(url?.searchParams.keys() ?? [])].every((name) => name === 'prefix');
  if (url === undefined || !isKnown || (prefix !== undefined && !isTierPrefix(prefix)))
    throw new CacheError('cache_config_invalid', `${CACHE_URL} (not shown) is not valid; allowed: ${CACHE_URL_ALLOWED}.`, {
      details: { variable: CACHE_URL, allowed: CACHE_URL_ALLOWED },
    });
  url.search = '';
  return createRedisTier({ url: url.href, ...(prefix === undefined ? {} : { prefix }) });
}

function read(env: Readonly<Record<string, string | undefined>>, variable: Variable): number {
  const text = env[variable.name]?.trim();
  if (text === undefined || text === '') return variable.standard;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const isAllowed = value > 0 && value <= variable.max && (!variable.isWhole || (Number.isInteger(value) && value >= 1));
  if (isAllowed) return value;
  throw new CacheError('cache_config_invalid', `${variable.name} is ${shown(text)}; allowed: ${variable.allowed}.`, {
    details: { variable: variable.name, value: text, allowed: variable.allowed },
  });
}
