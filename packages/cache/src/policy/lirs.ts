import type { Ghosts } from './ghosts.ts';
import type { EvictionPolicy, PolicyName } from './policy.ts';
import { PROBATION, PROTECTED, type SlotLists, isNewer } from './slot-lists.ts';

export interface LirsOptions {
  readonly name: PolicyName;
  /** Part of the cache that newcomers pass through, above 0 and below 1. */
  readonly newcomerRatio: number;
}

/** Slots demoted at most at once: more than one only after a change of policy, when the surplus is worked off bit by bit. */
const DEMOTIONS = 8;

/**
 * LIRS: low inter-reference recency set, with a tenth of the cache for newcomers.
 *
 * Idea: rank a key by the distance between its last two uses, not by the time since the last one. Keys with a short distance (LIR) hold nine
 * tenths of the cache; newcomers (HIR) pass through a queue of the last tenth and leave by its end. A newcomer that is used again while it is
 * more recent than the stalest LIR key has shown a shorter distance than that key, so the two change places. Ghosts remember the
 * last use of newcomers that left, so the test works for them too. It resists scans and wins on loops, where LRU hits nothing.
 *
 * The paper keeps one stack of LIR, HIR and ghost keys and prunes it from below. Here every slot carries a stamp of its last use, and "is
 * in the stack" is the same as "has a stamp newer than the LIR list's oldest": no stack, each slot in one list only, ghosts in a
 * table. The paper suggests 1 % for newcomers; with 10 % it does not fall behind LRU when the working set moves, with 1 % it wins on pure loops:
 * the adaptive policy has both as candidates.
 *
 * S. Jiang, X. Zhang: LIRS: an efficient low inter-reference recency set replacement policy to improve buffer cache performance.
 * SIGMETRICS 2002.
 */
export class LirsPolicy implements EvictionPolicy {
  readonly name: PolicyName;
  readonly #lists: SlotLists;
  readonly #ghosts: Ghosts;
  readonly #newcomerRatio: number;
  constructor(lists: SlotLists, ghosts: Ghosts, options: LirsOptions) {
    this.name = options.name;
    this.#lists = lists;
    this.#ghosts = ghosts;
    this.#newcomerRatio = options.newcomerRatio;
  }
  touch(slot: number): void {
    const lists = this.#lists;
    if (lists.listOf(slot) === PROTECTED) {
      lists.move(slot, PROTECTED);
      return;
    }
    const mayRise = this.#isInStack(lists.stampOf(slot));
    lists.move(slot, mayRise ? PROTECTED : PROBATION);
    if (mayRise) this.#demote();
  }
  admit(slot: number): void {
    const lists = this.#lists;
    if (lists.counts[PROTECTED] < this.#lirMost()) {
      lists.place(slot, PROTECTED);
      return;
    }
    const age = this.#ghosts.ageOf(lists.hashOf(slot), lists.now);
    const mayRise = age >= 0 && this.#isInStack((lists.now - age) | 0);
    lists.place(slot, mayRise ? PROTECTED : PROBATION);
    if (mayRise) this.#demote();
  }
  evict(): number {
    const lists = this.#lists;
    const isFromQueue = lists.counts[PROBATION] > 0;
    const slot = lists.oldest(isFromQueue ? PROBATION : PROTECTED);
    lists.remove(slot);
    if (isFromQueue && this.#isInStack(lists.stampOf(slot))) this.#ghosts.add(lists.hashOf(slot), lists.stampOf(slot), lists.now);
    return slot;
  }
  #lirMost(): number {
    const { fits } = this.#lists;
    return fits - Math.max(1, Math.floor(fits * this.#newcomerRatio));
  }
  #isInStack(stamp: number): boolean {
    const lists = this.#lists;
    return lists.counts[PROTECTED] === 0 || isNewer(stamp, lists.stampOf(lists.oldest(PROTECTED)));
  }
  /** The stalest LIR slots join the newcomers, with the stamp they have, until the LIR list fits again. */
  #demote(): void {
    const lists = this.#lists;
    for (let left = DEMOTIONS; left > 0 && lists.counts[PROTECTED] > this.#lirMost(); left--) {
      const slot = lists.oldest(PROTECTED);
      lists.remove(slot);
      lists.placeStamped(slot, PROBATION);
    }
  }
}
