import { CELL_SHIFT, FIRST_SLOT, HASH, type SlotLists } from '../policy/slot-lists.ts';

/**
 * Open-addressing index from hash to slot: linear probing, deletion by shifting back, no tombstones, so a table of a fixed size is
 * never rebuilt however many entries pass through it. A place is one 32-bit cell: the slot in its low bits and, in the bits that the slot numbers
 * leave free (8 to 29), the same bits of the hash, so that a probe rarely has to look at a slot that is not the one. Load 0.35 to 0.7.
 */
export class HashIndex {
  readonly table: Int32Array;
  readonly mask: number;
  /** Bits of a place that hold the slot; the others hold those of its hash. */
  readonly slotMask: number;
  readonly #cells: Int32Array;

  constructor(lists: SlotLists) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(8, lists.capacity * 1.43)));
    this.table = new Int32Array(places);
    this.mask = places - 1;
    this.slotMask = 2 ** (32 - Math.clz32(lists.capacity + FIRST_SLOT)) - 1;
    this.#cells = lists.cells;
  }
  /** Slot with this hash, 0 when there is none: for users to whom the hash is the key. */
  find(hash: number): number {
    const { table, mask, slotMask } = this;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = table[place] as number;
      if (entry === 0) return 0;
      if (((entry ^ hash) & ~slotMask) === 0 && this.#hashOf(entry & slotMask) === hash) return entry & slotMask;
    }
  }
  insert(hash: number, slot: number): void {
    const { table, mask } = this;
    let place = hash & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = (hash & ~this.slotMask) | slot;
  }
  /** Takes out a slot that is in the index. */
  remove(hash: number, slot: number): void {
    const { table, mask, slotMask } = this;
    const entry = (hash & ~slotMask) | slot;
    let hole = hash & mask;
    while (table[hole] !== entry) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const other = table[place] as number;
      if (other === 0) break;
      const home = this.#hashOf(other & slotMask) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      table[hole] = other;
      hole = place;
    }
    table[hole] = 0;
  }
  clear(): void {
    this.table.fill(0);
  }
  #hashOf(slot: number): number {
    return this.#cells[(slot << CELL_SHIFT) + HASH] as number;
  }
}
