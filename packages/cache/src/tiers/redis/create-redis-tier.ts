import { CacheError, shown } from '../../base/errors.ts';
import type { SecondTier } from '../second-tier.ts';
import { SharedTier } from '../shared-tier.ts';
import { TIER_OPTION_NAMES, type TierOptions, resolveTierOptions } from '../tier-options.ts';
import { type RedisClient, clientFor } from './redis-client.ts';
import { RedisTierConnection } from './redis-tier.ts';

export interface RedisTierOptions extends TierOptions {
  /**
   * A connected client of the `redis` package (5 or later; not a cluster or pool client). It stays yours: this tier closes only the second connection that it makes
   * with `client.duplicate()`. Give either this or `url`.
   */
  readonly client?: RedisClient;
  /** `redis://` or `rediss://` address; the `redis` package is imported when it is first needed, and must be installed. */
  readonly url?: string;
  /** First part of all keys. Caches with the same prefix are one cache; different ones know nothing of each other. Without `{`, `}` and spaces. @default 'bellwether' */
  readonly prefix?: string;
}

const KNOWN: readonly string[] = ['client', 'url', 'prefix', ...TIER_OPTION_NAMES];

/**
 * A second tier on Redis 6.2 or later, or Valkey, for the option `tier` of one cache. Opens its connections when the cache is made, and never throws for a server
 * that cannot be reached: the cache works without it until it can.
 * @throws CacheError `cache_option_invalid` for a bad option.
 */
export function createRedisTier(options: RedisTierOptions): SecondTier {
  for (const name of Object.keys(options)) if (!KNOWN.includes(name)) throw unknownOption(name);
  const { client, url, prefix = 'bellwether' } = options;
  if ((client === undefined) === (url === undefined))
    throw new CacheError('cache_option_invalid', 'A Redis tier needs either client or url.');
  if (url !== undefined && !isRedisUrl(url))
    throw new CacheError('cache_option_invalid', 'url is not allowed; allowed: an address that begins with redis:// or rediss://.');
  if (!isTierPrefix(prefix))
    throw new CacheError('cache_option_invalid', `prefix is ${shown(prefix)}; allowed: 1 to 200 characters without {, } and spaces.`);
  const connection = new RedisTierConnection({
    client: client === undefined ? () => clientFor(url as string) : async () => client,
    ownsClient: client === undefined,
    prefix,
  });
  return new SharedTier(connection, resolveTierOptions(options));
}

/** Whether a Redis client understands the address. */
export function isRedisUrl(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, hostname, pathname } = new URL(text);
  return (protocol === 'redis:' || protocol === 'rediss:') && hostname !== '' && /^(\/\d*)?$/.test(pathname);
}
export function isTierPrefix(prefix: unknown): boolean {
  return typeof prefix === 'string' && /^[^{}\s]{1,200}$/.test(prefix);
}

function unknownOption(name: string): CacheError {
  return new CacheError('cache_option_invalid', `There is no option ${shown(name)} of a Redis tier.`, {
    hint: `Known options: ${KNOWN.join(', ')}.`,
  });
}
