import { createEnhancedCache } from '@bellwether/cache';
import { LRUCache } from 'lru-cache';
import { cpuNs, cpuNsAsync, distinctKeys, keyOf } from './measure.ts';
import type { Report } from './report.ts';
import { LOADING_RIVALS, TTL_SECONDS } from './rivals.ts';

const SIZE = 100_000;
const load = (): object => ({ id: 2 });

/** Get-or-load when the value is there: awaited, and by the synchronous path. */
export async function loads(report: Report): Promise<void> {
  using ours = createEnhancedCache({ maxSize: SIZE });
  for (let number = 0; number < SIZE; number++) ours.setSync(keyOf(number), load());
  const keys = distinctKeys(SIZE, 200_000);
  const oursNs = await cpuNsAsync(keys.length, 5, async () => {
    for (const key of keys) await ours.getOrLoad(key, load);
  });
  const rivals: Record<string, number> = {};
  for (const make of LOADING_RIVALS) {
    const rival = make(SIZE, load);
    for (let number = 0; number < SIZE; number++) await rival.getOrLoad(keyOf(number));
    rivals[rival.name] = await cpuNsAsync(keys.length, 3, async () => {
      for (const key of keys) await rival.getOrLoad(key);
    });
  }
  report.add('get-or-load hit, awaited', 'ns', oursNs, rivals);

  const lru = new LRUCache<string, object>({ max: SIZE, ttl: TTL_SECONDS * 1000 });
  for (let number = 0; number < SIZE; number++) lru.set(keyOf(number), load());
  let loaded = 0;
  const syncNs = cpuNs(keys.length, 5, () => keys.forEach((key) => ours.getSync(key) ?? loaded++));
  const lruNs = cpuNs(keys.length, 5, () => keys.forEach((key) => lru.get(key) ?? loaded++));
  report.add('get-or-load hit, synchronous path', 'ns', syncNs, {
    'lru-cache + ttl': lruNs,
    'lru-cache.fetch': rivals['lru-cache.fetch'] as number,
  });
  if (loaded > 0) throw new Error('something was not found: the benchmark is broken');
}
