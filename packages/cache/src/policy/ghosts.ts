const WAYS = 8;

/**
 * Entries that have left, remembered by hash for a while.
 *
 * A table of buckets of eight; a bucket keeps its eight youngest, so nothing is ever linked, moved or deleted and a look-up touches two
 * cache lines. Each ghost is a 16-bit fingerprint and a 16-bit stamp in units of 1/1024 of the cache: 4 bytes. Cost: a false memory about once in
 * 8,000 look-ups, which may misplace one entry and can never return a wrong value; and ages above 32 caches' worth of placements wrap.
 */
export class Ghosts {
  readonly #fingerprints: Uint16Array;
  readonly #stamps: Uint16Array;
  readonly #mask: number;
  readonly #unitShift: number;

  /** @param capacity Entries of the cache; at least as many ghosts are kept. */
  constructor(capacity: number) {
    const buckets = 2 ** Math.max(3, Math.ceil(Math.log2((capacity * 1.5) / WAYS)));
    this.#fingerprints = new Uint16Array(buckets * WAYS);
    this.#stamps = new Uint16Array(buckets * WAYS);
    this.#mask = buckets - 1;
    this.#unitShift = Math.max(0, Math.ceil(Math.log2(capacity / 1024)));
  }

  clear(): void {
    this.#fingerprints.fill(0);
  }
  /** Remembers `hash` with the stamp it had. */
  add(hash: number, stamp: number, now: number): void {
    const fingerprint = fingerprintOf(hash);
    const first = this.#bucketOf(hash);
    const current = now >>> this.#unitShift;
    let oldest = first;
    let oldestAge = -1;
    for (let at = first; at < first + WAYS; at++) {
      const found = this.#fingerprints[at] as number;
      const age = found === 0 || found === fingerprint ? 0x10000 : (current - (this.#stamps[at] as number)) & 0xffff;
      if (age <= oldestAge) continue;
      oldest = at;
      oldestAge = age;
    }
    this.#fingerprints[oldest] = fingerprint;
    this.#stamps[oldest] = stamp >>> this.#unitShift;
  }
  /** Placements since the stamp that `hash` was remembered with (rounded to the unit); -1 when it is not remembered. */
  ageOf(hash: number, now: number): number {
    const fingerprint = fingerprintOf(hash);
    const first = this.#bucketOf(hash);
    for (let at = first; at < first + WAYS; at++)
      if (this.#fingerprints[at] === fingerprint)
        return (((now >>> this.#unitShift) - (this.#stamps[at] as number)) & 0xffff) << this.#unitShift;
    return -1;
  }
  #bucketOf(hash: number): number {
    return ((hash ^ (hash >>> 15)) & this.#mask) * WAYS;
  }
}

/** 1 to 65,535: 0 marks an empty place. Taken from the bits that the bucket is not. */
function fingerprintOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 16 || 1;
}
