import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { PolicyChooser } from './adaptive.ts';
import { POLICY_NAMES } from './candidates.ts';
import { ShadowCache } from './shadow-cache.ts';

const mixed = (id: number): number => {
  const hash = Math.imul(id ^ (id >>> 16), 0x7feb352d);
  return Math.imul(hash ^ (hash >>> 15), 0x846ca68b) | 0;
};
const hitsOf = (policy: number, capacity: number, ids: readonly number[]): number => {
  const cache = new ShadowCache(capacity, policy);
  return ids.reduce((hits, id) => hits + (cache.access(mixed(id)) ? 1 : 0), 0);
};
const zipf = (count: number, keys: number): number[] => {
  const clock = new FakeClock(0, 7);
  return Array.from({ length: count }, () => Math.floor(keys ** clock.random()));
};
const loop = (count: number, keys: number): number[] => Array.from({ length: count }, (_, at) => at % keys);

/** Least recently used, as naively as it gets. */
function naiveLru(capacity: number, ids: readonly number[]): number {
  const held: number[] = [];
  let hits = 0;
  for (const id of ids) {
    const at = held.indexOf(id);
    if (at !== -1) hits += held.splice(at, 1).length;
    else if (held.length >= capacity) held.shift();
    held.push(id);
  }
  return hits;
}
/** LIRS with the stack of the paper as a plain list, ghosts without bound. */
function naiveLirs(capacity: number, ids: readonly number[], newcomerRatio = 0.1): number {
  const lirMost = capacity - Math.max(1, Math.floor(capacity * newcomerRatio));
  const lastUse = new Map<number, number>();
  const lir = new Set<number>();
  let queue: number[] = [];
  let hits = 0;
  const stalest = (): number => [...lir].reduce((a, b) => ((lastUse.get(a) as number) < (lastUse.get(b) as number) ? a : b));
  ids.forEach((id, now) => {
    const isHere = lir.has(id) || queue.includes(id);
    hits += isHere ? 1 : 0;
    const isFull = !isHere && lir.size + queue.length >= capacity;
    if (isFull && queue.length > 0) queue.shift();
    else if (isFull) lir.delete(stalest());
    const wasNewer = lir.size > 0 && (lastUse.get(id) ?? -1) > (lastUse.get(stalest()) as number);
    const isRising = !lir.has(id) && (isHere ? wasNewer : lir.size < lirMost || wasNewer);
    if (!lir.has(id)) queue = queue.filter((other) => other !== id);
    lastUse.set(id, now);
    if (isRising) lir.add(id);
    else if (!lir.has(id)) queue.push(id);
    while (lir.size > lirMost) {
      const fallen = stalest();
      lir.delete(fallen);
      queue.push(fallen);
    }
  });
  return hits;
}
/** S3-FIFO with arrays for queues. */
function naiveS3Fifo(capacity: number, ids: readonly number[]): number {
  const small: number[] = [];
  const main: number[] = [];
  const uses = new Map<number, number>();
  const left = new Map<number, number>();
  let placements = 0;
  let hits = 0;
  const evictMain = (): void => {
    for (;;) {
      const id = main.shift() as number;
      const count = uses.get(id) as number;
      if (count === 0) return void uses.delete(id);
      uses.set(id, count - 1);
      main.push(id);
      placements++;
    }
  };
  const evict = (): void => {
    while (small.length > Math.max(1, Math.floor(capacity / 10)) || main.length === 0) {
      const id = small.shift() as number;
      if ((uses.get(id) as number) <= 1) {
        uses.delete(id);
        left.set(id, placements);
        return;
      }
      uses.set(id, 0);
      main.push(id);
      placements++;
    }
    evictMain();
  };
  for (const id of ids) {
    if (uses.has(id)) {
      hits++;
      uses.set(id, Math.min(3, (uses.get(id) as number) + 1));
      continue;
    }
    if (uses.size >= capacity) evict();
    const isGhost = placements - (left.get(id) ?? -Infinity) <= capacity;
    placements++;
    (isGhost ? main : small).push(id);
    uses.set(id, 0);
  }
  return hits;
}

describe('policies', () => {
  const workload = [...zipf(4000, 300), ...loop(2000, 70), ...zipf(4000, 600)];
  it.each([
    ['lru', naiveLru],
    ['s3-fifo', naiveS3Fifo],
    ['lirs', naiveLirs],
    ['lirs-narrow', (capacity: number, ids: readonly number[]) => naiveLirs(capacity, ids, 0.01)],
  ] as const)('model: %s hits what a naive one hits on 10,000 accesses', (name, naive) => {
    for (const capacity of [1, 2, 20, 50, 128]) {
      const ours = hitsOf(POLICY_NAMES.indexOf(name), capacity, workload);
      // Ghosts are kept in buckets of eight and by fingerprint, so a few are forgotten early.
      const tolerance = name === 'lru' ? 0 : workload.length * 0.004;
      expect(Math.abs(ours - naive(capacity, workload))).toBeLessThanOrEqual(tolerance);
    }
  });
  it('on a loop longer than the cache LRU hits nothing and LIRS most of what fits', () => {
    const ids = loop(20_000, 200);
    expect(hitsOf(POLICY_NAMES.indexOf('lru'), 100, ids)).toBe(0);
    expect(hitsOf(POLICY_NAMES.indexOf('lirs'), 100, ids)).toBeGreaterThan(20_000 * 0.43);
  });
});

describe('the adaptive policy', () => {
  it('leaves LRU on a loop longer than the cache', () => {
    const chooser = new PolicyChooser(100);
    expect(POLICY_NAMES[chooser.current]).toBe('lru');
    for (const id of loop(20_000, 150)) chooser.access(mixed(id));
    expect(POLICY_NAMES[chooser.current]).toMatch(/^lirs/);
    expect(chooser.changes).toBeLessThanOrEqual(2);
  });
  it('does not change on a difference that chance explains', () => {
    const chooser = new PolicyChooser(100);
    const clock = new FakeClock(0, 3);
    for (let at = 0; at < 50_000; at++) chooser.access(mixed(Math.floor(clock.random() * 1000)));
    expect(chooser.changes).toBeLessThanOrEqual(2);
  });
});
