/**
 * What a better hit ratio saves: the loads behind the cache.
 *
 * Loads are proportional to `1 − h`, so going from h to h′ saves `(h′ − h) / (1 − h)` of them. Two ways to estimate h′: from the goal, or
 * for a cache that is too small from its evictions, since a miss for want of room needs an entry that was evicted before: at most
 * `evictions / misses` of the misses can be saved by room, and how many of those depends on how far apart the repeats are.
 */
import { gainInterval, type GainInterval } from './gain.ts';

/** Of the misses that had an eviction before them, the share a cache of twice the size answers at the cautious end. */
const CAUTIOUS_SHARE = 0.25;

/** Loads saved by reaching between half of the way to `wantedRatio` and all of it. All ratios 0 to 1. */
export function gainByGoal(hitRatio: number, wantedRatio: number): GainInterval {
  const missRatio = 1 - hitRatio;
  if (missRatio <= 0 || wantedRatio <= hitRatio) return gainInterval(0, 0);
  const whole = (wantedRatio - hitRatio) / missRatio;
  return gainInterval(whole / 2, whole);
}

/** Loads saved by room for the entries that are evicted now. @param evictionsPerMissRatio 0 to 1. */
export function gainByRoom(evictionsPerMissRatio: number): GainInterval {
  return gainInterval(CAUTIOUS_SHARE * evictionsPerMissRatio, evictionsPerMissRatio);
}

/** Loads saved when concurrent loads of one key become one. @param repeatedRatio share of loads that repeat another, 0 to 1. */
export function gainBySingleFlight(repeatedRatio: number): GainInterval {
  return gainInterval(0.8 * repeatedRatio, repeatedRatio);
}
