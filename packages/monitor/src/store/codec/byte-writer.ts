import { crc32 } from 'node:zlib';

/** Low bits of a scalar's first byte: a power of ten, or that the float follows as it is; then one bit for the caller. */
const RAW = 7;
const MARK = 8;
const MAX_EXPONENT = 6;
const MAX_INT = 2 ** 49;
const POWERS: readonly number[] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];
const CHECKSUM_BYTES = 4;

/**
 * Builds a blob: a CRC-32 of everything after it, then bytes, variable-length numbers and floats. Reusable after `finish`.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #length = CHECKSUM_BYTES;

  constructor(initialBytes = 4096) {
    this.#bytes = new Uint8Array(initialBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written, the checksum's four included. */
  get length(): number {
    return this.#length;
  }

  /** What was written so far; a view that holds until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets everything written. */
  reset(): void {
    this.#length = CHECKSUM_BYTES;
  }

  /** A whole number of 0 to 2^53 − 1, 1 to 8 bytes. */
  varint(value: number): void {
    this.#ensure(8);
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    let small = rest | 0;
    while (small >= 0x80) {
      this.#bytes[this.#length++] = (small & 0x7f) | 0x80;
      small >>>= 7;
    }
    this.#bytes[this.#length++] = small;
  }

  /** A whole number of ±2^52. */
  signed(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /**
   * A float, exactly: 2 to 9 bytes, the fewer the shorter it is in decimal.
   * @param isMarked One bit of the caller's that travels along.
   * @param likelyExponent Power of ten to try first.
   * @returns the power of ten used, for the next value of the same kind.
   */
  scalar(value: number, isMarked = false, likelyExponent = 0): number {
    this.#ensure(10);
    const mark = isMarked ? MARK : 0;
    const exponent = isWhole(value, likelyExponent) ? likelyExponent : exponentOf(value);
    if (exponent < 0) {
      this.#bytes[this.#length++] = RAW | mark;
      this.#view.setFloat64(this.#length, value, true);
      this.#length += 8;
      return likelyExponent;
    }
    const int = Math.round(value * (POWERS[exponent] as number));
    const zigzag = int < 0 ? -int * 2 - 1 : int * 2;
    this.#bytes[this.#length++] = exponent | mark | ((zigzag % 16) << 4);
    this.varint(Math.floor(zigzag / 16));
    return exponent;
  }

  /** Bytes with their length before them. */
  blob(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.#ensure(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Everything written, checksum first, as a copy; the writer begins again. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(0, crc32(this.#bytes.subarray(CHECKSUM_BYTES, this.#length)), true);
    const blob = this.#bytes.slice(0, this.#length);
    this.reset();
    return blob;
  }

  #ensure(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Whether a value is exactly a whole number over a power of ten, small enough to be written so. */
function isWhole(value: number, exponent: number): boolean {
  const power = POWERS[exponent] as number;
  const int = Math.round(value * power);
  return int / power === value && int < MAX_INT && int > -MAX_INT && (int !== 0 || !Object.is(value, -0));
}

/** The smallest power of ten that makes a value whole, −1 when none does. */
function exponentOf(value: number): number {
  for (let exponent = 0; exponent <= MAX_EXPONENT; exponent++) if (isWhole(value, exponent)) return exponent;
  return -1;
}

/** Reads what `ByteWriter` wrote, from `position` on. Construct it only over bytes that `isIntact`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;
  #isMarked = false;

  constructor(bytes: Uint8Array, position: number = CHECKSUM_BYTES) {
    this.#position = position;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }
  get position(): number {
    return this.#position;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#position++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  signed(): number {
    const zigzag = this.varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  scalar(): number {
    const control = this.#bytes[this.#position++] ?? RAW;
    this.#isMarked = (control & MARK) !== 0;
    if ((control & RAW) === RAW) {
      const value = this.#view.getFloat64(this.#position, true);
      this.#position += 8;
      return value;
    }
    const zigzag = this.varint() * 16 + (control >>> 4);
    const int = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    return int / (POWERS[control & RAW] ?? 1);
  }

  /** Whether the latest `scalar` was marked. */
  get isMarked(): boolean {
    return this.#isMarked;
  }

  /** A view of the bytes, not a copy. */
  blob(): Uint8Array {
    const length = this.varint();
    const bytes = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    return bytes;
  }
}

/** Whether a blob's checksum holds. */
export function isIntact(blob: Uint8Array): boolean {
  if (blob.length < CHECKSUM_BYTES) return false;
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  return view.getUint32(0, true) === crc32(blob.subarray(CHECKSUM_BYTES));
}
