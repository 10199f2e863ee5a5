const TWO_32 = 2 ** 32;

/** Reads what `BitWriter` wrote. Past the end it reads zeros; who needs to know compares `isPastEnd`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;
  #buffer = 0;
  #buffered = 0;

  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#position = position;
    this.#end = end;
  }

  /** Whether more was read than there is: the data is damaged. */
  get isPastEnd(): boolean {
    return this.#position - (this.#buffered >> 3) > this.#end;
  }

  /** The fast one. @param bits 0 to 24. */
  readNarrow(bits: number): number {
    while (this.#buffered < bits) this.#refill();
    this.#buffered -= bits;
    return (this.#buffer >>> this.#buffered) & ((1 << bits) - 1);
  }

  /** @param bits 0 to 32. @returns an unsigned number. */
  read(bits: number): number {
    if (bits > 24) return this.readNarrow(bits - 16) * 65_536 + this.readNarrow(16);
    return this.readNarrow(bits);
  }

  /** @param bits 0 to 53. */
  readWide(bits: number): number {
    if (bits <= 32) return this.read(bits);
    const high = this.read(bits - 32);
    return high * TWO_32 + this.read(32);
  }

  readSigned(): number {
    const isNegative = this.readNarrow(1) === 1;
    const magnitude = this.readWide(Math.min(this.readNarrow(6), 53));
    return isNegative ? -magnitude : magnitude;
  }

  /** Number of 1 bits before the next 0, which is skipped; stops at `limit` (≤ 24) ones without skipping anything. */
  readUnary(limit: number): number {
    while (this.#buffered <= 24) this.#refill();
    const ones = Math.clz32(~(this.#buffer << (32 - this.#buffered)));
    if (ones >= limit) {
      this.#buffered -= limit;
      return limit;
    }
    this.#buffered -= ones + 1;
    return ones;
  }

  #refill(): void {
    const byte = this.#position < this.#end ? (this.#bytes[this.#position] as number) : 0;
    this.#position++;
    this.#buffer = (this.#buffer << 8) | byte;
    this.#buffered += 8;
  }
}
