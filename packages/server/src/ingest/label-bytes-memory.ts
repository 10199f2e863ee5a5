import type { SeriesRef } from '@bellwether/monitor/engine';

/** A series as a sender's bytes name it. */
export interface RememberedSeries {
  /** `undefined` when the store takes none such. */
  readonly ref: SeriesRef | undefined;
  readonly isLegal: boolean;
}

interface Entry extends RememberedSeries {
  /** Where its bytes lie among those kept. */
  readonly from: number;
  readonly length: number;
  /** The series that came after this one the last time. */
  next: Entry | undefined;
}

/** Bytes compared at a time. */
const WORD = 4;

/**
 * Which series some bytes of labels mean. Tried first is the series that followed the previous one at its last push, compared word by
 * word; then a table. Only series that the store took are kept; full, it forgets everything, and the next push tells what is still in use.
 */
export class LabelBytesMemory {
  readonly #known = new Map<string, Entry>();
  readonly #capacity: number;
  readonly #resolve: (bytes: Uint8Array) => RememberedSeries;
  #previous: Entry | undefined;
  /** The bytes of all series known, one after another. */
  #kept = new DataView(new ArrayBuffer(4096));
  #keptBytes = 0;

  /**
   * @param resolve finds or makes the series of labels seen for the first time.
   * @param capacity series at most, some 300 bytes each. @default 200,000
   */
  constructor(resolve: (bytes: Uint8Array) => RememberedSeries, capacity = 200_000) {
    this.#resolve = resolve;
    this.#capacity = capacity;
  }

  /** Forgets everything: the numbers are no longer valid. */
  clear(): void {
    this.#known.clear();
    this.#previous = undefined;
    this.#keptBytes = 0;
  }

  /** The series of the bytes `from` to `to` (exclusive) of a body. */
  find(body: DataView, from: number, to: number): RememberedSeries {
    const likely = this.#previous?.next;
    if (likely !== undefined && likely.length === to - from && this.#isSame(likely, body, from)) {
      this.#previous = likely;
      return likely;
    }
    const key = Buffer.from(body.buffer, body.byteOffset + from, to - from).toString('latin1');
    let entry = this.#known.get(key);
    if (entry === undefined) {
      const own = new Uint8Array(body.buffer, body.byteOffset + from, to - from).slice();
      const series = this.#resolve(own);
      if (series.ref === undefined) return series;
      if (this.#known.size >= this.#capacity) this.clear();
      entry = { ...series, from: this.#keep(own), length: own.length, next: undefined };
      this.#known.set(key, entry);
    }
    if (this.#previous !== undefined) this.#previous.next = entry;
    this.#previous = entry;
    return entry;
  }

  /** @returns where the bytes are kept. */
  #keep(bytes: Uint8Array): number {
    const from = this.#keptBytes;
    const end = from + bytes.length;
    if (end > this.#kept.byteLength) {
      const larger = new Uint8Array(end * 2);
      larger.set(new Uint8Array(this.#kept.buffer, 0, from));
      this.#kept = new DataView(larger.buffer);
    }
    new Uint8Array(this.#kept.buffer).set(bytes, from);
    this.#keptBytes = end;
    return from;
  }

  /** Whether an entry's bytes are those of a body from `from` on, as many as it has. */
  #isSame(entry: Entry, body: DataView, from: number): boolean {
    const shift = entry.from - from;
    let at = from + entry.length;
    // Series that follow one another differ most often near the end.
    for (; at - from >= WORD; at -= WORD) if (this.#kept.getInt32(at - WORD + shift) !== body.getInt32(at - WORD)) return false;
    for (; at > from; at--) if (this.#kept.getUint8(at - 1 + shift) !== body.getUint8(at - 1)) return false;
    return true;
  }
}
