import { type CacheClock, createEnhancedCache } from '@bellwether/cache';
import { LRUCache } from 'lru-cache';
import { keyOf, longestTurnMs, sized, cpuMs } from './measure.ts';
import type { Report } from './report.ts';
import { TTL_SECONDS } from './rivals.ts';

const value = { id: 1 };

/** Everything expires at once and is given back: the longest turn of the event loop meanwhile. */
export async function expiry(report: Report, size: number): Promise<void> {
  let nowMs = 1000;
  const clock: CacheClock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    random: () => 0.5,
    schedule: () => ({ cancel: () => undefined }),
  };
  using cache = createEnhancedCache({ maxSize: size, clock });
  const lru = new LRUCache<string, object>({ max: size, ttl: TTL_SECONDS * 1000, ttlResolution: 0, perf: { now: () => nowMs } });
  for (let number = 0; number < size; number++) {
    cache.setSync(keyOf(number), value, { ttl: TTL_SECONDS, tags: ['user'] });
    lru.set(keyOf(number), value);
  }
  nowMs += TTL_SECONDS * 1000 + 1;
  globalThis.gc?.();
  const rivalMs = cpuMs(() => lru.purgeStale());
  globalThis.gc?.();
  let removed = 0;
  const oursMs = await longestTurnMs(async () => (removed = await cache.cleanup()));
  if (removed !== size || lru.size !== 0) throw new Error('not everything expired: the benchmark is broken');
  report.add(`${sized(size)} entries expire together: longest stall`, 'CPU ms', oursMs, { 'lru-cache.purgeStale': rivalMs });
}
