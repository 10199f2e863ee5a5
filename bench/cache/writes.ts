import { createEnhancedCache } from '@bellwether/cache';
import { cpuMs, cpuNsInTurns, flat, keyOf, sized } from './measure.ts';
import type { Report } from './report.ts';
import { lruCache } from './rivals.ts';

const WRITES = 300_000;
const ROUNDS = 8;
/** Writes that are timed together when the longest stall is sought. */
const BATCH = 100;
const value = { id: 1 };

type Set = (key: string) => void;

/** Writes of new keys into a full cache, in turns with the rival, and the longest stall among more of them. */
export function writes(report: Report, size: number): void {
  using cache = createEnhancedCache({ maxSize: size });
  const lru = lruCache(size);
  const ours: Set = (key) => cache.setSync(key, value);
  const rival: Set = (key) => lru.set(key, value);
  for (const key of keysFrom(0, size)) for (const set of [ours, rival]) set(key);
  const best = { ours: Infinity, rival: Infinity };
  const longestMs = { ours: 0, rival: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const keys = keysFrom(size + 2 * round * WRITES, 2 * WRITES);
    // The keys are the benchmark's own garbage: collected now, so that nobody is charged for moving them.
    globalThis.gc?.();
    const ns = cpuNsInTurns(WRITES, 1, { ours: () => write(ours, keys, WRITES), rival: () => write(rival, keys, WRITES) });
    best.ours = Math.min(best.ours, ns.ours);
    best.rival = Math.min(best.rival, ns.rival);
    longestMs.ours = Math.max(longestMs.ours, longestStallMs(ours, keys.slice(WRITES)));
    longestMs.rival = Math.max(longestMs.rival, longestStallMs(rival, keys.slice(WRITES)));
  }
  report.add(`set of new keys with eviction, ${sized(size)}`, 'ns', best.ours, { 'lru-cache + ttl': best.rival });
  report.add(`longest stall while evicting, ${sized(size)}`, 'CPU ms', longestMs.ours, { 'lru-cache + ttl': longestMs.rival });
}

function keysFrom(first: number, length: number): string[] {
  return Array.from({ length }, (_, number) => flat(keyOf(first + number)));
}
function write(set: Set, keys: readonly string[], count: number): void {
  for (let at = 0; at < count; at++) set(keys[at] as string);
}
function longestStallMs(set: Set, keys: readonly string[]): number {
  let longestMs = 0;
  for (let at = 0; at < keys.length; at += BATCH) {
    const spentMs = cpuMs(() => keys.slice(at, at + BATCH).forEach(set));
    longestMs = Math.max(longestMs, spentMs);
  }
  return longestMs;
}
