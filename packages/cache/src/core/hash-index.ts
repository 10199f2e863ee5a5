import { CELL_SHIFT, FIRST_SLOT, HASH, type SlotLists } from '../policy/slot-lists.ts';

/** Distances of this many places or more are not written down: the hash of the slot tells. */
const FAR = 15;
const DISTANCE_BITS = 4;

/**
 * Open-addressing index from hash to slot: linear probing, deletion by shifting back, no tombstones, so a table of a fixed size is
 * never rebuilt however many entries pass through it. A place is one 32-bit cell:
 *
 *   high bits of the hash (3 to 25) · distance from its home (4) · slot (as many as the capacity needs)
 *
 * The hash bits spare a probe the look at slots that are not the one; the distance spares a deletion the look at the slots behind the hole,
 * which lie all over memory: each look would be a cache miss, a quarter of the time of a write into a large full cache. Load 0.35 to 0.7.
 */
export class HashIndex {
  readonly table: Int32Array;
  readonly mask: number;
  /** Bits of a place that hold the slot. */
  readonly slotMask: number;
  /** Bits of a place that are the same bits of the hash. */
  readonly hashMask: number;
  readonly #distanceShift: number;
  readonly #cells: Int32Array;

  constructor(lists: SlotLists) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(8, lists.capacity * 1.43)));
    this.table = new Int32Array(places);
    this.mask = places - 1;
    this.#distanceShift = 32 - Math.clz32(lists.capacity + FIRST_SLOT);
    this.slotMask = 2 ** this.#distanceShift - 1;
    this.hashMask = ~((1 << (this.#distanceShift + DISTANCE_BITS)) - 1);
    this.#cells = lists.cells;
  }
  /** Slot with this hash, 0 when there is none: for users to whom the hash is the key. */
  find(hash: number): number {
    const { table, mask, slotMask, hashMask } = this;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = table[place] as number;
      if (entry === 0) return 0;
      if (((entry ^ hash) & hashMask) === 0 && this.#hashOf(entry & slotMask) === hash) return entry & slotMask;
    }
  }
  /** Reads the home of a hash, to have it in the processor's cache. */
  peek(hash: number): number {
    return this.table[hash & this.mask] as number;
  }
  insert(hash: number, slot: number): void {
    const { table, mask } = this;
    const home = hash & mask;
    let place = home;
    while (table[place] !== 0) place = (place + 1) & mask;
    this.#put(place, (hash & this.hashMask) | slot, (place - home) & mask);
  }
  /** Takes out a slot that is in the index. */
  remove(hash: number, slot: number): void {
    const { table, mask, slotMask } = this;
    let hole = hash & mask;
    while (((table[hole] as number) & slotMask) !== slot) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const other = table[place] as number;
      if (other === 0) break;
      const gap = (place - hole) & mask;
      const distance = this.#distanceOf(other, place);
      if (distance < gap) continue;
      this.#put(hole, other & (this.hashMask | slotMask), distance - gap);
      hole = place;
    }
    table[hole] = 0;
  }
  clear(): void {
    this.table.fill(0);
  }
  /** @throws {Error} unless `slot` is found under its hash and every distance on the way is right. For tests. */
  checkSlot(slot: number): void {
    const { table, mask, slotMask } = this;
    const home = this.#hashOf(slot) & mask;
    for (let place = home; table[place] !== 0; place = (place + 1) & mask) {
      if (((table[place] as number) & slotMask) !== slot) continue;
      if (this.#distanceOf(table[place] as number, place) !== ((place - home) & mask)) break;
      return;
    }
    throw new Error(`the index has lost slot ${slot}`);
  }

  #put(place: number, entry: number, distance: number): void {
    this.table[place] = entry | ((distance < FAR ? distance : FAR) << this.#distanceShift);
  }
  #distanceOf(entry: number, place: number): number {
    const distance = (entry >>> this.#distanceShift) & FAR;
    return distance < FAR ? distance : (place - this.#hashOf(entry & this.slotMask)) & this.mask;
  }
  #hashOf(slot: number): number {
    return this.#cells[(slot << CELL_SHIFT) + HASH] as number;
  }
}
