import { createEnhancedCache } from '@bellwether/cache';
import { cpuNs, flat, keyOf, sized, cpuMs } from './measure.ts';
import type { Report } from './report.ts';
import { lruCache } from './rivals.ts';

const WRITES = 300_000;
const ROUNDS = 6;
/** Writes that are timed together when the longest stall is sought. */
const BATCH = 100;
const value = { id: 1 };

/** Writes of new keys into a full cache, and the longest stall among them. */
export function writes(report: Report, size: number): void {
  const cache = createEnhancedCache({ maxSize: size });
  const ours = measure(size, (key) => cache.setSync(key, value));
  cache.dispose();
  const lru = lruCache(size);
  const rival = measure(size, (key) => lru.set(key, value));
  report.add(`set of new keys with eviction, ${sized(size)}`, 'ns', ours.ns, { 'lru-cache + ttl': rival.ns });
  report.add(`longest stall while evicting, ${sized(size)}`, 'CPU ms', ours.stallMs, { 'lru-cache + ttl': rival.stallMs });
}

function measure(size: number, set: (key: string) => void): { readonly ns: number; readonly stallMs: number } {
  const keysFrom = (first: number, length: number): string[] => Array.from({ length }, (_, number) => flat(keyOf(first + number)));
  const write = (keys: readonly string[], from: number, to: number): void => {
    for (let at = from; at < to; at++) set(keys[at] as string);
  };
  for (const key of keysFrom(0, size)) set(key);
  let ns = Infinity;
  let stallMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const keys = keysFrom(size + 2 * round * WRITES, 2 * WRITES);
    // The keys are the benchmark's own garbage: collected now, so that nobody is charged for moving them.
    globalThis.gc?.();
    ns = Math.min(
      ns,
      cpuNs(WRITES, 1, () => write(keys, 0, WRITES)),
    );
    for (let at = WRITES; at < keys.length; at += BATCH) {
      const to = at + BATCH;
      const spentMs = cpuMs(() => write(keys, at, to));
      stallMs = Math.max(stallMs, spentMs);
    }
  }
  return { ns, stallMs };
}
