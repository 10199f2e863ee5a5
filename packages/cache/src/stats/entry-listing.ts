import type { MemoryStore } from '../core/memory-store.ts';
import { FIRST_SLOT } from '../policy/slot-lists.ts';
import type { CacheEntryInfo, CacheEntryPage, CacheEntryPageRequest } from '../types.ts';
import { estimateBytes } from './size-estimate.ts';

const SIZED_ENTRIES = 1024;
const SAMPLED_SLOTS = 4096;

/** The live entries of a store, as people see them: keys, sizes, lifetimes and tags, never values. */
export class EntryListing {
  readonly #store: MemoryStore;
  readonly #nowMs: () => number;

  constructor(store: MemoryStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }
  /** Goes through the whole cache. */
  page(page: CacheEntryPageRequest): CacheEntryPage {
    const entries: CacheEntryInfo[] = [];
    let total = 0;
    for (const slot of this.#matching(page.tag)) {
      if (total >= page.offset && entries.length < page.limit) entries.push(this.#info(slot));
      total++;
    }
    return { entries, total };
  }
  /** Keys of the entries that carry `tag` or a tag below it. Goes through the whole cache. */
  keysByTag(tag: string): readonly string[] {
    return Array.from(this.#matching(tag), (slot) => this.#store.keyAt(slot));
  }
  /** Entries and estimated bytes by name, from at most 4,096 slots spread over the whole cache. @param namesOf Names under which an entry counts. */
  sizesBy(namesOf: (key: string, tags: readonly string[]) => readonly string[]): Map<string, { entries: number; bytes: number }> {
    const store = this.#store;
    const nowMs = this.#nowMs();
    const step = Math.max(1, Math.ceil((store.endSlot - FIRST_SLOT) / SAMPLED_SLOTS));
    const sizes = new Map<string, { entries: number; bytes: number }>();
    for (let slot = FIRST_SLOT; slot < store.endSlot; slot += step) {
      if (!store.isHeldAt(slot, nowMs)) continue;
      for (const name of namesOf(store.keyAt(slot), store.tagsAt(slot)?.names ?? [])) {
        const size = sizes.get(name) ?? { entries: 0, bytes: 0 };
        sizes.set(name, { entries: size.entries + step, bytes: size.bytes + step * this.#bytesOf(slot) });
      }
    }
    return sizes;
  }
  /** Estimated bytes of `count` entries: the sum of all, above 1,024 extrapolated from the first ones. */
  totalBytes(count: number): number {
    let bytes = 0;
    let sized = 0;
    for (const slot of this.#store.live(this.#nowMs())) {
      if (sized >= SIZED_ENTRIES) break;
      bytes += this.#bytesOf(slot);
      sized++;
    }
    return sized === 0 ? 0 : Math.round((bytes / sized) * count);
  }

  *#matching(tag: string | undefined): Generator<number> {
    for (const slot of this.#store.live(this.#nowMs())) {
      const names = this.#store.tagsAt(slot)?.names ?? [];
      if (tag === undefined || names.some((name) => name === tag || name.startsWith(`${tag}/`))) yield slot;
    }
  }
  #info(slot: number): CacheEntryInfo {
    const leftMs = this.#store.expiresAtMs(slot) - this.#nowMs();
    return {
      key: this.#store.keyAt(slot),
      sizeBytes: this.#bytesOf(slot),
      ttlSeconds: leftMs === Infinity ? null : Math.round(leftMs) / 1000,
      tags: this.#store.tagsAt(slot)?.names ?? [],
    };
  }
  #bytesOf(slot: number): number {
    return estimateBytes(this.#store.keyAt(slot)) + estimateBytes(this.#store.valueAt(slot));
  }
}
