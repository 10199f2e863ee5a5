/** The cache beside lru-cache, in one run, in CPU time. `--json`: one line a row. `--small`: 100k entries only. */
import { createEnhancedCache } from '@bellwether/cache';
import { LRUCache } from 'lru-cache';
import { type Row, cpuNs, cpuNsAsync, distinctKeys, flat, heapBytes, keyOf, row } from './measure.ts';

const isJson = process.argv.includes('--json');
const sizes = process.argv.includes('--small') ? [100_000] : [100_000, 1_000_000];
const TTL_SECONDS = 3600;
const rows: Row[] = [];
const add = (result: Row): void => {
  rows.push(result);
  if (isJson) console.log(JSON.stringify(result));
};
const rivalOf = (max: number): LRUCache<string, object> => new LRUCache<string, object>({ max, ttl: TTL_SECONDS * 1000 });
const name = 'lru-cache + ttl';
const sized = (size: number): string => (size === 1_000_000 ? '1M' : `${size / 1000}k`);

function reads(size: number): void {
  const ours = createEnhancedCache({ maxSize: size });
  const rival = rivalOf(size);
  const value = { id: 1 };
  for (let number = 0; number < size; number++) {
    ours.setSync(keyOf(number), value, { ttl: TTL_SECONDS, tags: ['user', `shard/${number % 100}`] });
    rival.set(keyOf(number), value);
  }
  const keys = distinctKeys(size, 1_000_000);
  let found = 0;
  const readOurs = (): void => keys.forEach((key) => (found += ours.getSync(key) === undefined ? 0 : 1));
  const readRival = (): void => keys.forEach((key) => (found += rival.get(key) === undefined ? 0 : 1));
  const oursNs = cpuNs(keys.length, 5, readOurs);
  add(row(`get hit, ttl + tags + statistics, ${sized(size)}`, 'ns', oursNs, { name, value: cpuNs(keys.length, 5, readRival) }));
  const built = keys.map((key) => Number(key.split(':')[1]));
  const builtOurs = cpuNs(keys.length, 5, () => built.forEach((number) => (found += ours.getSync(keyOf(number)) === undefined ? 0 : 1)));
  const builtRival = cpuNs(keys.length, 5, () => built.forEach((number) => (found += rival.get(keyOf(number)) === undefined ? 0 : 1)));
  add(row(`get hit, keys built per call, ${sized(size)}`, 'ns', builtOurs, { name, value: builtRival }));
  ours.dispose();
  if (found === 0) throw new Error('nothing was found: the benchmark is broken');
}

function writes(size: number): void {
  const count = 400_000;
  const rounds = 3;
  const value = { id: 1 };
  const keysFrom = (first: number, length: number): string[] => Array.from({ length }, (_, number) => flat(keyOf(first + number)));
  const measure = (set: (key: string) => void): { ns: number; stallMs: number } => {
    let stallMs = 0;
    let ns = Infinity;
    for (const key of keysFrom(0, size)) set(key);
    for (let round = 0; round < rounds; round++) {
      const keys = keysFrom(size + round * count, count);
      const spent = cpuNs(count, 1, () => {
        for (let at = 0; at < count; at += 100) {
          const startedAt = performance.now();
          for (let step = at; step < at + 100; step++) set(keys[step] as string);
          stallMs = Math.max(stallMs, performance.now() - startedAt);
        }
      });
      ns = Math.min(ns, spent);
    }
    return { ns, stallMs };
  };
  const cache = createEnhancedCache({ maxSize: size });
  const ours = measure((key) => cache.setSync(key, value));
  cache.dispose();
  const lru = rivalOf(size);
  const rival = measure((key) => lru.set(key, value));
  add(row(`set of new keys with eviction, ${sized(size)}`, 'ns', ours.ns, { name, value: rival.ns }));
  add(row(`longest stall while evicting, ${sized(size)}`, 'ms', ours.stallMs, { name, value: rival.stallMs }));
}

function memory(size: number): void {
  const value = { id: 1 };
  const keys = Array.from({ length: size }, (_, number) => flat(keyOf(number)));
  const perEntry = (fill: () => unknown): number => {
    const before = heapBytes();
    const kept = fill();
    const bytes = (heapBytes() - before) / size;
    if (kept === undefined) throw new Error('nothing was kept');
    return bytes;
  };
  const filled = (options: object): number =>
    perEntry(() => {
      const cache = createEnhancedCache({ maxSize: size, defaultTtl: null });
      for (const key of keys) cache.setSync(key, value, options);
      const { entry_count } = cache.stats();
      setImmediate(() => cache.dispose());
      return entry_count === size ? cache : undefined;
    });
  const lru = (options: object): number =>
    perEntry(() => {
      const cache = new LRUCache<string, object>({ max: size, ...options });
      for (const key of keys) cache.set(key, value);
      return cache;
    });
  const withAll = filled({ ttl: TTL_SECONDS, tags: ['user', 'premium'] });
  add(row(`heap per entry with ttl and tags, ${sized(size)}`, 'B', withAll, { name, value: lru({ ttl: TTL_SECONDS * 1000 }) }));
  add(row(`heap per entry without, ${sized(size)}`, 'B', filled({}), { name: 'lru-cache', value: lru({}) }));
}

async function loads(): Promise<void> {
  const size = 100_000;
  const ours = createEnhancedCache({ maxSize: size });
  const rival = new LRUCache<string, object>({ max: size, ttl: TTL_SECONDS * 1000, fetchMethod: () => ({ id: 2 }) });
  for (let number = 0; number < size; number++) {
    ours.setSync(keyOf(number), { id: 1 });
    rival.set(keyOf(number), { id: 1 });
  }
  const keys = distinctKeys(size, 300_000);
  const load = (): object => ({ id: 2 });
  const oursNs = await cpuNsAsync(keys.length, 5, async () => {
    for (const key of keys) await ours.getOrLoad(key, load);
  });
  const rivalNs = await cpuNsAsync(keys.length, 5, async () => {
    for (const key of keys) await rival.fetch(key);
  });
  add(row('get-or-load hit, awaited', 'ns', oursNs, { name: 'lru-cache.fetch', value: rivalNs }));
  ours.dispose();
}

function tags(): void {
  const size = 100_000;
  const ours = createEnhancedCache({ maxSize: size });
  const index = new Map<string, Set<string>>([['hot', new Set()]]);
  const map = new Map<string, object>();
  for (let number = 0; number < size; number++) {
    ours.setSync(keyOf(number), { id: 1 }, { tags: ['hot'] });
    map.set(keyOf(number), { id: 1 });
    index.get('hot')?.add(keyOf(number));
  }
  let startedAt = performance.now();
  ours.invalidateTags(['hot']);
  const oursMs = performance.now() - startedAt;
  startedAt = performance.now();
  for (const key of index.get('hot') ?? []) map.delete(key);
  add(row('invalidate a tag of 100k entries', 'ms', oursMs, { name: 'Map of Sets', value: performance.now() - startedAt }));
  ours.dispose();
}

for (const size of sizes) {
  reads(size);
  writes(size);
}
await loads();
tags();
memory(sizes.at(-1) ?? 100_000);
if (!isJson) console.table(rows.map(({ bench: _bench, ...shown }) => shown));
