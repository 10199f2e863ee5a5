import type { Invalidation } from './invalidation-log.ts';

/**
 * Invalidations that the tier has not heard yet, each name once. Bounded: when there are more names than `most`, they become "everything", which only invalidates
 * more. Order is not kept, and need not be: an invalidation takes nothing back.
 */
export class PendingInvalidations {
  readonly #most: number;
  readonly #keys = new Set<string>();
  readonly #tags = new Set<string>();
  #isEverything = false;

  constructor(most: number) {
    this.#most = most;
  }
  /** Names waiting; "everything" counts as one. */
  get size(): number {
    return this.#keys.size + this.#tags.size + (this.#isEverything ? 1 : 0);
  }
  add(what: Invalidation): void {
    if (this.#isEverything) return;
    for (const key of what.keys) this.#keys.add(key);
    for (const tag of what.tags) this.#tags.add(tag);
    if (!what.isEverything && this.size <= this.#most) return;
    this.#keys.clear();
    this.#tags.clear();
    this.#isEverything = true;
  }
  /** At most `limit` names of those waiting, which are not waiting any more: `add` them again when telling them failed. */
  take(limit: number): Invalidation | undefined {
    if (this.size === 0) return undefined;
    const keys = [...firstOf(this.#keys, limit)];
    const tags = [...firstOf(this.#tags, limit - keys.length)];
    const isEverything = this.#isEverything;
    for (const key of keys) this.#keys.delete(key);
    for (const tag of tags) this.#tags.delete(tag);
    this.#isEverything = false;
    return { keys, tags, isEverything };
  }
}

function* firstOf(names: ReadonlySet<string>, limit: number): Generator<string> {
  let left = limit;
  for (const name of names) {
    if (left-- <= 0) return;
    yield name;
  }
}
