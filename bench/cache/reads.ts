import { type EnhancedCache, createEnhancedCache } from '@bellwether/cache';
import { cpuNsInTurns, distinctKeys, draw, flat, keyOf, sized } from './measure.ts';
import type { Report } from './report.ts';
import { TTL_SECONDS, lruCache } from './rivals.ts';

const LOOKS = 1_000_000;
const value = { id: 1 };

/** Hits with lifetime, tags and statistics on: keys that lie ready, and keys built for each call. */
export function reads(report: Report, size: number): void {
  using ours = createEnhancedCache({ maxSize: size });
  const rival = lruCache(size);
  for (let number = 0; number < size; number++) {
    ours.setSync(keyOf(number), value, { ttl: TTL_SECONDS, tags: ['user', `shard/${number % 100}`] });
    rival.set(keyOf(number), value);
  }
  const keys = distinctKeys(size, LOOKS);
  let found = 0;
  const ready = cpuNsInTurns(LOOKS, 7, {
    ours: () => keys.forEach((key) => (found += ours.getSync(key) === undefined ? 0 : 1)),
    rival: () => keys.forEach((key) => (found += rival.get(key) === undefined ? 0 : 1)),
  });
  report.add(`get hit, ttl + tags + statistics, ${sized(size)}`, 'ns', ready.ours, { 'lru-cache + ttl': ready.rival });
  const numbers = draw(size, LOOKS);
  const built = cpuNsInTurns(LOOKS, 7, {
    ours: () => numbers.forEach((number) => (found += ours.getSync(keyOf(number)) === undefined ? 0 : 1)),
    rival: () => numbers.forEach((number) => (found += rival.get(keyOf(number)) === undefined ? 0 : 1)),
  });
  report.add(`get hit, keys built per call, ${sized(size)}`, 'ns', built.ours, { 'lru-cache + ttl': built.rival });
  if (found !== LOOKS * 28) throw new Error('something was not found: the benchmark is broken');
}

/** What ten tags cost a hit: while nothing is invalidated, and while entries that lost a tag are still in memory. */
export function taggedReads(report: Report): void {
  const size = 100_000;
  const keys = distinctKeys(size, LOOKS);
  // The same strings in both: where they lie in the heap is no price of tags.
  const stored = Array.from({ length: size }, (_, number) => flat(keyOf(number)));
  const filled = (tags: (number: number) => string[]): EnhancedCache => {
    const cache = createEnhancedCache({ maxSize: size });
    stored.forEach((key, number) => cache.setSync(key, value, { tags: tags(number) }));
    return cache;
  };
  using bare = filled(() => []);
  using tagged = filled((number) => Array.from({ length: 10 }, (_, tag) => `tag-${tag}/${number % (100 + tag)}`));
  const read = (cache: EnhancedCache) => (): void => keys.forEach((key) => cache.getSync(key));
  const measure = (row: string): void => {
    globalThis.gc?.();
    const ns = cpuNsInTurns(LOOKS, 7, { bare: read(bare), tagged: read(tagged) });
    report.add(row, 'ns', ns.tagged, { 'ours, untagged': ns.bare });
  };
  measure('get hit with 10 tags, 100k');
  tagged.invalidateTags(['nobody has this one']);
  measure('get hit with 10 tags while dead entries are swept, 100k');
}
