import type { TagRegistry, TagSet } from '../tags/tag-registry.ts';

/** One entry in memory. `expiresAtMs` is monotonic time, `Infinity` when it never expires. */
export interface MemoryEntry {
  value: unknown;
  expiresAtMs: number;
  tags: TagSet | undefined;
}

/** Counts of what left the store, by cause. */
export interface RemovalCounts {
  evicted: number;
  expired: number;
  invalidated: number;
}

/** Entries by key, least recently used first out. Not the owner of time: each call is told `nowMs`. */
export class MemoryStore {
  readonly removed: RemovalCounts = { evicted: 0, expired: 0, invalidated: 0 };
  readonly maxEntries: number;
  readonly #tags: TagRegistry;
  readonly #entries = new Map<string, MemoryEntry>();

  constructor(maxEntries: number, tags: TagRegistry) {
    this.maxEntries = maxEntries;
    this.#tags = tags;
  }

  /** Entries held, the dead and expired ones that were not yet swept included. */
  get size(): number {
    return this.#entries.size;
  }
  /** The live entry, now the most recently used one; `undefined` on a miss. */
  read(key: string, nowMs: number): MemoryEntry | undefined {
    const entry = this.peek(key, nowMs);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }
  /** The live entry, its place in the order unchanged. */
  peek(key: string, nowMs: number): MemoryEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.#dropIfGone(key, entry, nowMs)) return entry;
    return undefined;
  }
  write(key: string, entry: MemoryEntry): void {
    this.remove(key);
    if (this.#entries.size >= this.maxEntries) this.#evict();
    this.#entries.set(key, entry);
    if (entry.tags !== undefined) entry.tags.entries++;
  }
  remove(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    if (entry.tags !== undefined) this.#tags.release(entry.tags);
    return true;
  }
  clear(): void {
    this.#entries.clear();
    this.#tags.clear();
  }
  /** Removes what expired or lost its tags; returns how many had expired. */
  sweep(nowMs: number): number {
    const before = this.removed.expired;
    for (const [key, entry] of this.#entries) this.#dropIfGone(key, entry, nowMs);
    return this.removed.expired - before;
  }
  /** Live entries, least recently used first. */
  *live(nowMs: number): Generator<[string, MemoryEntry]> {
    for (const [key, entry] of this.#entries)
      if (entry.expiresAtMs > nowMs && (entry.tags === undefined || this.#tags.isLive(entry.tags))) yield [key, entry];
  }

  #dropIfGone(key: string, entry: MemoryEntry, nowMs: number): boolean {
    const hasExpired = entry.expiresAtMs <= nowMs;
    if (!hasExpired && (entry.tags === undefined || this.#tags.isLive(entry.tags))) return false;
    this.remove(key);
    this.removed[hasExpired ? 'expired' : 'invalidated']++;
    return true;
  }
  #evict(): void {
    for (const key of this.#entries.keys()) {
      this.remove(key);
      this.removed.evicted++;
      return;
    }
  }
}
