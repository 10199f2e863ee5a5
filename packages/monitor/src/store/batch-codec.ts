import { ByteReader, isIntact, type ByteWriter } from './codec/byte-writer.ts';

/**
 * Appends samples to a write-ahead batch. Most samples follow the series numbered one below at the same instant, so a sample says only when
 * it does not: then it has the differences of number and time to the one before. Values are in decimal when that is short.
 */
export class BatchEncoder {
  readonly #writer: ByteWriter;
  #previousRef = 0;
  #previousAtMs = 0;
  #count = 0;
  /** Power of ten of each series' latest value: its next one tends to have the same. */
  #exponents = new Uint8Array(256);

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  get count(): number {
    return this.#count;
  }
  get bytes(): number {
    return this.#writer.length;
  }

  add(ref: number, atMs: number, value: number): void {
    const isNext = ref === this.#previousRef + 1 && atMs === this.#previousAtMs;
    if (ref >= this.#exponents.length) this.#grow(ref);
    this.#exponents[ref] = this.#writer.scalar(value, isNext, this.#exponents[ref]);
    if (!isNext) {
      this.#writer.signed(ref - this.#previousRef);
      this.#writer.signed(atMs - this.#previousAtMs);
      this.#previousAtMs = atMs;
    }
    this.#previousRef = ref;
    this.#count++;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#previousRef = 0;
    this.#previousAtMs = 0;
    this.#count = 0;
    return this.#writer.finish();
  }

  #grow(ref: number): void {
    const exponents = new Uint8Array(ref * 2);
    exponents.set(this.#exponents);
    this.#exponents = exponents;
  }
}

/** Calls `visit` for each sample of a batch in order. @returns `false` when the batch is damaged: then nothing was visited. */
export function decodeBatch(blob: Uint8Array, visit: (ref: number, atMs: number, value: number) => void): boolean {
  if (!isIntact(blob)) return false;
  const reader = new ByteReader(blob);
  let ref = 0;
  let atMs = 0;
  while (!reader.isAtEnd) {
    const value = reader.scalar();
    if (reader.isMarked) ref++;
    else {
      ref += reader.signed();
      atMs += reader.signed();
    }
    visit(ref, atMs, value);
  }
  return true;
}
