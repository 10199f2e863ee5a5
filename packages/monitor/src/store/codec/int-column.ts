import type { BitReader } from './bit-reader.ts';
import { bitLength, type BitWriter } from './bit-writer.ts';

/**
 * A column of whole numbers in as few bits as three cheap models allow.
 *
 * The numbers become small non-negative residuals by one of four models: distance from the smallest (noise around a level), zigzag difference
 * (a walk), difference above the smallest difference (a counter), zigzag difference of differences (timestamps, steady counters).
 * A common power of two is divided out first (byte counts come in pages). Residuals are Rice coded, or bit-packed at one width with the
 * few that do not fit patched in (PFOR), whichever is shorter. O(n), about 15 passes of simple arithmetic; exact up to ±2^53.
 */
const MODEL_LEVEL = 0;
const MODEL_WALK = 1;
const MODEL_COUNTER = 2;
const MODEL_STEADY = 3;
const MODELS = [MODEL_LEVEL, MODEL_WALK, MODEL_COUNTER, MODEL_STEADY] as const;
type Model = (typeof MODELS)[number];

const CODING_CONSTANT = 0;
const CODING_RICE = 1;
const CODING_PACKED = 2;

const RICE_ESCAPE = 20;
const WIDE_BITS = 53;
const MAX_SHIFT = 24;
const MAX_SAFE = 2 ** 53 - 1;
const TWO_32 = 2 ** 32;

/** Working memory of one encoder; grows to the longest column seen. */
export class IntColumnEncoder {
  #residuals = new Float64Array(128);
  #best = new Float64Array(128);
  readonly #widths = new Uint32Array(WIDE_BITS + 1);

  /** Appends `count` ≥ 1 whole numbers within ±2^52 to `writer`. `ints` is not modified. */
  encode(ints: Float64Array, count: number, writer: BitWriter): void {
    if (this.#best.length < count) {
      this.#best = new Float64Array(count * 2);
      this.#residuals = new Float64Array(count * 2);
    }
    const shift = commonShift(ints, count);
    const scale = 2 ** shift;
    let bestBits = Infinity;
    let model: Model = MODEL_WALK;
    let base = 0;
    for (const candidate of MODELS) {
      const candidateBase = residualsOf(candidate, ints, { count, scale, out: this.#residuals });
      const bits = estimateBits(this.#residuals, count);
      if (bits < bestBits) {
        bestBits = bits;
        model = candidate;
        base = candidateBase;
        [this.#best, this.#residuals] = [this.#residuals, this.#best];
      }
      if (bits === 0) break;
    }
    writer.write(model, 2);
    writer.write(shift, 5);
    writer.writeSigned(ints[0] as number);
    if (model === MODEL_LEVEL || model === MODEL_COUNTER) writer.writeSigned(base);
    this.#writeResiduals(count, writer);
  }

  #writeResiduals(count: number, writer: BitWriter): void {
    const residuals = this.#best;
    const packed = this.#bestWidth(count);
    const rice = bestRice(residuals, count);
    if (packed.width === 0 && packed.exceptions === 0) {
      writer.write(CODING_CONSTANT, 2);
    } else if (rice.bits < packed.bits) {
      writer.write(CODING_RICE, 2);
      writeRice(residuals, count, { writer, k: rice.k });
    } else {
      writer.write(CODING_PACKED, 2);
      writePacked(residuals, count, { writer, ...packed });
    }
  }

  #bestWidth(count: number): { width: number; exceptions: number; bits: number } {
    const widths = this.#widths.fill(0);
    for (let i = 1; i < count; i++) {
      const width = bitLength(this.#best[i] as number);
      widths[width] = (widths[width] as number) + 1;
    }
    const exceptionBits = WIDE_BITS + bitLength(count);
    let best = { width: WIDE_BITS, exceptions: 0, bits: Infinity };
    let exceptions = 0;
    for (let width = WIDE_BITS; width >= 0; width--) {
      const bits = width * (count - 1) + exceptions * exceptionBits;
      if (bits < best.bits) best = { width, exceptions, bits };
      exceptions += widths[width] as number;
    }
    return best;
  }
}

/** Fills `out` with the residuals of a model (from index 1) and returns the model's base. */
function residualsOf(
  model: Model,
  ints: Float64Array,
  into: { readonly count: number; readonly scale: number; readonly out: Float64Array },
): number {
  const { count, scale, out } = into;
  let smallest = Infinity;
  let previousDelta = 0;
  const first = ints[0] as number;
  let previous = first;
  for (let i = 1; i < count; i++) {
    const value = ints[i] as number;
    let residual = (model === MODEL_LEVEL ? value - first : value - previous) / scale;
    if (model === MODEL_STEADY) {
      const delta = residual;
      residual = delta - previousDelta;
      previousDelta = delta;
    }
    previous = value;
    if (residual < smallest) smallest = residual;
    out[i] = residual;
  }
  if (count === 1) smallest = 0;
  if (model === MODEL_LEVEL || model === MODEL_COUNTER) {
    for (let i = 1; i < count; i++) out[i] = (out[i] as number) - smallest;
    return smallest;
  }
  for (let i = 1; i < count; i++) {
    const residual = out[i] as number;
    out[i] = residual < 0 ? -residual * 2 - 1 : residual * 2;
  }
  return 0;
}

/** Rough size in bits under the better coding; `Infinity` when a residual is out of range. */
function estimateBits(residuals: Float64Array, count: number): number {
  let sum = 0;
  let largest = 0;
  for (let i = 1; i < count; i++) {
    const residual = residuals[i] as number;
    sum += residual;
    if (residual > largest) largest = residual;
  }
  if (largest > MAX_SAFE) return Infinity;
  if (largest === 0) return 0;
  const n = count - 1;
  return Math.min(n * Math.max(1, Math.log2(sum / n) + 1.5), n * bitLength(largest));
}

/** Largest s such that all differences are multiples of 2^s. */
function commonShift(ints: Float64Array, count: number): number {
  let bits = 0;
  for (let i = 1; i < count; i++) bits |= (ints[i] as number) - (ints[i - 1] as number);
  return bits === 0 ? 0 : Math.min(31 - Math.clz32(bits & -bits), MAX_SHIFT);
}

function bestRice(residuals: Float64Array, count: number): { k: number; bits: number } {
  let sum = 0;
  for (let i = 1; i < count; i++) sum += residuals[i] as number;
  const guess = Math.max(0, Math.floor(Math.log2(sum / Math.max(1, count - 1) + 1)));
  let best = { k: 0, bits: Infinity };
  for (let k = Math.max(0, guess - 2); k <= Math.min(guess + 1, 31); k++) {
    let bits = 0;
    const scale = 2 ** k;
    for (let i = 1; i < count; i++) {
      const quotient = (residuals[i] as number) / scale;
      bits += quotient >= RICE_ESCAPE ? RICE_ESCAPE + WIDE_BITS : 1 + k + (quotient | 0);
    }
    if (bits < best.bits) best = { k, bits };
  }
  return best;
}

function writeRice(residuals: Float64Array, count: number, to: { readonly writer: BitWriter; readonly k: number }): void {
  const { writer, k } = to;
  const scale = 2 ** k;
  writer.write(k, 6);
  for (let i = 1; i < count; i++) {
    const residual = residuals[i] as number;
    const quotient = Math.floor(residual / scale);
    if (quotient >= RICE_ESCAPE) {
      writer.write((1 << RICE_ESCAPE) - 1, RICE_ESCAPE);
      writer.writeWide(residual, WIDE_BITS);
    } else {
      writer.write(((1 << quotient) - 1) << 1, quotient + 1);
      writer.write((residual % TWO_32) | 0, k);
    }
  }
}

function writePacked(
  residuals: Float64Array,
  count: number,
  to: { readonly writer: BitWriter; readonly width: number; readonly exceptions: number },
): void {
  const { writer, width, exceptions } = to;
  const limit = 2 ** width;
  const indexBits = bitLength(count);
  writer.write(width, 6);
  writer.write(exceptions, indexBits);
  for (let i = 1; i < count; i++) {
    const residual = residuals[i] as number;
    if (residual >= limit) {
      writer.write(i, indexBits);
      writer.writeWide(residual, WIDE_BITS);
    }
  }
  for (let i = 1; i < count; i++) {
    const residual = residuals[i] as number;
    writer.writeWide(residual >= limit ? 0 : residual, width);
  }
}

/** Reads `count` numbers into `out` from `offset` on. Damaged input gives wrong numbers, never an endless loop. */
export function decodeInts(reader: BitReader, out: Float64Array, range: { readonly offset: number; readonly count: number }): void {
  const { offset, count } = range;
  const model = reader.read(2);
  const scale = 2 ** reader.read(5);
  const first = reader.readSigned();
  const base = model === MODEL_LEVEL || model === MODEL_COUNTER ? reader.readSigned() : 0;
  readResiduals(reader, out, range);
  out[offset] = first;
  const end = offset + count;
  if (model === MODEL_LEVEL) {
    for (let i = offset + 1; i < end; i++) out[i] = first + ((out[i] as number) + base) * scale;
    return;
  }
  let value = first;
  let delta = 0;
  for (let i = offset + 1; i < end; i++) {
    const residual = out[i] as number;
    if (model === MODEL_COUNTER) delta = residual + base;
    else {
      const signed = residual < 0x7fff_ffff ? (residual >>> 1) ^ -(residual & 1) : wideZigzag(residual);
      delta = model === MODEL_STEADY ? delta + signed : signed;
    }
    value += delta * scale;
    out[i] = value;
  }
}

function wideZigzag(residual: number): number {
  return residual % 2 === 0 ? residual / 2 : -(residual + 1) / 2;
}

function readResiduals(reader: BitReader, out: Float64Array, range: { readonly offset: number; readonly count: number }): void {
  const { offset, count } = range;
  const end = offset + count;
  const coding = reader.read(2);
  if (coding === CODING_RICE) {
    const k = Math.min(reader.read(6), 32);
    const scale = 2 ** k;
    if (k <= 24) {
      for (let i = offset + 1; i < end; i++) {
        const quotient = reader.readUnary(RICE_ESCAPE);
        out[i] = quotient === RICE_ESCAPE ? reader.readWide(WIDE_BITS) : quotient * scale + reader.readNarrow(k);
      }
      return;
    }
    for (let i = offset + 1; i < end; i++) {
      const quotient = reader.readUnary(RICE_ESCAPE);
      out[i] = quotient === RICE_ESCAPE ? reader.readWide(WIDE_BITS) : quotient * scale + reader.read(k);
    }
    return;
  }
  if (coding !== CODING_PACKED) {
    out.fill(0, offset, end);
    return;
  }
  const width = Math.min(reader.read(6), WIDE_BITS);
  const indexBits = bitLength(count);
  const exceptions = Math.min(reader.read(indexBits), count);
  const patches: number[] = [];
  for (let i = 0; i < exceptions; i++) patches.push(reader.read(indexBits), reader.readWide(WIDE_BITS));
  if (width <= 24) for (let i = offset + 1; i < end; i++) out[i] = reader.readNarrow(width);
  else for (let i = offset + 1; i < end; i++) out[i] = reader.readWide(width);
  for (let i = 0; i < patches.length; i += 2) {
    const index = patches[i] as number;
    if (index < count) out[offset + index] = patches[i + 1] as number;
  }
}
