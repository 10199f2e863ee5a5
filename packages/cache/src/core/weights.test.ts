import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnhancedCache } from '../enhanced-cache.ts';
import { POLICY_NAMES } from '../policy/candidates.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { TagRegistry } from '../tags/tag-registry.ts';
import { MemoryStore } from './memory-store.ts';

const weigh = (value: unknown): number => value as number;

describe('a cache bounded by bytes', () => {
  it.each([...POLICY_NAMES, 'adaptive'] as const)(
    'property: under %s it never exceeds the bound, and keeps what was written last',
    (policy) => {
      const write = fc.record({
        key: fc.nat(60),
        weight: fc.integer({ min: 0, max: 130 }),
        ttlMs: fc.constantFrom(50, Infinity),
        isTagged: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(write, { minLength: 50, maxLength: 300 }), fc.constantFrom(5, 40), (writes, maxEntries) => {
          const tags = new TagRegistry();
          const store = new MemoryStore({ maxEntries, bound: { maxBytes: 100, weigh }, policy, seed: 3, nowMs: 0 }, tags);
          writes.forEach(({ key, weight, ttlMs, isTagged }, nowMs) => {
            const tagSet = isTagged ? tags.intern([`t${key % 3}`]) : undefined;
            const slot = store.write(`k${key}`, weight, nowMs + ttlMs, tagSet, nowMs);
            if (key % 2 === 0) store.read(`k${key}`, nowMs);
            expect(slot === 0).toBe(weight > 100);
            expect(store.peek(`k${key}`, nowMs)).toBe(slot);
            store.checkInvariants();
          });
          expect(store.removed.refused).toBe(writes.filter(({ weight }) => weight > 100).length);
          store.clear();
          store.checkInvariants();
          expect(store.bytes).toBe(0);
        }),
        { numRuns: 40 },
      );
    },
  );
  it('refuses a value heavier than everything, counts it, evicts nothing for it and forgets what the key had', () => {
    using cache = createEnhancedCache({ maxBytes: 1000, weigh, clock: new FakeClock(0, 1), cleanupInterval: null });
    cache.setSync('small', 300);
    cache.setSync('big', 400);
    cache.setSync('big', 1001);
    expect(cache.getSync('small')).toBe(300);
    expect(cache.getSync('big')).toBeUndefined();
    expect(cache.stats()).toMatchObject({ refused: 1, evictions: 0, entry_count: 1, total_size: 300 });
  });
  it('holds both bounds, entries and bytes, and estimates when it is not told how to weigh', () => {
    using cache = createEnhancedCache({ maxBytes: 10_000, maxSize: 20, clock: new FakeClock(0, 1), cleanupInterval: null });
    for (let number = 0; number < 50; number++) cache.setSync(`k${number}`, 'x'.repeat(10));
    expect(cache.stats().entry_count).toBe(20);
    for (let number = 0; number < 50; number++) cache.setSync(`k${number}`, 'x'.repeat(2000));
    expect(cache.stats().entry_count).toBe(4);
    expect(cache.stats().total_size).toBeLessThanOrEqual(10_000);
  });
  it('hits on skewed reads what a cache of as many entries hits', () => {
    const hitRate = (options: object): number => {
      using cache = createEnhancedCache({ ...options, cleanupInterval: null, clock: new FakeClock(0, 5) });
      const clock = new FakeClock(0, 8);
      for (let at = 0; at < 60_000; at++) {
        const key = `k${Math.floor(5000 * clock.random() ** 3)}`;
        if (cache.getSync(key) === undefined) cache.setSync(key, 10);
      }
      return cache.stats().hit_rate;
    };
    expect(Math.abs(hitRate({ maxBytes: 5000, weigh, maxSize: 100_000 }) - hitRate({ maxSize: 500 }))).toBeLessThan(2);
  });
  it('says what is allowed when it is bounded wrongly', () => {
    for (const options of [{ maxBytes: 0 }, { maxBytes: NaN }, { maxBytes: Infinity }, { weigh }, { maxBytes: 5, weigh: 'heavy' as never }])
      expect(() => createEnhancedCache(options)).toThrow(/allowed|maxBytes/);
  });
});
