import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TagRegistry } from '../tags/tag-registry.ts';
import { MemoryStore } from './memory-store.ts';
import { Sweeper } from './sweeper.ts';

interface Bench {
  readonly store: MemoryStore;
  readonly sweeper: Sweeper;
  nowMs: number;
  write(key: string, ttlMs: number, tags: readonly string[]): void;
}

function bench(maxEntries: number): Bench {
  const tags = new TagRegistry();
  const store = new MemoryStore({ maxEntries, policy: 'lru', seed: 7, nowMs: 0 }, tags);
  const made: Bench = {
    store,
    sweeper: new Sweeper(store, tags, () => made.nowMs),
    nowMs: 0,
    write: (key, ttlMs, names) => store.write(key, 1, made.nowMs + ttlMs, names.length === 0 ? undefined : tags.intern(names), made.nowMs),
  };
  return made;
}

describe('a deletion by tag', () => {
  it('counts only what was live, however many entries expired unswept, and meanwhile looks at few of them a turn', async () => {
    const at = bench(20_000);
    for (let number = 0; number < 10_000; number++) at.write(`old-${number}`, 1000, ['hot']);
    for (let number = 0; number < 4000; number++) at.write(`new-${number}`, 9000, [number % 2 === 0 ? 'hot/ember' : 'cold']);
    at.nowMs = 2000;
    const answer = at.sweeper.killTagged(['hot']);
    expect(at.store.read('new-0', at.nowMs)).toBe(0);
    expect(at.store.size).toBeGreaterThan(10_000);
    expect(await answer).toBe(2000);
    at.store.checkInvariants();
  });
  it('property: its count is right whatever is written, read and swept while it counts', async () => {
    const action = fc.record({ kind: fc.constantFrom('write', 'read', 'remove', 'expire', 'pass'), key: fc.nat(3999) });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const at = bench(4000);
        for (let number = 0; number < 4000; number++) at.write(`k${number}`, number % 3 === 0 ? 1000 : 50_000, [`tag/${number % 5}`]);
        at.nowMs = 1500;
        const answer = at.sweeper.killTagged(['tag/1', 'tag/2']);
        for (const { kind, key } of actions) {
          if (kind === 'write') at.write(`k${key}`, 700, ['tag/1']);
          else if (kind === 'read') at.store.read(`k${key}`, at.nowMs);
          else if (kind === 'remove') at.store.remove(`k${key}`);
          else if (kind === 'expire') at.store.expire(at.nowMs, 50);
          else at.nowMs += 400;
        }
        const live = Array.from({ length: 4000 }, (_, number) => number).filter((n) => n % 3 !== 0 && (n % 5 === 1 || n % 5 === 2)).length;
        expect(await answer).toBe(live);
        at.store.checkInvariants();
      }),
      { numRuns: 30 },
    );
  });
});

it('entries whose wide timer bucket has come, but not their time, cost a sweep no long turn', () => {
  const at = bench(5000);
  for (let number = 0; number < 5000; number++) at.write(`k${number}`, 100_000_000 + number, []);
  at.nowMs = 99_000_000;
  expect(at.store.hasExpired(at.nowMs)).toBe(true);
  expect(at.store.expire(at.nowMs, 1000)).toBe(0);
  expect(at.store.hasExpired(at.nowMs)).toBe(true);
  expect(at.store.expire(at.nowMs, 5000)).toBe(0);
  expect(at.store.hasExpired(at.nowMs)).toBe(false);
});
