import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ColumnEncoder, decodeTimes, decodeValues } from './value-column.ts';

function pattern(bits: bigint): number {
  return new Float64Array(new BigUint64Array([bits]).buffer)[0] ?? 0;
}
const encoder = new ColumnEncoder();
const STALE = pattern(0x7ff0000000000002n);

function bitsOf(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length);
}
/** Encodes and decodes; returns the bytes it took, or −1 when a bit differs. */
function exactSize(values: Float64Array): number {
  const before = bitsOf(values).slice();
  const bytes = encoder.encodeValues(values, values.length);
  const out = new Float64Array(values.length + 5);
  if (!decodeValues(bytes, out, { offset: 3, count: values.length })) return -1;
  const after = bitsOf(out).subarray(3);
  return before.every((bits, i) => bits === after[i]) ? bytes.length : -1;
}
const bitPattern = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('property: columns of any bit patterns come back bit by bit', () => {
  fc.assert(
    fc.property(fc.array(bitPattern, { minLength: 1, maxLength: 300 }), (bits) => {
      expect(exactSize(new Float64Array(new BigUint64Array(bits).buffer))).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test('property: decimals mixed with stale markers, infinities, negative zero and huge numbers come back bit by bit', () => {
  const decimal = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 })).map(([n, e]) => n / 10 ** e);
  const special = fc.constantFrom(
    STALE,
    Number.NaN,
    pattern(0xfff8000000001234n),
    Infinity,
    -Infinity,
    -0,
    0,
    2 ** 53,
    -(2 ** 53) - 2,
    1e300,
  );
  const value = fc.oneof({ weight: 20, arbitrary: decimal }, { weight: 1, arbitrary: special });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), (values) => {
      expect(exactSize(Float64Array.from(values))).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test('property: counters, walks and paged byte counts of any size come back bit by bit', () => {
  const steps = fc.array(fc.integer({ min: -1000, max: 100_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 2 ** 40 }), fc.constantFrom(1, 4096, 0.001), (deltas, start, scale) => {
      let value = start;
      expect(exactSize(Float64Array.from(deltas, (delta) => (value += delta) * scale))).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test('property: times come back exactly, jumping back or forth or steady', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 45), max: 2 ** 45 }), { minLength: 1, maxLength: 300 }), (times) => {
      const column = Float64Array.from(times);
      const out = new Float64Array(times.length);
      expect(decodeTimes(encoder.encodeTimes(column, column.length), out, { offset: 0, count: column.length })).toBe(true);
      expect(out).toEqual(column);
    }),
  );
});

test('property: cut or flipped bytes never hang or throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 500 }), (bytes, count) => {
      expect(typeof decodeValues(bytes, new Float64Array(count), { offset: 0, count })).toBe('boolean');
      expect(typeof decodeTimes(bytes, new Float64Array(count), { offset: 0, count })).toBe('boolean');
    }),
    { numRuns: 500 },
  );
});

test('a column cut short is recognised', () => {
  const values = Float64Array.from({ length: 120 }, (_, i) => Math.sin(i));
  const bytes = encoder.encodeValues(values, 120);
  expect(decodeValues(bytes.subarray(0, bytes.length >> 1), new Float64Array(120), { offset: 0, count: 120 })).toBe(false);
});

test('a constant costs no bits per value, a steady clock neither', () => {
  expect(exactSize(new Float64Array(120).fill(17.25))).toBeLessThan(12);
  const times = Float64Array.from({ length: 120 }, (_, i) => 1_767_225_600_000 + i * 10_000);
  expect(encoder.encodeTimes(times, 120).length).toBeLessThan(32);
});

test('a gauge with two decimals takes about a byte and a half a value', () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Float64Array.from({ length: 120 }, () => Math.round(4500 + 200 * (random() + random() + random() - 1.5)) / 100);
  expect(exactSize(values) / 120).toBeLessThan(1.4);
});

test('a counter of pages takes its page size out', () => {
  let pages = 1e6;
  const values = Float64Array.from({ length: 120 }, (_, i) => (pages += (i * 7) % 5) * 4096);
  expect(exactSize(values) / 120).toBeLessThan(0.6);
});
