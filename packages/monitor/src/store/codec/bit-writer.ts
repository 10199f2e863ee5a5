const TWO_32 = 2 ** 32;
const TWO_52 = 2 ** 52;

/** Appends bits, most significant first, to a buffer that grows. Reusable: `reset` keeps the memory. */
export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  constructor(initialBytes = 1024) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  reset(): void {
    this.#length = 0;
    this.#pending = 0;
    this.#pendingBits = 0;
  }

  /** @param value Its low `bits` bits are written, 0 to 32 of them. */
  write(value: number, bits: number): void {
    if (bits > 24) {
      this.#put(value >>> 16, bits - 16);
      this.#put(value & 0xffff, 16);
    } else {
      this.#put(value, bits);
    }
  }

  /** Writes a whole number of 0 to 2^53 − 1 in `bits` bits, up to 53. */
  writeWide(value: number, bits: number): void {
    if (bits > 32) this.write(Math.floor(value / TWO_32), bits - 32);
    this.write((value % TWO_32) | 0, Math.min(bits, 32));
  }

  /** Writes a whole number of ±(2^53 − 1) as sign, width and digits: 7 to 60 bits. */
  writeSigned(value: number): void {
    const magnitude = Math.abs(value);
    const bits = bitLength(magnitude);
    this.#put(value < 0 ? 1 : 0, 1);
    this.#put(bits, 6);
    this.writeWide(magnitude, bits);
  }

  /** Appends numbers of 0 to 2^`bits` − 1, from index 1 to `count`. @param bits 0 to 24. */
  writeNarrow(numbers: Float64Array, count: number, bits: number): void {
    this.#reserve(count * 3);
    const bytes = this.#bytes;
    let length = this.#length;
    let pending = this.#pending;
    let pendingBits = this.#pendingBits;
    for (let i = 1; i < count; i++) {
      pending = (pending << bits) | (numbers[i] as number);
      pendingBits += bits;
      while (pendingBits >= 8) {
        pendingBits -= 8;
        bytes[length++] = pending >>> pendingBits;
      }
    }
    this.#length = length;
    this.#pending = pending;
    this.#pendingBits = pendingBits;
  }

  /**
   * Appends whole numbers ≥ 0, from index 1 to `count`, in Rice code: the quotient by 2^`k` in unary, then the `k` low bits. A quotient from
   * `escape` (≤ 20) on is written as that many ones and the number in `wideBits` bits.
   */
  writeRice(
    numbers: Float64Array,
    code: { readonly count: number; readonly k: number; readonly escape: number; readonly wideBits: number },
  ): void {
    const { count, k, escape, wideBits } = code;
    const unit = 2 ** -k;
    const mask = 2 ** k - 1;
    this.#reserve(count * 3);
    for (let i = 1; i < count; i++) {
      const number = numbers[i] as number;
      const quotient = Math.floor(number * unit);
      if (quotient >= escape) {
        this.#put((1 << escape) - 1, escape);
        this.writeWide(number, wideBits);
      } else if (quotient + 1 + k <= 24) {
        this.#put((((1 << quotient) - 1) << (k + 1)) | (number & mask), quotient + 1 + k);
      } else {
        this.#put(((1 << quotient) - 1) << 1, quotient + 1);
        this.write((number % TWO_32) | 0, k);
      }
    }
  }

  /** The bytes so far, the last one padded with zeros. A view that holds until the next use of the writer. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#pendingBits > 0) this.#put(0, 8 - this.#pendingBits);
    return this.#bytes.subarray(0, this.#length);
  }

  #put(value: number, bits: number): void {
    this.#pending = (this.#pending << bits) | (value & ((1 << bits) - 1));
    this.#pendingBits += bits;
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      if (this.#length === this.#bytes.length) this.#reserve(1);
      this.#bytes[this.#length++] = this.#pending >>> this.#pendingBits;
    }
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array((this.#length + bytes) * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Bits needed for a whole number of 0 to 2^53 − 1; 0 for 0. */
export function bitLength(value: number): number {
  if (value < TWO_32) return 32 - Math.clz32(value);
  return value >= TWO_52 ? 53 : 64 - Math.clz32(Math.floor(value / TWO_32));
}
