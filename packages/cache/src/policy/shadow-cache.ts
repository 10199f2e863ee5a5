import { HashIndex } from '../core/hash-index.ts';
import { everyPolicy } from './candidates.ts';
import { Ghosts } from './ghosts.ts';
import type { EvictionPolicy } from './policy.ts';
import { CELL_SHIFT, FIRST_SLOT, SlotLists } from './slot-lists.ts';

/**
 * A cache without keys or values: what a cache of another size or policy would have done with the same accesses. Keys are their hashes.
 * Given the accesses to a fixed random part of the keys and the same part of the capacity it behaves as the whole would ("miniature simulation").
 *
 * C. Waldspurger, T. Saemundsson, I. Ahmad, N. Park: Cache modeling and optimization using miniature simulations. USENIX ATC 2017.
 */
export class ShadowCache {
  readonly capacity: number;
  readonly #lists: SlotLists;
  readonly #index: HashIndex;
  readonly #policies: readonly EvictionPolicy[];
  #policy: EvictionPolicy;
  #used = 0;

  /** @param policy Position in `POLICY_NAMES`. */
  constructor(capacity: number, policy: number) {
    this.capacity = capacity;
    this.#lists = new SlotLists(capacity);
    this.#index = new HashIndex(this.#lists);
    this.#policies = everyPolicy(this.#lists, new Ghosts(capacity));
    this.#policy = this.#policies[policy] as EvictionPolicy;
  }
  use(policy: number): void {
    this.#policy = this.#policies[policy] as EvictionPolicy;
  }
  /** Reads the key and, on a miss, puts it in. Returns whether it was there. */
  access(hash: number): boolean {
    let slot = this.#index.find(hash);
    if (slot !== 0) {
      this.#policy.touch(slot);
      return true;
    }
    if (this.#used < this.capacity) slot = FIRST_SLOT + this.#used++;
    else {
      slot = this.#policy.evict();
      this.#index.remove(this.#lists.hashOf(slot), slot);
    }
    this.#lists.cells[slot << CELL_SHIFT] = hash;
    this.#index.insert(hash, slot);
    this.#policy.admit(slot);
    return false;
  }
}
