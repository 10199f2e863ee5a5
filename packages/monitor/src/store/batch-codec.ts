import { ByteReader, isIntact, type ByteWriter } from './codec/byte-writer.ts';

/** Appends samples to a write-ahead batch: each series number and time as a difference from the one before, each value in decimal when short. */
export class BatchEncoder {
  readonly #writer: ByteWriter;
  #previousRef = 0;
  #previousAtMs = 0;
  #count = 0;

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
    this.#writer.signed(ref - this.#previousRef);
    this.#writer.signed(atMs - this.#previousAtMs);
    this.#writer.scalar(value);
    this.#previousRef = ref;
    this.#previousAtMs = atMs;
    this.#count++;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#previousRef = 0;
    this.#previousAtMs = 0;
    this.#count = 0;
    return this.#writer.finish();
  }
}

/** Calls `visit` for each sample of a batch in order. @returns `false` when the batch is damaged: then nothing was visited. */
export function decodeBatch(blob: Uint8Array, visit: (ref: number, atMs: number, value: number) => void): boolean {
  if (!isIntact(blob)) return false;
  const reader = new ByteReader(blob);
  let ref = 0;
  let atMs = 0;
  while (!reader.isAtEnd) {
    ref += reader.signed();
    atMs += reader.signed();
    visit(ref, atMs, reader.scalar());
  }
  return true;
}
