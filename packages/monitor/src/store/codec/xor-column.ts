import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';

/**
 * Floats of any bit pattern: each is XORed with the one before and only the bits between the leading and trailing zeros are kept, reusing
 * the previous span when it fits (Pelkonen et al., "Gorilla", VLDB 2015). Lossless for NaN payloads, −0 and infinities because it never
 * looks at the number. 1 bit for a repeated value, at most 77 for any.
 */
const scratch = new ArrayBuffer(8);
const asWords = new Uint32Array(scratch);
const asFloat = new Float64Array(scratch);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Appends `count` ≥ 1 floats. `words` is the values' memory as 32-bit words, so that no NaN passes through a float register. */
export function encodeXor(words: Uint32Array, count: number, writer: BitWriter): void {
  let high = words[HIGH] as number;
  let low = words[LOW] as number;
  writer.write(high, 32);
  writer.write(low, 32);
  let lead = 65;
  let trail = 0;
  for (let i = 1; i < count; i++) {
    const nextHigh = words[2 * i + HIGH] as number;
    const nextLow = words[2 * i + LOW] as number;
    const xorHigh = high ^ nextHigh;
    const xorLow = low ^ nextLow;
    high = nextHigh;
    low = nextLow;
    if (xorHigh === 0 && xorLow === 0) {
      writer.write(0, 1);
      continue;
    }
    const newLead = xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh);
    const newTrail = xorLow === 0 ? 32 + trailingZeros(xorHigh) : trailingZeros(xorLow);
    const reuse = newLead >= lead && newTrail >= trail && lead + trail <= newLead + newTrail && newLead + newTrail - lead - trail <= 12;
    if (reuse) {
      writer.write(0b10, 2);
    } else {
      lead = newLead;
      trail = newTrail;
      writer.write(0b11, 2);
      writer.write(lead, 6);
      writer.write(63 - lead - trail, 6);
    }
    writeSpan(writer, { high: xorHigh, low: xorLow, trail, bits: 64 - lead - trail });
  }
}

function writeSpan(
  writer: BitWriter,
  span: { readonly high: number; readonly low: number; readonly trail: number; readonly bits: number },
): void {
  const { high, low, trail, bits } = span;
  const shiftedHigh = trail >= 32 ? 0 : high >>> trail;
  const shiftedLow = trail === 0 ? low : trail >= 32 ? high >>> (trail - 32) : (low >>> trail) | (high << (32 - trail));
  if (bits > 32) writer.write(shiftedHigh, bits - 32);
  writer.write(shiftedLow, Math.min(bits, 32));
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Reads `count` floats into the memory of a Float64Array seen as 32-bit words, from value `offset` on. */
export function decodeXor(reader: BitReader, words: Uint32Array, range: { readonly offset: number; readonly count: number }): void {
  const { offset, count } = range;
  let high = reader.read(32);
  let low = reader.read(32);
  let bits = 0;
  let trail = 0;
  for (let i = 0; i < count; i++) {
    if (i > 0 && reader.read(1) === 1) {
      if (reader.read(1) === 1) {
        const lead = reader.read(6);
        bits = reader.read(6) + 1;
        trail = Math.max(0, 64 - lead - bits);
      }
      const spanHigh = bits > 32 ? reader.read(bits - 32) : 0;
      const spanLow = reader.read(Math.min(bits, 32));
      high ^= trail >= 32 ? spanLow << (trail - 32) : trail === 0 ? spanHigh : (spanHigh << trail) | (spanLow >>> (32 - trail));
      low ^= trail >= 32 ? 0 : spanLow << trail;
    }
    words[2 * (offset + i) + HIGH] = high;
    words[2 * (offset + i) + LOW] = low;
  }
}

/** Two 32-bit words, high first, of a float; and back. */
export function wordsOf(value: number): readonly [high: number, low: number] {
  asFloat[0] = value;
  return [asWords[HIGH] as number, asWords[LOW] as number];
}
export function floatOf(high: number, low: number): number {
  asWords[HIGH] = high;
  asWords[LOW] = low;
  return asFloat[0] as number;
}
