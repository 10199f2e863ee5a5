import type { CacheTimer } from './base/clock.ts';
import { CacheError } from './base/errors.ts';
import { MemoryStore } from './core/memory-store.ts';
import { Sweeper } from './core/sweeper.ts';
import { CacheNamespace, type NamespaceOptions } from './keys/namespace.ts';
import { type AnyFunction, type CacheDecorator, type Wrapped, Wrapping } from './keys/wrapping.ts';
import { checkKey, checkTags, ttlToMs } from './limits.ts';
import { Flights } from './loading/flights.ts';
import type { LoadOptions } from './loading/load-options.ts';
import { type LoadContext, LoadPipeline } from './loading/load-pipeline.ts';
import { warmWith } from './loading/warm.ts';
import { type CacheOptions, type ResolvedCacheOptions, resolveOptions } from './options.ts';
import { register, unregister } from './registry.ts';
import { EntryListing } from './stats/entry-listing.ts';
import { LoadCounts } from './stats/load-counts.ts';
import { TagRegistry } from './tags/tag-registry.ts';
import type { SecondTier, TierEntry } from './tiers/second-tier.ts';
import type {
  CacheEntryPage,
  CacheEntryPageRequest,
  CacheStatistics,
  EntryOptions,
  WarmEntry,
  WarmOptions,
  WarmReport,
  WrapOptions,
} from './types.ts';

const NO_OPTIONS: EntryOptions & LoadOptions<never> = {};

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
  readonly #loads: LoadPipeline;
  readonly #loadCounts = new LoadCounts();
  readonly #listing: EntryListing;
  readonly #wrapping: Wrapping;
  readonly #tier: SecondTier | undefined;
  /** How long a value that was set is kept beyond its expiry, in ms. */
  readonly #keptForMs: number;
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
    this.#sweeper = new Sweeper(this.#store, this.#tags, () => this.#nowMs());
    this.#listing = new EntryListing(this.#store, () => this.#nowMs());
    this.#flights = new Flights(this.#tags);
    this.#tier = this.#options.tier;
    this.#loads = this.#pipeline();
    this.#keptForMs = Math.max(this.#options.load.revalidateForMs, this.#options.load.graceForMs);
    this.#wrapping = new Wrapping(this);
    this.name = register(this.#options.name, this);
    this.#scheduleSweep();
  }

  /** The value, or `undefined` on a miss. A miss in memory asks the second tier, if there is one. */
  async get<T = unknown>(key: string): Promise<T | undefined> {
    const slot = this.#read(key);
    if (slot !== 0) return this.#store.valueAt(slot) as T;
    return this.#tier === undefined ? undefined : ((await this.#loads.lookUp(key)) as T | undefined);
  }
  /** The value in memory, or `undefined` on a miss. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it stored, as with get()
  getSync<T = unknown>(key: string): T | undefined {
    const slot = this.#read(key);
    return slot === 0 ? undefined : (this.#store.valueAt(slot) as T);
  }
  /** Keeps `value` under `key`, in memory at once. Loads under way for the key are overtaken: their value is not kept. */
  async set(key: string, value: unknown, options: EntryOptions = NO_OPTIONS): Promise<void> {
    const tier = this.#tier;
    if (tier === undefined) return this.setSync(key, value, options);
    const { ttl, tags = [] } = options;
    const freshForMs = ttl === undefined ? this.#options.defaultTtlMs : ttlToMs(ttl);
    const write = tier.prepareSet(key, { value, freshForMs, keptForMs: this.#keptForMs, tags, loadMs: 0 });
    this.setSync(key, value, options);
    await this.#flights.during(key, write);
  }
  /** As `set`, in memory only. */
  setSync(key: string, value: unknown, options: EntryOptions = NO_OPTIONS): void {
    this.#open();
    checkKey(key);
    this.#flights.overtake(key);
    this.#write(key, value, options);
  }
  /** Whether `get` would find it. Counts as no use and in no statistic. */
  async has(key: string): Promise<boolean> {
    return this.hasSync(key) || (this.#tier !== undefined && (await this.#tier.get(key)) !== undefined);
  }
  hasSync(key: string): boolean {
    this.#open();
    checkKey(key);
    return this.#store.peek(key, this.#nowMs()) !== 0;
  }
  /** Removes the entry; returns whether there was a live one. */
  async delete(key: string): Promise<boolean> {
    const isThere = this.deleteSync(key);
    const tier = this.#tier;
    if (tier === undefined) return isThere;
    return (await this.#flights.during(key, () => tier.delete(key))) || isThere;
  }
  /** As `delete`, in memory only. */
  deleteSync(key: string): boolean {
    const isThere = this.hasSync(key);
    this.#forget(key);
    return isThere;
  }
  /** Removes everything. Loads under way are not kept. */
  async clear(): Promise<void> {
    this.#open();
    this.#forgetAll();
    const tier = this.#tier;
    if (tier !== undefined) await this.#flights.during(undefined, () => tier.clear());
  }
  /** Removes entries that have any of the tags, or tags below them; returns how many there were, values kept as stale ones included. */
  async deleteByTags(tags: readonly string[]): Promise<number> {
    this.#open();
    checkTags(tags);
    const killed = this.#sweeper.killTagged(tags);
    this.#flights.invalidated(tags);
    const tier = this.#tier;
    if (tier === undefined) return await killed;
    const removed = await this.#flights.during(undefined, () => tier.deleteByTags(tags));
    return Math.max(await killed, removed);
  }
  /** As `deleteByTags`, without counting: O(number of tags) however many entries carry them. Memory is given back in the background. */
  invalidateTags(tags: readonly string[]): void {
    this.#open();
    checkTags(tags);
    this.#invalidate(tags);
    const tier = this.#tier;
    if (tier !== undefined) void this.#flights.during(undefined, () => tier.deleteByTags(tags));
  }

  /**
   * The cached value, or what `load` gives, which is then kept. Callers at the same time share one load. A failed load is not
   * kept: its error goes to all who waited, unless `staleIfError` has an older value for them. A load that overlaps a set, a delete or an
   * invalidation answers its callers and is not kept. What happens on a miss is told at `LoadPipeline`.
   */
  getOrLoad<T>(key: string, load: (context: LoadContext) => T, options: LoadOptions<Awaited<T>> = NO_OPTIONS): Promise<Awaited<T>> {
    // Not async: a hit costs one resolved promise and nothing else.
    try {
      const slot = this.#read(key);
      if (slot === 0) return this.#loads.load(key, load, options as LoadOptions) as Promise<Awaited<T>>;
      const value = this.#store.valueAt(slot) as Awaited<T>;
      if ((options.earlyRefresh ?? this.#options.load.earlyRefresh) !== 0) this.#loads.refreshEarly(key, load, options as LoadOptions);
      return Promise.resolve(value);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  /**
   * A function with the same arguments whose results are cached. The key is `keyPrefix:name(arguments)`, the arguments encoded by value:
   * plain data, dates, maps, sets, bytes; anything else rejects with `cache_argument_unsupported`, as does a use of `this`.
   */
  wrap<Fn extends AnyFunction>(fn: Fn, options: WrapOptions<Parameters<Fn>, Awaited<ReturnType<Fn>>> = {}): Wrapped<Fn> {
    this.#open();
    return this.#wrapping.wrap(fn, options);
  }
  /** Caches a method's results per instance and arguments. For standard decorators and TypeScript's `experimentalDecorators` alike. */
  cacheDecorator(options: WrapOptions<never, never> = {}): CacheDecorator {
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
      'load' in entry ? await this.getOrLoad(entry.key, entry.load, entry) : await this.set(entry.key, entry.value, entry);
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
      total_size: this.#listing.totalBytes(count),
      entry_count: count,
      max_size: maxEntries,
      utilization: percent(count / maxEntries),
      ...(this.#tier === undefined ? {} : { tier: this.#tier.stats() }),
    };
  }
  /** Entries without their values, for people. Goes through the whole cache. */
  entryPage(page: CacheEntryPageRequest): CacheEntryPage {
    this.#open();
    if (page.tag !== undefined) checkTags([page.tag]);
    return this.#listing.page(page);
  }
  /** Keys of the live entries that carry `tag` or a tag below it. */
  entriesByTag(tag: string): readonly string[] {
    this.#open();
    checkTags([tag]);
    return this.#listing.keysByTag(tag);
  }

  /** Stops the background sweep, lets go of all entries and takes the cache off the monitors' list. May be called twice. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#loads.stop();
    this.#forgetAll();
    this.#isDisposed = true;
    this.#tier?.detach();
    this.#sweeper.stop();
    this.#timer?.cancel();
    unregister(this.name, this);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #pipeline(): LoadPipeline {
    const { clock, load, defaultTtlMs, tier } = this.#options;
    tier?.attach({
      forgetKey: (key) => this.#forget(key),
      forgetTags: (tags) => this.#invalidate(tags),
      forgetAll: () => this.#forgetAll(),
      forgetEntries: () => this.#store.clear(),
    });
    const memory = { kept: (key: string) => this.#kept(key), keep: this.#keep.bind(this), forget: (key: string) => this.#forget(key) };
    return new LoadPipeline({ clock, flights: this.#flights, memory, counts: this.#loadCounts, policy: load, defaultTtlMs, tier });
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
    const slot = this.#store.write(key, { value, expiresAtMs: nowMs + ttlMs, tags: tagSet }, nowMs);
    if (this.#keptForMs > 0) this.#store.describeLoad(slot, this.#keptForMs, 0);
  }
  #keep(key: string, { value, freshForMs, keptForMs, tags, loadMs }: TierEntry): void {
    if (this.#isDisposed) return;
    const nowMs = this.#nowMs();
    const tagSet = tags.length === 0 ? undefined : this.#tags.intern(tags);
    const slot = this.#store.write(key, { value, expiresAtMs: nowMs + freshForMs, tags: tagSet }, nowMs);
    if (keptForMs > 0 || loadMs > 0) this.#store.describeLoad(slot, keptForMs, loadMs);
  }
  #kept(key: string): { value: unknown; expiresAtMs: number; loadMs: number } | undefined {
    const slot = this.#store.peekKept(key, this.#nowMs());
    if (slot === 0) return undefined;
    return { value: this.#store.valueAt(slot), expiresAtMs: this.#store.expiresAtMs(slot), loadMs: this.#store.loadMs(slot) };
  }
  #forget(key: string): void {
    this.#flights.overtake(key);
    this.#store.remove(key);
  }
  #forgetAll(): void {
    this.#flights.overtakeAll();
    this.#store.clear();
  }
  #invalidate(tags: readonly string[]): void {
    this.#sweeper.kill(tags);
    this.#flights.invalidated(tags);
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
