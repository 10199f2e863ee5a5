import type { Ghosts } from './ghosts.ts';
import type { EvictionPolicy } from './policy.ts';
import { PROBATION, PROTECTED, type SlotLists, isNewer } from './slot-lists.ts';

/**
 * Least recently used.
 *
 * Idea: what was used last is used next. The order is the protected list, youngest first. A cache that was under another policy before may
 * still have slots in the probation list; both are then in order of their stamps, and the older of the two ends leaves.
 *
 * Why not alone: one scan over more keys than fit empties it, and a loop one key longer than the cache never hits (Belady's "sequential
 * flooding"). Why at all: nothing beats it where recency is the whole story, it is what everybody expects of a small cache, and it is
 * the yardstick of the adaptive policy. It keeps ghosts only for the policy that may follow it. O(1) a call.
 *
 * R. L. Mattson, J. Gecsei, D. R. Slutz, I. L. Traiger: Evaluation techniques for storage hierarchies. IBM Systems Journal 9(2), 1970.
 */
export class LruPolicy implements EvictionPolicy {
  readonly name = 'lru';
  readonly #lists: SlotLists;
  readonly #ghosts: Ghosts;
  constructor(lists: SlotLists, ghosts: Ghosts) {
    this.#lists = lists;
    this.#ghosts = ghosts;
  }
  touch(slot: number): void {
    this.#lists.move(slot, PROTECTED);
  }
  admit(slot: number): void {
    this.#lists.place(slot, PROTECTED);
  }
  evict(): number {
    const lists = this.#lists;
    const left = lists.oldest(PROBATION);
    const right = lists.oldest(PROTECTED);
    const isRight = left === PROBATION || (right !== PROTECTED && isNewer(lists.stampOf(left), lists.stampOf(right)));
    const slot = isRight ? right : left;
    lists.remove(slot);
    this.#ghosts.add(lists.hashOf(slot), lists.stampOf(slot), lists.now);
    return slot;
  }
}
