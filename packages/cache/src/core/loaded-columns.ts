/**
 * What is known only of entries that were loaded: how long a stale value is kept, and what loading it took. Each column exists from the first entry that
 * needs it, so a cache that only sets and gets pays nothing; 8 and 4 bytes a slot.
 */
export class LoadedColumns {
  readonly #slots: number;
  #keptForMs: Float64Array | undefined;
  #loadMs: Float32Array | undefined;

  /** @param slots Slots are 0 to `slots` - 1. */
  constructor(slots: number) {
    this.#slots = slots;
  }
  /** Time after its logical expiry during which a value is still there as a stale one, in ms. */
  keptForMs(slot: number): number {
    return this.#keptForMs?.[slot] ?? 0;
  }
  /** Time the last load took, in ms; 0 when the value was set. */
  loadMs(slot: number): number {
    return this.#loadMs?.[slot] ?? 0;
  }
  describe(slot: number, keptForMs: number, loadMs: number): void {
    if (keptForMs > 0) (this.#keptForMs ??= new Float64Array(this.#slots))[slot] = keptForMs;
    if (loadMs > 0) (this.#loadMs ??= new Float32Array(this.#slots))[slot] = loadMs;
  }
  forget(slot: number): void {
    if (this.#keptForMs !== undefined) this.#keptForMs[slot] = 0;
    if (this.#loadMs !== undefined) this.#loadMs[slot] = 0;
  }
}
