import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AS_MADE, movedTo, orderedKeys, visibleKeys, withHidden } from './arrangement.ts';

const KEYS = ['a', 'b', 'c', 'd'];

test('without an arrangement things stay as made', () => {
  expect(visibleKeys(KEYS, AS_MADE)).toEqual(KEYS);
});

test('a part takes the place of its target, forwards and backwards', () => {
  expect(visibleKeys(KEYS, movedTo(KEYS, AS_MADE, ['a', 'c']))).toEqual(['b', 'c', 'a', 'd']);
  expect(visibleKeys(KEYS, movedTo(KEYS, AS_MADE, ['d', 'b']))).toEqual(['a', 'd', 'b', 'c']);
});

test('a part of a later version appears where it belongs by nature', () => {
  const arrangement = { order: ['d', 'a', 'c'], hidden: [] };
  expect(visibleKeys(KEYS, arrangement)).toEqual(['d', 'a', 'b', 'c']);
});

test('a hidden part is left out until it is shown again', () => {
  const hidden = withHidden(AS_MADE, 'b', true);
  expect(visibleKeys(KEYS, hidden)).toEqual(['a', 'c', 'd']);
  expect(visibleKeys(KEYS, withHidden(hidden, 'b', false))).toEqual(KEYS);
});

test('property: no arrangement loses, doubles or invents a part', () => {
  const names = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'x', 'y'));
  fc.assert(
    fc.property(names, names, fc.constantFrom(...KEYS), fc.constantFrom(...KEYS), (order, hidden, key, target) => {
      const arrangement = movedTo(KEYS, { order, hidden }, [key, target]);
      expect(orderedKeys(KEYS, arrangement).toSorted()).toEqual(KEYS);
      expect(visibleKeys(KEYS, arrangement).toSorted()).toEqual(KEYS.filter((name) => !hidden.includes(name)));
    }),
  );
});
