/**
 * Decides which entry leaves a full cache. A policy is told of everything that happens to slots and moves them between the two lists of
 * `SlotLists`; it never sees keys or values. No call allocates; each is O(1), amortised.
 */
export interface EvictionPolicy {
  readonly name: PolicyName;
  /** The entry in `slot` was read. */
  touch(slot: number): void;
  /** A new entry lies in `slot`, which is in no list yet; its hash is set. */
  admit(slot: number): void;
  /** Takes one slot out of its list and returns it: its entry has to go. Called only when some slot is held. */
  evict(): number;
}

export type PolicyName = 'lru' | 's3-fifo' | 'lirs' | 'lirs-narrow';
