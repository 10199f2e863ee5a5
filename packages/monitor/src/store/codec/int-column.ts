import type { BitReader } from './bit-reader.ts';
import { bitLength, type BitWriter } from './bit-writer.ts';

/**
 * A column of whole numbers in as few bits as four cheap models allow.
 *
 * The numbers become small non-negative residuals by one of four models: distance from the smallest (noise around a level), zigzag difference
 * (a walk), difference above the smallest difference (a counter), zigzag difference of differences (timestamps, steady counters).
 * A common power of two is divided out first (byte counts come in pages). Residuals are Rice coded, or bit-packed at one width with the
 * few that do not fit patched in (PFOR), whichever is shorter. O(n): one pass measures all models, one makes the residuals of
 * the best, one measures the codings, one writes. Exact up to ±2^53.
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
/** Rice parameters tried, from a guess by the mean on. */
const RICE_TRIALS = 4;
const WIDE_BITS = 53;
const MAX_SHIFT = 24;
const MAX_SAFE = 2 ** 53 - 1;
const TWO_32 = 2 ** 32;

/** What one pass tells of a model: enough to judge its size and to make its residuals. */
interface ModelCosts {
  /** Smallest level and difference; the bases of their models. */
  minLevel: number;
  minDelta: number;
  readonly bits: Float64Array;
}

/** Working memory of one encoder; grows to the longest column seen. */
export class IntColumnEncoder {
  /** Differences after the common power of two, from index 1. */
  #deltas = new Float64Array(128);
  #residuals = new Float64Array(128);
  readonly #widths = new Uint32Array(WIDE_BITS + 1);
  readonly #riceBits = new Float64Array(RICE_TRIALS);
  readonly #costs: ModelCosts = { minLevel: 0, minDelta: 0, bits: new Float64Array(MODELS.length) };

  /** Appends `count` ≥ 1 whole numbers within ±2^52 to `writer`. `ints` is not modified. */
  encode(ints: Float64Array, count: number, writer: BitWriter): void {
    if (this.#deltas.length < count) {
      this.#deltas = new Float64Array(count * 2);
      this.#residuals = new Float64Array(count * 2);
    }
    const shift = commonShift(ints, count);
    this.#measure(ints, count, 2 ** -shift);
    const { bits, minLevel, minDelta } = this.#costs;
    let model: Model = MODEL_LEVEL;
    for (const candidate of MODELS) if ((bits[candidate] as number) < (bits[model] as number)) model = candidate;
    writer.write(model, 2);
    writer.write(shift, 5);
    writer.writeSigned(ints[0] as number);
    if (model === MODEL_LEVEL) writer.writeSigned(minLevel);
    if (model === MODEL_COUNTER) writer.writeSigned(minDelta);
    const sum = this.#makeResiduals(model, count);
    this.#writeResiduals(count, sum, writer);
  }

  /** Fills `#deltas`, and `#costs` with a rough size in bits under each model, `Infinity` where a residual is out of range. */
  #measure(ints: Float64Array, count: number, unscale: number): void {
    const deltas = this.#deltas;
    let previous = ints[0] as number;
    let previousDelta = 0;
    let level = 0;
    let sumLevel = 0;
    let minLevel = Infinity;
    let maxLevel = -Infinity;
    let sumDelta = 0;
    let minDelta = Infinity;
    let maxDelta = -Infinity;
    let sumWalk = 0;
    let sumSteady = 0;
    let minSecond = Infinity;
    let maxSecond = -Infinity;
    for (let i = 1; i < count; i++) {
      const value = ints[i] as number;
      const delta = (value - previous) * unscale;
      previous = value;
      deltas[i] = delta;
      level += delta;
      sumLevel += level;
      if (level < minLevel) minLevel = level;
      if (level > maxLevel) maxLevel = level;
      sumDelta += delta;
      sumWalk += Math.abs(delta);
      if (delta < minDelta) minDelta = delta;
      if (delta > maxDelta) maxDelta = delta;
      const second = delta - previousDelta;
      previousDelta = delta;
      sumSteady += Math.abs(second);
      if (second < minSecond) minSecond = second;
      if (second > maxSecond) maxSecond = second;
    }
    const n = count - 1;
    const costs = this.#costs;
    costs.minLevel = n === 0 ? 0 : minLevel;
    costs.minDelta = n === 0 ? 0 : minDelta;
    costs.bits[MODEL_LEVEL] = estimateBits(n, sumLevel - n * minLevel, maxLevel - minLevel);
    costs.bits[MODEL_WALK] = estimateBits(n, 2 * sumWalk - n / 2, 2 * Math.max(maxDelta, -minDelta));
    costs.bits[MODEL_COUNTER] = estimateBits(n, sumDelta - n * minDelta, maxDelta - minDelta);
    costs.bits[MODEL_STEADY] = estimateBits(n, 2 * sumSteady - n / 2, 2 * Math.max(maxSecond, -minSecond));
  }

  /** Fills `#residuals` from index 1; returns their sum. */
  #makeResiduals(model: Model, count: number): number {
    const deltas = this.#deltas;
    const residuals = this.#residuals;
    const { minLevel, minDelta } = this.#costs;
    let sum = 0;
    let level = 0;
    let previousDelta = 0;
    for (let i = 1; i < count; i++) {
      const delta = deltas[i] as number;
      let residual: number;
      if (model === MODEL_COUNTER) residual = delta - minDelta;
      else if (model === MODEL_LEVEL) residual = (level += delta) - minLevel;
      else {
        const signed = model === MODEL_WALK ? delta : delta - previousDelta;
        previousDelta = delta;
        residual = signed < 0 ? -signed * 2 - 1 : signed * 2;
      }
      residuals[i] = residual;
      sum += residual;
    }
    return sum;
  }

  #writeResiduals(count: number, sum: number, writer: BitWriter): void {
    const residuals = this.#residuals;
    const rice = this.#measureCodings(count, sum);
    const packed = this.#bestWidth(count);
    if (packed.width === 0 && packed.exceptions === 0) {
      writer.write(CODING_CONSTANT, 2);
    } else if (rice.bits < packed.bits) {
      writer.write(CODING_RICE, 2);
      writer.write(rice.k, 6);
      writer.writeRice(residuals, { count, k: rice.k, escape: RICE_ESCAPE, wideBits: WIDE_BITS });
    } else {
      writer.write(CODING_PACKED, 2);
      writePacked(residuals, count, { writer, ...packed });
    }
  }

  /** One pass: how many residuals have each width, and how long Rice codes of the likely parameters are. */
  #measureCodings(count: number, sum: number): { k: number; bits: number } {
    const widths = this.#widths.fill(0);
    const residuals = this.#residuals;
    const n = count - 1;
    const firstK = Math.min(31 - RICE_TRIALS, Math.max(0, Math.floor(Math.log2(sum / Math.max(1, n) + 1)) - 2));
    const trials = this.#riceBits.fill(0);
    const unit = 2 ** -firstK;
    for (let i = 1; i < count; i++) {
      const residual = residuals[i] as number;
      const width = residual < TWO_32 ? 32 - Math.clz32(residual) : bitLength(residual);
      widths[width] = (widths[width] as number) + 1;
      let quotient = residual * unit;
      for (let trial = 0; trial < RICE_TRIALS; trial++, quotient /= 2)
        trials[trial] = (trials[trial] as number) + (quotient >= RICE_ESCAPE ? RICE_ESCAPE + WIDE_BITS : 1 + Math.floor(quotient));
    }
    let best = { k: 0, bits: Infinity };
    for (let trial = 0; trial < RICE_TRIALS; trial++) {
      // An escaped residual is written without its k low bits, too: a little is counted too much.
      const bits = (trials[trial] as number) + n * (firstK + trial);
      if (bits < best.bits) best = { k: firstK + trial, bits };
    }
    return best;
  }

  #bestWidth(count: number): { width: number; exceptions: number; bits: number } {
    const exceptionBits = WIDE_BITS + bitLength(count);
    let best = { width: WIDE_BITS, exceptions: 0, bits: Infinity };
    let exceptions = 0;
    for (let width = WIDE_BITS; width >= 0; width--) {
      const bits = width * (count - 1) + exceptions * exceptionBits;
      if (bits < best.bits) best = { width, exceptions, bits };
      exceptions += this.#widths[width] as number;
    }
    return best;
  }
}

/** Rough size in bits of `n` residuals under the better coding; `Infinity` when one is out of range. */
function estimateBits(n: number, sum: number, largest: number): number {
  if (largest > MAX_SAFE) return Infinity;
  if (n === 0 || largest === 0) return 0;
  return Math.min(n * Math.max(1, Math.log2(sum / n) + 1.5), n * bitLength(largest));
}

/** Largest s such that all differences are multiples of 2^s. */
function commonShift(ints: Float64Array, count: number): number {
  let bits = 0;
  for (let i = 1; i < count; i++) {
    bits |= (ints[i] as number) - (ints[i - 1] as number);
    if ((bits & 1) === 1) return 0;
  }
  return bits === 0 ? 0 : Math.min(31 - Math.clz32(bits & -bits), MAX_SHIFT);
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
      residuals[i] = 0;
    }
  }
  if (width <= 24) writer.writeNarrow(residuals, count, width);
  else for (let i = 1; i < count; i++) writer.writeWide(residuals[i] as number, width);
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
