import type { MemoryStore } from './memory-store.ts';

/** Removals, and slots looked at, before the event loop gets its turn: under a millisecond of work. */
const REMOVALS_PER_TURN = 2048;
const SLOTS_PER_TURN = 16_384;
/** Up to so many entries are swept on the spot after an invalidation. */
const SMALL = 1024;

/** Gives memory back in small steps: entries that expired, and entries whose tags were invalidated. */
export class Sweeper {
  readonly #store: MemoryStore;
  readonly #nowMs: () => number;
  #isSweepingDead = false;
  #hasNewDead = false;
  #isStopped = false;

  constructor(store: MemoryStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }
  /** Removes everything that has expired; returns how many. */
  async sweepExpired(): Promise<number> {
    let total = 0;
    while (!this.#isStopped) {
      const count = this.#store.expire(this.#nowMs(), REMOVALS_PER_TURN);
      total += count;
      if (count < REMOVALS_PER_TURN) break;
      await turn();
    }
    return total;
  }
  /** Some tag was invalidated: entries that carry it go, at once in a small cache, in the background in a large one. */
  invalidated(): void {
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

/** One turn of the event loop; does not keep the process alive. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve).unref());
}
