/** Fields of a slot in `SlotLists.cells`, each one 32-bit cell. */
export const HASH = 0;
export const PREV = 1;
export const NEXT = 2;
export const STAMP = 3;
/** A slot's cells begin at `slot << CELL_SHIFT`: 16 bytes, so that a hit touches one cache line for all of them. */
export const CELL_SHIFT = 2;

/** The two lists every policy is made of; the numbers are also the slots of their sentinels. */
export const PROBATION = 0;
export const PROTECTED = 1;
/** First slot that holds an entry; 0 means "no slot" wherever a slot is stored. */
export const FIRST_SLOT = 2;

export type List = typeof PROBATION | typeof PROTECTED;

/**
 * Two ordered lists of slots and, per slot, the hash of its key, the stamp of its last placement, a list bit and a two-bit use count.
 *
 * Every policy here is a rule for moving slots between these two lists: LRU needs the protected one only, S3-FIFO calls them small and
 * main, LIRS calls them the HIR queue and the LIR blocks. Sharing the structure makes changing the policy of a full cache a change of one
 * pointer: nothing is moved. Doubly linked with sentinels, so linking and unlinking have no branches. 17 bytes a slot.
 */
export class SlotLists {
  readonly capacity: number;
  readonly cells: Int32Array;
  /** Bit 0: which list. Bits 1-2: uses since placed, 0 to 3. */
  readonly marks: Uint8Array;
  /** Slots in each list. */
  readonly counts: [number, number] = [0, 0];
  /** Grows with every placement and wraps around; compare two with `isNewer`. */
  now = 0;
  /** Entries that fit at present: the capacity, or fewer where another bound (bytes) binds. What policies take their shares of. */
  fits: number;

  constructor(capacity: number) {
    this.capacity = this.fits = capacity;
    this.cells = new Int32Array((capacity + FIRST_SLOT) << CELL_SHIFT);
    this.marks = new Uint8Array(capacity + FIRST_SLOT);
    this.clear();
  }

  clear(): void {
    this.fits = this.capacity;
    for (const sentinel of [PROBATION, PROTECTED]) {
      this.cells[(sentinel << CELL_SHIFT) + PREV] = sentinel;
      this.cells[(sentinel << CELL_SHIFT) + NEXT] = sentinel;
      this.counts[sentinel] = 0;
    }
  }
  get size(): number {
    return this.counts[0] + this.counts[1];
  }
  hashOf(slot: number): number {
    return this.cells[(slot << CELL_SHIFT) + HASH] as number;
  }
  stampOf(slot: number): number {
    return this.cells[(slot << CELL_SHIFT) + STAMP] as number;
  }
  listOf(slot: number): List {
    return ((this.marks[slot] as number) & 1) as List;
  }
  usesOf(slot: number): number {
    return (this.marks[slot] as number) >> 1;
  }
  setUses(slot: number, uses: number): void {
    this.marks[slot] = ((this.marks[slot] as number) & 1) | (uses << 1);
  }
  /** Oldest slot of the list; the list's sentinel (0 or 1) when it is empty. */
  oldest(list: List): number {
    return this.cells[(list << CELL_SHIFT) + PREV] as number;
  }

  /** All slots, the protected list first, each list from its young end. O(n). */
  youngestFirst(): Int32Array {
    const slots = new Int32Array(this.size);
    let count = 0;
    for (const list of [PROTECTED, PROBATION])
      for (
        let slot = this.cells[(list << CELL_SHIFT) + NEXT] as number;
        slot !== list;
        slot = this.cells[(slot << CELL_SHIFT) + NEXT] as number
      )
        slots[count++] = slot;
    return slots;
  }
  /** Puts a slot that is in no list at the young end, its uses 0, its stamp new. */
  place(slot: number, list: List): void {
    this.cells[(slot << CELL_SHIFT) + STAMP] = this.now = (this.now + 1) | 0;
    this.placeStamped(slot, list);
  }
  /** Puts a slot that is in no list at the young end, its uses 0, its stamp as it was. */
  placeStamped(slot: number, list: List): void {
    const cells = this.cells;
    const at = slot << CELL_SHIFT;
    const head = list << CELL_SHIFT;
    const next = cells[head + NEXT] as number;
    cells[at + PREV] = list;
    cells[at + NEXT] = next;
    cells[(next << CELL_SHIFT) + PREV] = slot;
    cells[head + NEXT] = slot;
    this.marks[slot] = list;
    this.counts[list]++;
  }
  remove(slot: number): void {
    const cells = this.cells;
    const at = slot << CELL_SHIFT;
    const prev = cells[at + PREV] as number;
    const next = cells[at + NEXT] as number;
    cells[(prev << CELL_SHIFT) + NEXT] = next;
    cells[(next << CELL_SHIFT) + PREV] = prev;
    this.counts[this.listOf(slot)]--;
  }
  /** `remove` and `place` in one. */
  move(slot: number, list: List): void {
    this.remove(slot);
    this.place(slot, list);
  }
}

/** Whether stamp `left` was given after `right`, as long as fewer than 2³¹ stamps lie between. */
export function isNewer(left: number, right: number): boolean {
  return ((left - right) | 0) > 0;
}
