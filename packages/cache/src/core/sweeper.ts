import type { ExpiredTally, TagRegistry } from '../tags/tag-registry.ts';
import type { MemoryStore } from './memory-store.ts';

/** Entries, and slots, looked at before the event loop gets its turn: under a millisecond of work. */
const ENTRIES_PER_TURN = 1024;
const SLOTS_PER_TURN = 16_384;
/** Up to so many entries are swept on the spot after an invalidation. */
const SMALL = 1024;

/** Gives memory back in small steps: entries that expired, and entries whose tags were invalidated. */
export class Sweeper {
  readonly #store: MemoryStore;
  readonly #tags: TagRegistry;
  readonly #nowMs: () => number;
  #isSweepingDead = false;
  #hasNewDead = false;
  #isStopped = false;

  constructor(store: MemoryStore, tags: TagRegistry, nowMs: () => number) {
    this.#store = store;
    this.#tags = tags;
    this.#nowMs = nowMs;
  }
  /** Removes everything that has expired; returns how many. */
  async sweepExpired(): Promise<number> {
    let total = this.#store.expire(this.#nowMs(), ENTRIES_PER_TURN);
    while (!this.#isStopped && this.#store.hasExpired(this.#nowMs())) {
      await turn();
      total += this.#store.expire(this.#nowMs(), ENTRIES_PER_TURN);
    }
    return total;
  }
  /**
   * Kills every entry that has any of the tags or one below them, at once; answers how many of them were live. Usually at once, too: the sets know
   * how many entries carry them. Only entries that have expired and not been given back yet stand in the way of that count; up to 1,024 of them
   * are given back on the spot, more in slices, so that nothing stalls, and the answer comes when it is right.
   */
  async killTagged(tags: readonly string[]): Promise<number> {
    const atMs = this.#nowMs();
    this.#store.expire(atMs, ENTRIES_PER_TURN);
    const sets = this.#tags.setsWith(tags);
    let count = 0;
    for (const set of sets) count += set.entries;
    const backlog = this.#store.hasExpired(atMs) ? this.#store.size : 0;
    if (count === 0 || backlog === 0) {
      this.kill(tags);
      return count;
    }
    const tally: ExpiredTally = { atMs, expired: 0 };
    for (const set of sets) set.tally = tally;
    this.kill(tags);
    // What had expired by now stands first in line, before whatever expires meanwhile.
    for (let seen = 0; seen < backlog && this.#store.hasExpired(atMs) && !this.#isStopped; seen += ENTRIES_PER_TURN) {
      await turn();
      this.#store.expire(atMs, ENTRIES_PER_TURN);
    }
    return count - tally.expired;
  }
  /** Kills every entry that has any of the tags or one below them. O(number of tags); memory follows, at once in a small cache. */
  kill(tags: readonly string[]): void {
    this.#tags.invalidate(tags);
    this.#store.expectDead();
    this.#hasNewDead = true;
    if (this.#store.size <= SMALL && this.#store.sweepDead(0, Infinity) === 0) this.#store.forgetDead();
    else if (!this.#isSweepingDead) void this.#sweepDead();
  }
  stop(): void {
    this.#isStopped = true;
  }

  async #sweepDead(): Promise<void> {
    this.#isSweepingDead = true;
    let at = 0;
    do {
      if (at === 0) this.#hasNewDead = false;
      await turn();
      at = this.#isStopped ? 0 : this.#store.sweepDead(at, SLOTS_PER_TURN);
    } while (!this.#isStopped && (at !== 0 || this.#hasNewDead));
    this.#store.forgetDead();
    this.#isSweepingDead = false;
  }
}

/** One turn of the event loop. Not unreferenced: in an otherwise idle process the loop would sleep instead of coming back. A sweep ends soon. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
