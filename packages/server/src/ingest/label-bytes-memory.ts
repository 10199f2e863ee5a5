import type { SeriesRef } from '@bellwether/monitor/engine';

/** A series as a sender's bytes name it. */
export interface RememberedSeries {
  /** `undefined` when the store takes none such. */
  readonly ref: SeriesRef | undefined;
  readonly isLegal: boolean;
}

interface Entry extends RememberedSeries {
  readonly bytes: Uint8Array;
  /** The series that came after this one the last time. */
  next: Entry | undefined;
}

/**
 * Which series some bytes of labels mean. Tried first is the series that followed the previous one at its last push, compared byte by
 * byte; then a table. Only series that the store took are kept; full, it forgets everything, and the next push tells what is still in use.
 */
export class LabelBytesMemory {
  readonly #known = new Map<string, Entry>();
  readonly #capacity: number;
  readonly #resolve: (bytes: Uint8Array) => RememberedSeries;
  #previous: Entry | undefined;

  /**
   * @param resolve finds or makes the series of labels seen for the first time.
   * @param capacity series at most, some 400 bytes each. @default 200,000
   */
  constructor(resolve: (bytes: Uint8Array) => RememberedSeries, capacity = 200_000) {
    this.#resolve = resolve;
    this.#capacity = capacity;
  }

  /** Forgets everything: the numbers are no longer valid. */
  clear(): void {
    this.#known.clear();
    this.#previous = undefined;
  }

  find(bytes: Uint8Array, from: number, to: number): RememberedSeries {
    const likely = this.#previous?.next;
    if (likely !== undefined && isSame(likely.bytes, bytes, { from, to })) {
      this.#previous = likely;
      return likely;
    }
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    let entry = this.#known.get(key);
    if (entry === undefined) {
      const own = bytes.slice(from, to);
      entry = { ...this.#resolve(own), bytes: own, next: undefined };
      if (entry.ref === undefined) return entry;
      if (this.#known.size >= this.#capacity) this.#known.clear();
      this.#known.set(key, entry);
    }
    if (this.#previous !== undefined) this.#previous.next = entry;
    this.#previous = entry;
    return entry;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, range: { readonly from: number; readonly to: number }): boolean {
  const { from, to } = range;
  if (known.length !== to - from) return false;
  // Series that follow one another differ most often near the end.
  for (let i = known.length - 1; i >= 0; i--) if (known[i] !== bytes[from + i]) return false;
  return true;
}
