import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, encode } from './value-codec.ts';

const LIMITS = { compressFromBytes: 1024, mostBytes: 100_000 };
const through = async (value: unknown, limits = LIMITS): Promise<unknown> => await decode(await encode(value, limits)(), limits);

const plain = fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withNullPrototype: false, maxDepth: 4 });

it('property: what is kept comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(plain, async (value) => {
      expect(await through(value)).toStrictEqual(value);
    }),
    { numRuns: 500 },
  );
});
it.each([
  ['undefined', undefined],
  ['minus zero and what is no number', [-0, Number.NaN, Infinity, -Infinity]],
  ['bytes', [new Uint8Array([0, 255]), Buffer.from('ü')]],
  ['a date, also an invalid one', [new Date(5), new Date(Number.NaN)]],
  ['objects with a key $', { $: 'date', v: 1, inner: { $: { $: 1 } }, a: undefined }],
  ['a key __proto__', JSON.parse('{"__proto__": {"x": 1}, "d": null}')],
  ['a key __proto__ beside a special', { ...JSON.parse('{"a": {"__proto__": 1}}'), when: new Date(0) }],
  ['lone surrogates', ['\ud800', '\u2028']],
])('keeps %s', async (_what, value) => {
  expect(await through(value)).toStrictEqual(value);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});
it('compresses what is long and gains, and only that', async () => {
  const long = 'abc '.repeat(1000);
  expect((await encode(long, LIMITS)()).length).toBeLessThan(200);
  expect((await encode(long, { ...LIMITS, compressFromBytes: Infinity })()).length).toBe(4003);
  expect(await through(long)).toBe(long);
});
const cycle: Record<string, unknown> = {};
cycle['self'] = { cycle };
const shared = Array.from({ length: 40 }).reduce<unknown[]>((inner) => [inner, inner], [1n]);
class Money {
  amount = 1;
}
it.each([
  ['a function', { a: [() => 1] }, 'value.a[0]'],
  ['a symbol', Symbol('s'), 'value'],
  ['a class instance', { m: new Money() }, 'value.m'],
  ['an error', new Error('e'), 'value'],
  ['another typed array', new Float64Array(1), 'value'],
  ['a promise', Promise.resolve(1), 'value'],
  ['a list with holes', { l: Array(3) }, 'value.l'],
  ['hidden properties', Object.defineProperty({}, 'hidden', { value: 1, enumerable: false }), 'value'],
  ['symbols for keys', { [Symbol('s')]: 1 }, 'value'],
  ['a map with a function', new Map([['k', () => 1]]), 'value[0]'],
])('refuses %s and says where', (_what, value, path) => {
  expect(() => encode(value, LIMITS)).toThrow(expect.objectContaining({ code: 'cache_value_unserialisable', details: { path } }) as Error);
});
it('refuses a cycle, what is too large, and what shares so much that its text would never end', () => {
  for (const value of [cycle, shared, 'x'.repeat(100_000)])
    expect(() => encode(value, LIMITS)).toThrow(expect.objectContaining({ code: 'cache_value_unserialisable' }) as Error);
});
it('never unpacks more than allowed', async () => {
  const bomb = await encode('x'.repeat(90_000), LIMITS)();
  expect(bomb.length).toBeLessThan(500);
  await expect(decode(bomb, { ...LIMITS, mostBytes: 10_000 })).rejects.toBeInstanceOf(Error);
});
it.each([[[]], [[0]], [[0x7f, 1, 2]], [[0x31, 1]], [[0x21, 1, 2, 3]], [[1, 0x7b]], [[2, ...Buffer.from('{"$":"evil"}')]]])(
  'refuses bytes it did not write: %j',
  async (bytes) => {
    await expect(decode(new Uint8Array(bytes), LIMITS)).rejects.toBeInstanceOf(Error);
  },
);
