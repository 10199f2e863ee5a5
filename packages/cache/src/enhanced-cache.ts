import type { CacheTimer } from './base/clock.ts';
import { CacheError } from './base/errors.ts';
import { MemoryStore } from './core/memory-store.ts';
import { Sweeper } from './core/sweeper.ts';
import { CacheNamespace, type NamespaceOptions } from './keys/namespace.ts';
import { type AnyFunction, type CacheDecorator, type Wrapped, Wrapping } from './keys/wrapping.ts';
import { checkKey, checkTags, ttlToMs } from './limits.ts';
import { Flights } from './loading/flights.ts';
import { warmWith } from './loading/warm.ts';
import { type CacheOptions, type ResolvedCacheOptions, resolveOptions } from './options.ts';
import { register, unregister } from './registry.ts';
import { estimateBytes } from './stats/size-estimate.ts';
import { TagRegistry } from './tags/tag-registry.ts';
import type {
  CacheEntryInfo,
  CacheEntryPage,
  CacheEntryPageRequest,
  CacheStatistics,
  EntryOptions,
  WarmEntry,
  WarmOptions,
  WarmReport,
  WrapOptions,
} from './types.ts';

const SIZED_ENTRIES = 1024;

/**
 * A cache in this process: entries with a lifetime and tags, loaded once however many callers ask. Make one with `createEnhancedCache`.
 * Every method but `stats` and `dispose` throws `CacheError` `cache_disposed` after `dispose()`.
 */
export class EnhancedCache {
  /** Name under which monitors list it. */
  readonly name: string;
  readonly #options: ResolvedCacheOptions;
  readonly #tags = new TagRegistry();
  readonly #store: MemoryStore;
  readonly #sweeper: Sweeper;
  readonly #flights: Flights;
  readonly #wrapping: Wrapping;
  #hits = 0;
  #misses = 0;
  #timer: CacheTimer | undefined;
  #isDisposed = false;

  constructor(options: CacheOptions = {}) {
    this.#options = resolveOptions(options);
    const { maxSize, policy, clock } = this.#options;
    this.#store = new MemoryStore(
      { maxEntries: maxSize, policy, seed: Math.trunc(clock.random() * 2 ** 31), nowMs: clock.monotonicMs() },
      this.#tags,
    );
    this.#sweeper = new Sweeper(this.#store, () => this.#nowMs());
    this.#flights = new Flights(this.#tags);
    this.#wrapping = new Wrapping(this);
    this.name = register(this.#options.name, this);
    this.#scheduleSweep();
  }

  /** The value, or `undefined` on a miss. */
  async get<T = unknown>(key: string): Promise<T | undefined> {
    return this.getSync<T>(key);
  }
  /** The value in memory, or `undefined` on a miss. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it stored, as with get()
  getSync<T = unknown>(key: string): T | undefined {
    const slot = this.#read(key);
    return slot === 0 ? undefined : (this.#store.valueAt(slot) as T);
  }
  /** Keeps `value` under `key`. Loads under way for the key are overtaken: their value is not kept. */
  async set(key: string, value: unknown, options: EntryOptions = {}): Promise<void> {
    this.setSync(key, value, options);
  }
  setSync(key: string, value: unknown, options: EntryOptions = {}): void {
    this.#open();
    checkKey(key);
    this.#flights.overtake(key);
    this.#write(key, value, options);
  }
  /** Whether `get` would find it. Counts as no use and in no statistic. */
  async has(key: string): Promise<boolean> {
    return this.hasSync(key);
  }
  hasSync(key: string): boolean {
    this.#open();
    checkKey(key);
    return this.#store.peek(key, this.#nowMs()) !== 0;
  }
  /** Removes the entry; returns whether there was a live one. */
  async delete(key: string): Promise<boolean> {
    return this.deleteSync(key);
  }
  deleteSync(key: string): boolean {
    const isThere = this.hasSync(key);
    this.#flights.overtake(key);
    return isThere && this.#store.remove(key);
  }
  /** Removes everything. Loads under way are not kept. */
  async clear(): Promise<void> {
    this.#open();
    this.#flights.overtakeAll();
    this.#store.clear();
  }
  /** Removes entries that have any of the tags, or tags below them; returns how many live ones there were. */
  async deleteByTags(tags: readonly string[]): Promise<number> {
    this.#open();
    checkTags(tags);
    this.#store.expire(this.#nowMs(), Infinity);
    let count = 0;
    for (const set of this.#tags.setsWith(tags)) count += set.entries;
    this.#invalidate(tags);
    return count;
  }
  /** As `deleteByTags`, without counting: O(number of tags) however many entries carry them. Memory is given back in the background. */
  invalidateTags(tags: readonly string[]): void {
    this.#open();
    checkTags(tags);
    this.#invalidate(tags);
  }

  /**
   * The cached value, or what `load` gives, which is then kept. Callers at the same time share one load. A failed load is not
   * kept: its error goes to all who waited. A load that overlaps a set, a delete or an invalidation answers its callers and is not kept.
   */
  getOrLoad<T>(key: string, load: () => T, options: EntryOptions = {}): Promise<Awaited<T>> {
    // Not async: a hit costs one resolved promise and nothing else.
    try {
      const slot = this.#read(key);
      return slot === 0 ? this.#load(key, load, options) : Promise.resolve(this.#store.valueAt(slot) as Awaited<T>);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  /**
   * A function with the same arguments whose results are cached. The key is `keyPrefix:name(arguments)`, the arguments encoded by value:
   * plain data, dates, maps, sets, bytes; anything else rejects with `cache_argument_unsupported`, as does a use of `this`.
   */
  wrap<Fn extends AnyFunction>(fn: Fn, options: WrapOptions<Parameters<Fn>> = {}): Wrapped<Fn> {
    this.#open();
    return this.#wrapping.wrap(fn, options);
  }
  /** Caches a method's results per instance and arguments. For standard decorators and TypeScript's `experimentalDecorators` alike. */
  cacheDecorator(options: WrapOptions<never> = {}): CacheDecorator {
    this.#open();
    return this.#wrapping.decorator(options);
  }
  /** A part of the cache with keys of its own, versioned. */
  namespace(name: string, options: NamespaceOptions = {}): CacheNamespace {
    this.#open();
    return new CacheNamespace(this, name, options);
  }
  /** Fills the cache from a list of values or loads, a few at a time. */
  async warm(entries: Iterable<WarmEntry>, options: WarmOptions = {}): Promise<WarmReport> {
    this.#open();
    const put = async (entry: WarmEntry): Promise<unknown> =>
      'load' in entry ? await this.getOrLoad(entry.key, entry.load, entry) : this.setSync(entry.key, entry.value, entry);
    return await warmWith(entries, put, options);
  }

  /** Removes expired entries now; returns their number. */
  async cleanup(): Promise<number> {
    this.#open();
    return await this.#sweeper.sweepExpired();
  }
  stats(): CacheStatistics {
    const { maxEntries, removed, written } = this.#store;
    const reads = this.#hits + this.#misses;
    const count = this.#store.size - this.#tags.countDeadEntries();
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: removed.evicted,
      writes: written.total,
      overwrites: written.overwrites,
      hit_rate: reads === 0 ? 0 : percent(this.#hits / reads),
      total_size: this.#totalBytes(count),
      entry_count: count,
      max_size: maxEntries,
      utilization: percent(count / maxEntries),
    };
  }
  /** Entries without their values, for people. Goes through the whole cache. */
  entryPage(page: CacheEntryPageRequest): CacheEntryPage {
    this.#open();
    if (page.tag !== undefined) checkTags([page.tag]);
    const entries: CacheEntryInfo[] = [];
    let total = 0;
    for (const slot of this.#matching(page.tag)) {
      if (total >= page.offset && entries.length < page.limit) entries.push(this.#info(slot));
      total++;
    }
    return { entries, total };
  }
  /** Keys of the live entries that carry `tag` or a tag below it. */
  entriesByTag(tag: string): readonly string[] {
    this.#open();
    checkTags([tag]);
    return Array.from(this.#matching(tag), (slot) => this.#store.keyAt(slot));
  }

  /** Stops the background sweep, lets go of all entries and takes the cache off the monitors' list. May be called twice. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#flights.overtakeAll();
    this.#store.clear();
    this.#isDisposed = true;
    this.#sweeper.stop();
    this.#timer?.cancel();
    unregister(this.name, this);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  async #load<T>(key: string, load: () => T, options: EntryOptions): Promise<Awaited<T>> {
    const tags = options.tags ?? [];
    checkTags(tags);
    if (options.ttl !== undefined) ttlToMs(options.ttl);
    const value = this.#flights.run({ key, tags, load, keep: (loaded) => this.#isDisposed || this.#write(key, loaded, options) });
    return (await value) as Awaited<T>;
  }
  #open(): void {
    if (!this.#isDisposed) return;
    throw new CacheError('cache_disposed', `The cache ${JSON.stringify(this.name)} was disposed.`, {
      hint: 'Make a new one with createEnhancedCache().',
    });
  }
  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
  /** Slot of the live entry, 0 on a miss; counted. */
  #read(key: string): number {
    this.#open();
    checkKey(key);
    const slot = this.#store.read(key, this.#nowMs());
    if (slot === 0) this.#misses++;
    else this.#hits++;
    return slot;
  }
  #write(key: string, value: unknown, options: EntryOptions): void {
    const { ttl, tags = [] } = options;
    checkTags(tags);
    const ttlMs = ttl === undefined ? this.#options.defaultTtlMs : ttlToMs(ttl);
    const tagSet = tags.length === 0 ? undefined : this.#tags.intern(tags);
    const nowMs = this.#nowMs();
    this.#store.write(key, { value, expiresAtMs: nowMs + ttlMs, tags: tagSet }, nowMs);
  }
  #invalidate(tags: readonly string[]): void {
    this.#tags.invalidate(tags);
    this.#sweeper.invalidated();
    if (this.#flights.count === 0) this.#tags.prune();
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
  #totalBytes(count: number): number {
    let bytes = 0;
    let sized = 0;
    for (const slot of this.#store.live(this.#nowMs())) {
      if (sized >= SIZED_ENTRIES) break;
      bytes += this.#bytesOf(slot);
      sized++;
    }
    return sized === 0 ? 0 : Math.round((bytes / sized) * count);
  }
  #scheduleSweep(): void {
    const { cleanupIntervalMs, clock } = this.#options;
    if (cleanupIntervalMs === Infinity) return;
    this.#timer = clock.schedule(cleanupIntervalMs, () => {
      if (this.#isDisposed) return;
      void this.#sweeper.sweepExpired();
      this.#scheduleSweep();
    });
  }
}

/** Percentage with at most one decimal. */
function percent(ratio: number): number {
  return Math.round(ratio * 1000) / 10;
}

/** A cache of your own, independent of every other. @throws {CacheError} for a bad option, saying what is allowed. */
export function createEnhancedCache(options: CacheOptions = {}): EnhancedCache {
  return new EnhancedCache(options);
}
