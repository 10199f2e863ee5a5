import fc from 'fast-check';
import { expect, it } from 'vitest';
import { POLICY_NAMES } from '../policy/candidates.ts';
import type { PolicyName } from '../policy/policy.ts';
import { TagRegistry } from '../tags/tag-registry.ts';
import { MemoryStore } from './memory-store.ts';

type Step =
  | { readonly kind: 'write'; readonly key: number; readonly ttlMs: number; readonly keptForMs: number; readonly tags: readonly number[] }
  | { readonly kind: 'read' | 'peekKept' | 'remove' | 'invalidate'; readonly key: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'sweep' | 'expire' | 'clear' };

const TAGS = ['a', 'a/b', 'a/b/c', 'd', '__proto__'];
const key = fc.nat(40);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      key,
      ttlMs: fc.constantFrom(1, 900, 5000, 4e6, 9e9, Infinity),
      keptForMs: fc.constantFrom(0, 0, 500, 80_000),
      tags: fc.array(fc.nat(4), { maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('read' as const, 'peekKept' as const, 'remove' as const, 'invalidate' as const), key }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 1000, 70_000, 5e6, 9e8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('sweep' as const, 'expire' as const, 'clear' as const) }) },
);

interface Known {
  readonly value: number;
  readonly expiresAtMs: number;
  readonly keptUntilMs: number;
  readonly tags: readonly string[];
}

/** Runs the steps on the store and on a Map that forgets nothing; the store may know less (it evicts), never anything else. */
function run(steps: readonly Step[], maxEntries: number, policy: PolicyName | 'adaptive'): void {
  const tags = new TagRegistry();
  let nowMs = 5000;
  const store = new MemoryStore({ maxEntries, policy, seed: 42, nowMs }, tags);
  const known = new Map<string, Known>();
  steps.forEach((at, number) => {
    if (at.kind === 'write') {
      const names = at.tags.map((tag) => TAGS[tag] ?? 'a');
      const entry = { value: number, expiresAtMs: nowMs + at.ttlMs };
      const tagSet = names.length === 0 ? undefined : tags.intern(names);
      const slot = store.write(`k${at.key}`, number, entry.expiresAtMs, tagSet, nowMs);
      if (at.keptForMs > 0) store.describeLoad(slot, at.keptForMs, 7);
      expect(store.loadMs(slot)).toBe(at.keptForMs > 0 ? 7 : 0);
      known.set(`k${at.key}`, { ...entry, keptUntilMs: entry.expiresAtMs + at.keptForMs, tags: names });
    } else if (at.kind === 'peekKept') {
      const slot = store.peekKept(`k${at.key}`, nowMs);
      const expected = known.get(`k${at.key}`);
      const isKept = expected !== undefined && expected.keptUntilMs > nowMs;
      if (slot !== 0) expect(store.valueAt(slot)).toBe(isKept ? expected.value : 'nothing');
      else if (maxEntries > 40) expect(isKept).toBe(false);
    } else if (at.kind === 'read') {
      const slot = store.read(`k${at.key}`, nowMs);
      const expected = known.get(`k${at.key}`);
      if (slot !== 0) expect(store.valueAt(slot)).toBe(expected !== undefined && expected.expiresAtMs > nowMs ? expected.value : 'nothing');
      else if (maxEntries > 40) expect(expected === undefined || expected.expiresAtMs <= nowMs).toBe(true);
    } else if (at.kind === 'remove') {
      store.remove(`k${at.key}`);
      known.delete(`k${at.key}`);
    } else if (at.kind === 'invalidate') {
      const tag = TAGS[at.key % TAGS.length] ?? 'a';
      tags.invalidate([tag]);
      store.expectDead();
      for (const [name, entry] of known) if (entry.tags.some((other) => other === tag || other.startsWith(`${tag}/`))) known.delete(name);
      tags.prune();
    } else if (at.kind === 'pass') nowMs += at.ms;
    else if (at.kind === 'expire') store.expire(nowMs, Infinity);
    else if (at.kind === 'clear') {
      store.clear();
      known.clear();
    } else if (store.sweepDead(0, Infinity) === 0) store.forgetDead();
    store.checkInvariants();
  });
  store.expire(nowMs, Infinity);
  const live = [...store.live(nowMs)].length;
  const kept = [...known.values()].filter((entry) => entry.keptUntilMs > nowMs && entry.expiresAtMs <= nowMs).length;
  expect(store.size - tags.countDeadEntries() - live).toBeLessThanOrEqual(kept);
  if (maxEntries > 40) expect(live).toBe([...known.values()].filter((entry) => entry.expiresAtMs > nowMs).length);
  if (maxEntries > 40) expect(store.size - tags.countDeadEntries() - live).toBe(kept);
}

it.each([...POLICY_NAMES, 'adaptive'] as const)('model: a %s store never returns what a plain Map would not', (policy) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 150 }), fc.constantFrom(1, 2, 7, 100), (steps, maxEntries) =>
      run(steps, maxEntries, policy),
    ),
    { numRuns: 500 },
  );
});
it('keeps its index and its lists in order through 200,000 writes', () => {
  const store = new MemoryStore({ maxEntries: 1000, policy: 'adaptive', seed: 1, nowMs: 0 }, new TagRegistry());
  for (let number = 0; number < 200_000; number++) {
    store.read(`key-${number % 3000}`, number);
    store.write(`key-${(number * 7919) % 5000}`, number, number + (number % 900), undefined, number);
  }
  store.checkInvariants();
  expect(store.size).toBeLessThanOrEqual(1000);
});
