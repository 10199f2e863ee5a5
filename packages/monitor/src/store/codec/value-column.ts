import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { IntColumnEncoder, decodeInts } from './int-column.ts';
import { decodeXor, encodeXor, floatOf, wordsOf } from './xor-column.ts';

/**
 * Sample values, lossless to the bit.
 *
 * Measurements are decimals: when every value is a whole number over a power of ten, the whole numbers are stored (`int-column.ts`),
 * about 1 byte each. The few that are not numbers of that kind (stale markers, NaN, ±Inf, −0) are kept aside bit by bit. A column that is not
 * decimal falls back to XOR. Whether decimals come back exactly is checked for each value, not assumed.
 */
const KIND_DECIMAL = 0;
const KIND_XOR = 1;
const MAX_EXPONENT = 12;
const MAX_INT = 2 ** 50;
const MAX_ASIDE = 8;
const MAX_ASIDE_INDEX = 0xffff;
const POWERS: readonly number[] = Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

/** Encodes columns of values or times; keeps its working memory between calls. */
export class ColumnEncoder {
  readonly #writer = new BitWriter();
  readonly #ints = new IntColumnEncoder();
  #scaled = new Float64Array(128);
  readonly #aside: number[] = [];

  /** @param values `count` ≥ 1 of them are encoded; not modified. @returns bytes for `decodeValues`, which needs `count` again; a view that holds until the next call. */
  encodeValues(values: Float64Array, count: number): Uint8Array<ArrayBuffer> {
    const writer = this.#writer;
    writer.reset();
    if (this.#scaled.length < count) this.#scaled = new Float64Array(count * 2);
    const exponent = this.#scale(values, count);
    if (exponent < 0) {
      writer.write(KIND_XOR, 1);
      encodeXor(new Uint32Array(values.buffer, values.byteOffset, count * 2), count, writer);
      return writer.finish();
    }
    writer.write(KIND_DECIMAL, 1);
    writer.write(exponent, 4);
    writer.write(this.#aside.length, 4);
    for (const index of this.#aside) {
      const [high, low] = wordsOf(values[index] as number);
      writer.write(index, 16);
      writer.write(high, 32);
      writer.write(low, 32);
    }
    this.#ints.encode(this.#scaled, count, writer);
    return writer.finish();
  }

  /** Encodes `count` ≥ 1 instants in whole ms. @returns a view that holds until the next call. */
  encodeTimes(timesMs: Float64Array, count: number): Uint8Array<ArrayBuffer> {
    this.#writer.reset();
    this.#ints.encode(timesMs, count, this.#writer);
    return this.#writer.finish();
  }

  /**
   * Puts whole numbers into `#scaled` and what does not fit into `#aside`; returns the power of ten, or −1 when values are not decimal.
   * The power rises at the first value that needs a higher one, most often within the first few, so that only those are scaled again.
   */
  #scale(values: Float64Array, count: number): number {
    const scaled = this.#scaled;
    const aside = this.#aside;
    aside.length = 0;
    let exponent = 0;
    let power = 1;
    let settledAt = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      const int = Math.round(value * power);
      if (int / power === value && int < MAX_INT && int > -MAX_INT && (int !== 0 || !Object.is(value, -0))) {
        scaled[i] = int;
        continue;
      }
      const needed = exponentOf(value, exponent + 1);
      if (needed < 0) {
        if (aside.length === MAX_ASIDE || i > MAX_ASIDE_INDEX) return -1;
        aside.push(i);
        continue;
      }
      exponent = needed;
      power = POWERS[exponent] as number;
      scaled[i] = Math.round(value * power);
      settledAt = i;
    }
    if (settledAt > 0 && !this.#scaleAgain(values, settledAt, power)) return -1;
    for (const index of aside) scaled[index] = index === 0 ? 0 : (scaled[index - 1] as number);
    return exponent;
  }

  /** Scales the first `count` values by the power found since. `false` when too many do not fit. */
  #scaleAgain(values: Float64Array, count: number, power: number): boolean {
    const aside = this.#aside;
    const later = aside.filter((index) => index >= count);
    aside.length = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      const int = Math.round(value * power);
      if (int / power === value && int < MAX_INT && int > -MAX_INT && (int !== 0 || !Object.is(value, -0))) this.#scaled[i] = int;
      else if (aside.push(i) + later.length > MAX_ASIDE || i > MAX_ASIDE_INDEX) return false;
    }
    aside.push(...later);
    return true;
  }
}

/** The smallest power of ten from `from` on that makes a value whole, −1 when none does. */
function exponentOf(value: number, from: number): number {
  for (let exponent = from; exponent <= MAX_EXPONENT; exponent++) {
    const power = POWERS[exponent] as number;
    const int = Math.round(value * power);
    if (int / power === value && Math.abs(int) < MAX_INT && (int !== 0 || !Object.is(value, -0))) return exponent;
  }
  return -1;
}

/**
 * Reads `count` values into `out` from `offset` on.
 * @returns whether the bytes were long enough; when not, the data is damaged and `out` holds rubbish.
 */
export function decodeValues(bytes: Uint8Array, out: Float64Array, range: { readonly offset: number; readonly count: number }): boolean {
  const reader = new BitReader(bytes);
  if (reader.read(1) === KIND_XOR) {
    decodeXor(reader, new Uint32Array(out.buffer, out.byteOffset, out.length * 2), range);
    return !reader.isPastEnd;
  }
  const power = POWERS[reader.read(4)] ?? 1;
  const aside: number[] = [];
  for (let left = reader.read(4); left > 0; left--) aside.push(reader.read(16), reader.read(32), reader.read(32));
  decodeInts(reader, out, range);
  const end = range.offset + range.count;
  if (power !== 1) for (let i = range.offset; i < end; i++) out[i] = (out[i] as number) / power;
  for (let i = 0; i < aside.length; i += 3) {
    const index = aside[i] as number;
    if (index < range.count) out[range.offset + index] = floatOf(aside[i + 1] as number, aside[i + 2] as number);
  }
  return !reader.isPastEnd;
}

/** Reads `count` instants into `out` from `offset` on; `false` when damaged. */
export function decodeTimes(bytes: Uint8Array, out: Float64Array, range: { readonly offset: number; readonly count: number }): boolean {
  const reader = new BitReader(bytes);
  decodeInts(reader, out, range);
  return !reader.isPastEnd;
}
