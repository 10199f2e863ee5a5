import { createEnhancedCache } from '@bellwether/cache';
import { LRUCache } from 'lru-cache';
import { flat, heapBytes, keyOf, sized } from './measure.ts';
import type { Report } from './report.ts';
import { TAGGING_RIVALS, TTL_SECONDS } from './rivals.ts';

const value = { id: 1 };

/** Heap and buffers per entry beyond key and value, which all share. The slow rivals hold a tenth of the entries, with one tag. */
export async function memory(report: Report, size: number): Promise<void> {
  const keys = Array.from({ length: size }, (_, number) => flat(keyOf(number)));
  const withAll = await perEntry(size, () => ours(keys, { ttl: TTL_SECONDS, tags: ['user', 'premium'] }));
  const rivals: Record<string, number> = { 'lru-cache + ttl': await perEntry(size, () => lru(keys, { ttl: TTL_SECONDS * 1000 })) };
  const few = Math.ceil(size / 10);
  for (const make of TAGGING_RIVALS) {
    const cache = make(few, () => value, ['user']);
    rivals[`${cache.name}, ${sized(few)}`] = await perEntry(few, async () => {
      for (let at = 0; at < few; at++) await cache.getOrLoad(keys[at] as string);
      return cache;
    });
  }
  report.add(`heap per entry with ttl and tags, ${sized(size)}`, 'B', withAll, rivals);
  const without = await perEntry(size, () => ours(keys, {}));
  report.add(`heap per entry without, ${sized(size)}`, 'B', without, { 'lru-cache': await perEntry(size, () => lru(keys, {})) });
}

async function perEntry(entries: number, fill: () => unknown): Promise<number> {
  const before = await heapBytes();
  const kept = await fill();
  const bytes = ((await heapBytes()) - before) / entries;
  if (kept === undefined) throw new Error('nothing was kept');
  (kept as Partial<Disposable>)[Symbol.dispose]?.();
  return bytes;
}
function ours(keys: readonly string[], options: object): unknown {
  const cache = createEnhancedCache({ maxSize: keys.length, defaultTtl: null });
  for (const key of keys) cache.setSync(key, value, options);
  return cache.stats().entry_count === keys.length ? cache : undefined;
}
function lru(keys: readonly string[], options: object): unknown {
  const cache = new LRUCache<string, object>({ max: keys.length, ...options });
  for (const key of keys) cache.set(key, value);
  return cache;
}
