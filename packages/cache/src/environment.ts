import { CacheError, shown } from './base/errors.ts';
import { MAX_ENTRIES } from './limits.ts';

/** What the CACHE_* variables say; fits `createEnhancedCache`. */
export interface CacheEnvironment {
  readonly maxSize: number;
  readonly defaultTtl: number;
  readonly cleanupInterval: number;
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

/**
 * Reads CACHE_MAX_SIZE (entries, default 2000), CACHE_DEFAULT_TTL (seconds, 3600) and CACHE_CLEANUP_INTERVAL (seconds, 300). Pure: a program
 * calls it at its start to refuse a bad value before anything runs. An empty variable counts as absent.
 * @throws {CacheError} `cache_config_invalid`: one line with the variable, the value and what is allowed.
 */
export function parseCacheEnvironment(env: Readonly<Record<string, string | undefined>>): CacheEnvironment {
  return { maxSize: read(env, MAX_SIZE), defaultTtl: read(env, DEFAULT_TTL), cleanupInterval: read(env, CLEANUP_INTERVAL) };
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
