const WAYS = 8;

/**
 * Entries that have left, remembered by hash for a while.
 *
 * A table of buckets of eight; a bucket keeps its eight youngest, so nothing is ever linked, moved or deleted and a look-up touches one
 * cache line. Each ghost is a 16-bit fingerprint above a 16-bit stamp in units of 1/1024 of the cache: 4 bytes. Cost: a false memory about once in
 * 8,000 look-ups, which may misplace one entry and can never return a wrong value; and ages above 32 caches' worth of placements wrap.
 */
export class Ghosts {
  readonly #ghosts: Int32Array;
  readonly #mask: number;
  readonly #unitShift: number;

  /** @param capacity Entries of the cache; at least as many ghosts are kept. */
  constructor(capacity: number) {
    const buckets = 2 ** Math.max(3, Math.ceil(Math.log2((capacity * 1.5) / WAYS)));
    this.#ghosts = new Int32Array(buckets * WAYS);
    this.#mask = buckets - 1;
    this.#unitShift = Math.max(0, Math.ceil(Math.log2(capacity / 1024)));
  }

  clear(): void {
    this.#ghosts.fill(0);
  }
  /** Remembers `hash` with the stamp it had. */
  add(hash: number, stamp: number, now: number): void {
    const ghosts = this.#ghosts;
    const fingerprint = fingerprintOf(hash);
    const first = this.#bucketOf(hash);
    const current = now >>> this.#unitShift;
    let oldest = first;
    let oldestAge = -1;
    for (let at = first; at < first + WAYS; at++) {
      const ghost = ghosts[at] as number;
      if (ghost === 0 || ghost >>> 16 === fingerprint) {
        oldest = at;
        break;
      }
      const age = (current - ghost) & 0xffff;
      if (age <= oldestAge) continue;
      oldest = at;
      oldestAge = age;
    }
    ghosts[oldest] = (fingerprint << 16) | ((stamp >>> this.#unitShift) & 0xffff);
  }
  /** Placements since the stamp that `hash` was remembered with (rounded to the unit); -1 when it is not remembered. */
  ageOf(hash: number, now: number): number {
    const fingerprint = fingerprintOf(hash);
    const first = this.#bucketOf(hash);
    for (let at = first; at < first + WAYS; at++) {
      const ghost = this.#ghosts[at] as number;
      if (ghost >>> 16 === fingerprint) return (((now >>> this.#unitShift) - ghost) & 0xffff) << this.#unitShift;
    }
    return -1;
  }
  /** Reads the bucket of a hash, to have it in the processor's cache. */
  peek(hash: number): number {
    return this.#ghosts[this.#bucketOf(hash)] as number;
  }
  #bucketOf(hash: number): number {
    return ((hash ^ (hash >>> 15)) & this.#mask) * WAYS;
  }
}

/** 1 to 65,535: an empty place has 0. Taken from other bits than the bucket. */
function fingerprintOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 16 || 1;
}
