import fc from 'fast-check';
import { expect, it } from 'vitest';
import { argumentKey } from './argument-key.ts';

it('tells apart what only looks alike', () => {
  const calls: unknown[][] = [
    [1],
    ['1'],
    [1n],
    [true],
    ['true'],
    [null],
    ['null'],
    [undefined],
    [],
    [0],
    [-0],
    [Number.NaN],
    [[1]],
    [[1, 2]],
    [1, 2],
    ['1,2'],
    [{ a: 1 }],
    [{ a: '1' }],
    [new Date(0)],
    ['D0'],
    [new Map([[1, 2]])],
    [new Set([1])],
    [/1/],
    [Buffer.from('1')],
    [new Uint8Array([49])],
    [new URL('http://a/')],
    [{}],
    [[]],
    [[undefined]],
  ];
  const keys = calls.map((args) => argumentKey(args));
  expect(new Set(keys).size).toBe(keys.length);
});
it('does not depend on the order of properties, map entries or set members', () => {
  expect(argumentKey([{ a: 1, b: { c: 2, d: 3 } }])).toBe(argumentKey([{ b: { d: 3, c: 2 }, a: 1 }]));
  expect(
    argumentKey([
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ]),
  ).toBe(
    argumentKey([
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ]),
  );
  expect(argumentKey([new Set([1, 2])])).toBe(argumentKey([new Set([2, 1])]));
});
it('refuses a cycle and names the path of what it cannot encode', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  expect(() => argumentKey([cyclic])).toThrow('Argument 1.self refers back to itself');
  expect(() => argumentKey([1, { list: [Symbol('x')] }])).toThrow('Argument 2.list[0] is a symbol');
});
it('property: two JSON values share a key exactly when they are equal', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const canonical = (value: unknown): string =>
        JSON.stringify(value, (_key, item: unknown) =>
          isRecord(item)
            ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
            : Object.is(item, -0)
              ? '-0!'
              : item,
        );
      expect(argumentKey([left]) === argumentKey([right])).toBe(canonical(left) === canonical(right));
      expect(argumentKey([left])).toBe(argumentKey([structuredClone(left)]));
    }),
  );
});
const isRecord = (item: unknown): item is Record<string, unknown> => typeof item === 'object' && item !== null && !Array.isArray(item);
