import type { CacheStampede, LowHitRate } from '../diagnose/finding.ts';
import { rateText, ratioText } from '../diagnose/number-text.ts';
import { adviceWithGain, type Advice } from './advice.ts';
import { gainByGoal, gainByRoom, gainBySingleFlight } from './impact-hit-ratio.ts';

export function adviseLowHitRate({ detail }: LowHitRate): Advice {
  return detail.tooSmall ? adviseMoreRoom(detail) : adviseBetterKeys(detail);
}

function adviseMoreRoom(detail: LowHitRate['detail']): Advice {
  const entries = detail.maxEntries;
  return adviceWithGain({
    category: 'cache',
    title: `Cache "${detail.cache}" is too small: ${ratioText(detail.hitRatio)} hits`,
    description: `It is full and evicts entries that are asked for again: ${ratioText(detail.evictionsPerMissRatio)} as many evictions as misses.`,
    effort: 'low',
    implementation: [
      entries === undefined
        ? `Double the number of entries of cache "${detail.cache}", then look again.`
        : `Raise the limit of cache "${detail.cache}" from ${entries} to ${2 * entries} entries (\`createEnhancedCache({ maxSize: ${2 * entries} })\`, or CACHE_MAX_SIZE=${2 * entries}), then look again.`,
      'Check the memory first: `cache_size_bytes` doubles with it at most.',
      'Keep what is asked for only once out of it: it pushes out what is asked for often.',
    ],
    verification: `cache_hit_rate{cache="${detail.cache}"} rises above ${(100 * detail.wantedRatio).toFixed(0)} and evictions fall.`,
    gain: {
      metric: 'cache_misses_total',
      ...gainByRoom(detail.evictionsPerMissRatio),
      model: 'hit-ratio arithmetic: misses that had an eviction before them',
    },
  });
}

function adviseBetterKeys(detail: LowHitRate['detail']): Advice {
  return adviceWithGain({
    category: 'cache',
    title: `Cache "${detail.cache}" answers only ${ratioText(detail.hitRatio)} of its look-ups`,
    description:
      'It has room, so its entries expire or are invalidated before they are asked for again, or each key is asked for only once.',
    effort: 'medium',
    implementation: [
      `Look at the keys of cache "${detail.cache}" (GET /api/v1/performance/cache/entries): a time, a random id or unsorted parameters in a key make every look-up new.`,
      'Compare the time to live with how often the values change, and lengthen it where that is rarer.',
      'Narrow the tags that are invalidated on writes: `market/456` instead of `market`.',
      'Leave out of the cache what is never asked for twice.',
    ],
    verification: `cache_hit_rate{cache="${detail.cache}"} rises above ${(100 * detail.wantedRatio).toFixed(0)}.`,
    gain: {
      metric: 'cache_misses_total',
      ...gainByGoal(detail.hitRatio, detail.wantedRatio),
      model: `hit-ratio arithmetic: half of the way to ${(100 * detail.wantedRatio).toFixed(0)} % hits, up to all of it`,
    },
  });
}

export function adviseStampede({ detail }: CacheStampede): Advice {
  return adviceWithGain({
    category: 'cache',
    title: `Cache "${detail.cache}" is stampeded: ${ratioText(detail.repeatedRatio)} of its loads are repeats`,
    description: `When a popular entry expires, many requests load it at once, each for itself: ${rateText(detail.loadsPerSecond)} loads where one per entry is enough.`,
    effort: 'low',
    implementation: [
      `Load through \`enhancedCache.wrap(load, { ttl })\` instead of get, load and set: concurrent calls for one key in "${detail.cache}" then share a single load.`,
      'Serve the stale entry while the new one loads where the data allows it.',
      'Spread expiry: give entries that are written together different times to live.',
      'Warm the popular keys before they expire.',
    ],
    verification: `Misses of cache "${detail.cache}" fall to about one for each entry that expires.`,
    gain: {
      metric: 'cache_misses_total',
      ...gainBySingleFlight(detail.repeatedRatio),
      model: 'single flight: one load for each key and expiry',
    },
  });
}
