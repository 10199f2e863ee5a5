/** Samples that a head has room for at first; full, it moves to room for twice as many. */
const FIRST_CAPACITY = 4;
/** Samples of a sealed chunk, and the most that a head has room for. */
export const CHUNK_SAMPLES = 120;
/** Samples of all heads of a slab: 64 KiB. */
const SLAB_SAMPLES = 4096;

/** One array for the heads of many series, all with room for the same number of samples: the times of a head first, its values right behind. */
export class HeadSlab {
  readonly pool: HeadPool;
  /** Samples that each head has room for. */
  readonly capacity: number;
  readonly numbers: Float64Array;
  readonly #heads: number;
  readonly #free: number[] = [];
  /** Heads from here on were never taken. */
  #untouched = 0;
  #taken = 0;

  constructor(pool: HeadPool, capacity: number) {
    this.pool = pool;
    this.capacity = capacity;
    this.#heads = capacity === 0 ? 0 : Math.floor(SLAB_SAMPLES / capacity);
    this.numbers = new Float64Array(this.#heads * capacity * 2);
  }

  get isFull(): boolean {
    return this.#taken === this.#heads;
  }
  get isEmpty(): boolean {
    return this.#taken === 0;
  }

  /** Takes a head, of which there must be one. @returns where its times begin in `numbers`. */
  take(): number {
    this.#taken++;
    return this.#free.pop() ?? this.#untouched++ * this.capacity * 2;
  }

  give(offset: number): void {
    this.#taken--;
    this.#free.push(offset);
  }
}

/**
 * Room for the heads of a store's series. A typed array costs some 250 bytes beside its numbers, and a head of few samples would need two;
 * so the heads of one capacity share slabs, and a series knows its slab and an offset. A slab without heads is given up, but for the
 * last of its capacity.
 */
export class HeadPool {
  /** Where heads without room are. */
  readonly nothing: HeadSlab = new HeadSlab(this, 0);
  /** By capacity. */
  readonly #withRoom = new Map<number, Set<HeadSlab>>();

  /** A slab with a head to take that has room for more samples than one of `capacity`. */
  larger(capacity: number): HeadSlab {
    const wanted = Math.min(CHUNK_SAMPLES, Math.max(FIRST_CAPACITY, capacity * 2));
    let slabs = this.#withRoom.get(wanted);
    if (slabs === undefined) this.#withRoom.set(wanted, (slabs = new Set()));
    for (const slab of slabs) {
      if (!slab.isFull) return slab;
      slabs.delete(slab);
    }
    const slab = new HeadSlab(this, wanted);
    slabs.add(slab);
    return slab;
  }

  /** Gives a head back. */
  give(slab: HeadSlab, offset: number): void {
    const slabs = this.#withRoom.get(slab.capacity);
    if (slabs === undefined) return;
    slab.give(offset);
    if (slab.isEmpty && slabs.size > 1) slabs.delete(slab);
    else slabs.add(slab);
  }
}
