import { CELL_SHIFT, HASH, type SlotLists } from '../policy/slot-lists.ts';

/**
 * Open-addressing index from hash to slot: linear probing, deletion by shifting back, no tombstones, so a table of a fixed size is
 * never rebuilt however many entries pass through it. One 32-bit cell a place at a load of 0.35 to 0.7; hashes live with the slots.
 */
export class HashIndex {
  readonly table: Int32Array;
  readonly mask: number;
  readonly #cells: Int32Array;

  constructor(lists: SlotLists) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(8, lists.capacity * 1.43)));
    this.table = new Int32Array(places);
    this.mask = places - 1;
    this.#cells = lists.cells;
  }
  /** First slot with this hash, 0 when there is none. Enough where the hash is the identity; else go on with `next`. */
  find(hash: number): number {
    const { table, mask } = this;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = table[place] as number;
      if (slot === 0 || this.#cells[(slot << CELL_SHIFT) + HASH] === hash) return slot;
    }
  }
  insert(hash: number, slot: number): void {
    const { table, mask } = this;
    let place = hash & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = slot;
  }
  /** Takes out a slot that is in the index. */
  remove(hash: number, slot: number): void {
    const { table, mask } = this;
    let hole = hash & mask;
    while (table[hole] !== slot) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const other = table[place] as number;
      if (other === 0) break;
      const home = (this.#cells[(other << CELL_SHIFT) + HASH] as number) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      table[hole] = other;
      hole = place;
    }
    table[hole] = 0;
  }
  clear(): void {
    this.table.fill(0);
  }
}
