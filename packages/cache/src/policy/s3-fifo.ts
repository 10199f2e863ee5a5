import type { Ghosts } from './ghosts.ts';
import type { EvictionPolicy } from './policy.ts';
import { PROBATION, PROTECTED, type SlotLists } from './slot-lists.ts';

/**
 * S3-FIFO: three simple queues.
 *
 * Idea: most keys of a server's cache are asked for once ("one-hit wonders"). New entries wait in a small queue, a tenth of the
 * cache; who was used more than once by its end moves to the main queue, the rest leave and are remembered as ghosts. A ghost that returns goes
 * straight to the main queue, where an entry lives as many rounds as it has been used lately (at most 3). A hit writes two bits and moves nothing,
 * which is why it is also the cheapest policy to read from.
 *
 * Weak at: loops and recency (a key used only in bursts farther apart than the small queue leaves at the first), so it is one
 * candidate of the adaptive policy and not the only one. O(1) amortised: a slot goes round at most 3 times per admission.
 *
 * J. Yang, Y. Zhang, Z. Qiu, Y. Yue, R. Vinayak: FIFO queues are all you need for cache eviction. SOSP 2023.
 */
export class S3FifoPolicy implements EvictionPolicy {
  readonly name = 's3-fifo';
  readonly #lists: SlotLists;
  readonly #ghosts: Ghosts;
  constructor(lists: SlotLists, ghosts: Ghosts) {
    this.#lists = lists;
    this.#ghosts = ghosts;
  }
  touch(slot: number): void {
    const mark = this.#lists.marks[slot] as number;
    if (mark < 6) this.#lists.marks[slot] = mark + 2;
  }
  admit(slot: number): void {
    const lists = this.#lists;
    const age = this.#ghosts.ageOf(lists.hashOf(slot), lists.now);
    lists.place(slot, age >= 0 && age <= lists.fits ? PROTECTED : PROBATION);
  }
  evict(): number {
    const lists = this.#lists;
    const smallMost = Math.max(1, Math.floor(lists.fits / 10));
    while (lists.counts[PROBATION] > smallMost || lists.counts[PROTECTED] === 0) {
      const slot = lists.oldest(PROBATION);
      if (lists.usesOf(slot) > 1) {
        lists.move(slot, PROTECTED);
        continue;
      }
      lists.remove(slot);
      this.#ghosts.add(lists.hashOf(slot), lists.now, lists.now);
      return slot;
    }
    return this.#evictFromMain();
  }
  #evictFromMain(): number {
    const lists = this.#lists;
    for (;;) {
      const slot = lists.oldest(PROTECTED);
      const uses = lists.usesOf(slot);
      if (uses === 0) {
        lists.remove(slot);
        return slot;
      }
      lists.move(slot, PROTECTED);
      lists.setUses(slot, uses - 1);
    }
  }
}
