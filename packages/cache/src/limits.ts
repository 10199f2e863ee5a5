import { CacheError, shown } from './base/errors.ts';

/** Most entries one cache may hold: a slot number fits 24 bits. */
export const MAX_ENTRIES: number = 2 ** 24 - 1;
/** Longest key and longest tag, in UTF-16 units. */
export const MAX_KEY_LENGTH = 8_192;
export const MAX_TAG_LENGTH = 512;
/** Most tags one entry may carry. */
export const MAX_TAGS = 128;
const TEN_YEARS_SECONDS = 10 * 365.25 * 86_400;

/** @throws {CacheError} `cache_key_invalid` unless `key` is a string of 1 to 8,192 characters. */
export function checkKey(key: string): void {
  if (typeof key === 'string' && key.length > 0 && key.length <= MAX_KEY_LENGTH) return;
  const got = typeof key === 'string' && key.length > 0 ? `a string of ${key.length} characters` : shown(key);
  throw new CacheError('cache_key_invalid', `A cache key must be a string of 1 to ${MAX_KEY_LENGTH} characters; got ${got}.`, {
    hint: 'Build a string key, or let wrap() build one from the arguments.',
  });
}

/** @throws {CacheError} `cache_tag_invalid` unless `tags` is a list of at most 128 strings of 1 to 512 characters. */
export function checkTags(tags: readonly string[]): void {
  if (!Array.isArray(tags)) throw tagError(`Tags must be a list of strings; got ${shown(tags)}.`);
  if (tags.length > MAX_TAGS) throw tagError(`An entry may carry at most ${MAX_TAGS} tags; got ${tags.length}.`);
  for (const tag of tags) {
    if (typeof tag === 'string' && tag.length > 0 && tag.length <= MAX_TAG_LENGTH) continue;
    throw tagError(`A tag must be a string of 1 to ${MAX_TAG_LENGTH} characters; got ${shown(tag)}.`);
  }
}

function tagError(message: string): CacheError {
  return new CacheError('cache_tag_invalid', message, { hint: "Example: { tags: ['user', 'market/456'] }" });
}

/**
 * Seconds → ms; `null` (never expires) → `Infinity`.
 * @throws {CacheError} `cache_ttl_invalid` unless above 0 and at most ten years, or `null`.
 */
export function ttlToMs(ttlSeconds: number | null, what = 'ttl'): number {
  if (ttlSeconds === null) return Infinity;
  if (typeof ttlSeconds === 'number' && ttlSeconds > 0 && ttlSeconds <= TEN_YEARS_SECONDS) return ttlSeconds * 1000;
  throw new CacheError(
    'cache_ttl_invalid',
    `${what} is ${shown(ttlSeconds)}; allowed: seconds above 0 and up to ${TEN_YEARS_SECONDS} (ten years), or null for an entry that never expires.`,
    { hint: 'Times of this package are in seconds, not milliseconds.' },
  );
}
