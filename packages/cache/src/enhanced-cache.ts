import type { CacheTimer } from './base/clock.ts';
import { CacheError } from './base/errors.ts';
import { CacheMemory } from './cache-memory.ts';
import type { MemoryStore } from './core/memory-store.ts';
import { walk } from './core/walk.ts';
import { type CacheEventName, type CacheListener, EventHub } from './events/cache-events.ts';
import { CacheNamespace, type NamespaceOptions } from './keys/namespace.ts';
import { type AnyFunction, type CacheDecorator, type Wrapped, Wrapping } from './keys/wrapping.ts';
import { checkKey, checkTags } from './limits.ts';
import { type DumpRecord, checkRecords, dumpOf, restore } from './loading/dump.ts';
import type { LoadOptions } from './loading/load-options.ts';
import { type LoadContext, LoadPipeline } from './loading/load-pipeline.ts';
import { warmWith } from './loading/warm.ts';
import { type CacheOptions, type ResolvedCacheOptions, resolveOptions } from './options.ts';
import { type SizeAdvice, type SizeForecast, adviseSize } from './policy/size-advice.ts';
import { register, unregister } from './registry.ts';
import { CacheMeter } from './stats/cache-meter.ts';
import { EntryListing } from './stats/entry-listing.ts';
import { previewInvalidation } from './stats/invalidation-preview.ts';
import type { SecondTier } from './tiers/second-tier.ts';
import type {
  CacheEntryPage,
  CacheEntryPageRequest,
  CacheGroupStatistics,
  CacheStatistics,
  EntryOptions,
  InvalidationPreview,
  LoadReport,
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
  readonly #events = new EventHub();
  readonly #memory: CacheMemory;
  /** That of `#memory`: a read looks at nothing else. */
  readonly #store: MemoryStore;
  readonly #meter: CacheMeter;
  readonly #loads: LoadPipeline;
  readonly #listing: EntryListing;
  readonly #wrapping: Wrapping;
  readonly #tier: SecondTier | undefined;
  #timer: CacheTimer | undefined;
  #isDisposed = false;

  constructor(options: CacheOptions = {}) {
    this.#options = resolveOptions(options);
    const { clock, defaultTtlMs, groupOf, load: policy, tier } = this.#options;
    const memory = (this.#memory = new CacheMemory(this.#options, this.#events));
    this.#store = memory.store;
    this.#meter = new CacheMeter({ events: this.#events, random: () => clock.random(), groupOf });
    this.#listing = new EntryListing(this.#store, () => memory.nowMs());
    this.#tier = tier;
    tier?.attach(memory);
    this.#loads = new LoadPipeline({ clock, flights: memory.flights, memory, meter: this.#meter, policy, defaultTtlMs, tier });
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
    const write = tier.prepareSet(key, this.#memory.entryOf(value, options));
    this.setSync(key, value, options);
    await this.#memory.flights.during(key, write);
  }
  /** As `set`, in memory only. */
  setSync(key: string, value: unknown, options: EntryOptions = NO_OPTIONS): void {
    this.#open();
    checkKey(key);
    this.#memory.write(key, value, options);
  }
  /** Whether `get` would find it. Counts as no use and in no statistic. */
  async has(key: string): Promise<boolean> {
    return this.hasSync(key) || (this.#tier !== undefined && (await this.#tier.get(key)) !== undefined);
  }
  hasSync(key: string): boolean {
    this.#open();
    checkKey(key);
    return this.#store.peek(key, this.#memory.nowMs()) !== 0;
  }
  /** Removes the entry; returns whether there was a live one. */
  async delete(key: string): Promise<boolean> {
    const isThere = this.deleteSync(key);
    const tier = this.#tier;
    if (tier === undefined) return isThere;
    return (await this.#memory.flights.during(key, () => tier.delete(key))) || isThere;
  }
  /** As `delete`, in memory only. */
  deleteSync(key: string): boolean {
    const isThere = this.hasSync(key);
    this.#memory.forgetKey(key);
    return isThere;
  }
  /** Removes everything. Loads under way are not kept. */
  async clear(): Promise<void> {
    this.#open();
    this.#memory.forgetAll();
    const tier = this.#tier;
    if (tier !== undefined) await this.#memory.flights.during(undefined, () => tier.clear());
  }
  /** Removes entries that have any of the tags, or tags below them; returns how many there were, values kept as stale ones included. */
  async deleteByTags(tags: readonly string[]): Promise<number> {
    this.#open();
    checkTags(tags);
    const killed = this.#memory.countForgottenTags(tags);
    const tier = this.#tier;
    if (tier === undefined) return await killed;
    const removed = await this.#memory.flights.during(undefined, () => tier.deleteByTags(tags));
    return Math.max(await killed, removed);
  }
  /** As `deleteByTags`, without counting: O(number of tags) however many entries carry them. Memory is given back in the background. */
  invalidateTags(tags: readonly string[]): void {
    this.#open();
    checkTags(tags);
    this.#memory.forgetTags(tags);
    const tier = this.#tier;
    if (tier !== undefined) this.#memory.flights.during(undefined, () => tier.deleteByTags(tags)).catch(() => {});
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
      'load' in entry ? await this.getOrLoad(entry.key, entry.load, optionsOf(entry)) : await this.set(entry.key, entry.value, entry);
    return await warmWith(entries, put, options);
  }

  /** The live entries as plain records, the hottest first: JSON lines if the values are JSON. Counts as no use. Memory only, as is `load`. */
  dump(): AsyncGenerator<DumpRecord, void, undefined> {
    this.#open();
    return dumpOf({ store: this.#store, clock: this.#options.clock });
  }
  /**
   * Takes up what `dump()` gave, with the lifetimes and tags it had, until memory is full. May run while the cache is in use: what was written or
   * invalidated since it began stays so. It cannot know what was invalidated between the dump and its beginning: dump last, load first.
   */
  async load(records: AsyncIterable<DumpRecord> | Iterable<DumpRecord>): Promise<LoadReport> {
    this.#open();
    checkRecords(records);
    const { flights } = this.#memory;
    return await restore(
      { store: this.#store, clock: this.#options.clock, flights, keep: (key, entry) => this.#memory.keep(key, entry) },
      records,
    );
  }

  /** Removes expired entries now; returns their number. */
  async cleanup(): Promise<number> {
    this.#open();
    return await this.#memory.sweeper.sweepExpired();
  }
  /**
   * What caches of 0.25, 0.5, 1, 2 and 4 times the size would hit, over the last 1,024 sizes' worth of reads; empty until 8 have passed. Simulated all the
   * while on a hash sample of the keys. O(1).
   */
  missRatioCurve(): readonly SizeForecast[] {
    return this.sizeAdvice().forecasts;
  }
  /** Which `maxSize` to use (`maxBytes`, in a cache bounded by them), from the miss-ratio curve and its intervals. O(1). */
  sizeAdvice(): SizeAdvice {
    return adviseSize(this.#store.missRatioCurve, this.#options.bound?.maxBytes ?? this.#store.maxEntries);
  }
  stats(): CacheStatistics {
    const { maxEntries, removed, size, written } = this.#store;
    const { hits, misses } = this.#meter.reads;
    const count = size - this.#memory.tags.countDeadEntries();
    return {
      hits,
      misses,
      evictions: removed.evicted,
      refused: removed.refused,
      expirations: removed.expired,
      invalidations: removed.invalidated,
      writes: written.total,
      overwrites: written.overwrites,
      hit_rate: hits + misses === 0 ? 0 : percent(hits / (hits + misses)),
      total_size: Math.round(this.#store.bytes ?? this.#listing.totalBytes(count)),
      entry_count: count,
      max_size: maxEntries,
      utilization: percent(count / maxEntries),
      ...this.#meter.loadStatistics(),
      ...(this.#tier === undefined ? {} : { tier: this.#tier.stats() }),
    };
  }
  /** Statistics by group of keys (`groupOf`), most read first. Reads and sizes are estimated from samples. */
  statsByGroup(): readonly CacheGroupStatistics[] {
    return this.#meter.byGroup(this.#listing);
  }
  /** Statistics by tag, hierarchical ones under their first step, most read first. */
  statsByTag(): readonly CacheGroupStatistics[] {
    return this.#meter.byTag(this.#listing);
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

  /** How many entries `deleteByTags` would remove, and what loading them again would cost. Removes nothing; goes through the whole cache, a little a turn. */
  async previewDeleteByTags(tags: readonly string[]): Promise<InvalidationPreview> {
    this.#open();
    checkTags(tags);
    return await previewInvalidation(this.#store, () => this.#memory.nowMs(), tags);
  }
  /**
   * Keys and values of the live entries, in no order, a thousand slots a turn. The cache may change meanwhile: an entry that is there from start to end
   * comes exactly once, another at most once. Counts as no use.
   */
  async *entries(): AsyncGenerator<readonly [key: string, value: unknown], void, undefined> {
    this.#open();
    const store = this.#store;
    const nowMs = (): number => this.#memory.nowMs();
    yield* walk(store, nowMs, (slot) =>
      store.expiresAtMs(slot) > nowMs() ? ([store.keyAt(slot), store.valueAt(slot)] as const) : undefined,
    );
  }
  /** As `entries`, the keys alone. */
  async *keys(): AsyncGenerator<string, void, undefined> {
    for await (const [key] of this.entries()) yield key;
  }
  /** Calls `listener` after each event of this name; returns a function that takes it off again. See `CacheEvents`. */
  on<Name extends CacheEventName>(name: Name, listener: CacheListener<Name>): () => void {
    this.#open();
    const off = this.#events.on(name, listener);
    this.#memory.listen();
    return () => {
      off();
      this.#memory.listen();
    };
  }

  /** Stops the background sweep, lets go of all entries and takes the cache off the monitors' list. May be called twice. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#loads.stop();
    this.#memory.close();
    this.#isDisposed = true;
    this.#events.clear();
    this.#tier?.detach();
    this.#timer?.cancel();
    unregister(this.name, this);
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #open(): void {
    if (!this.#isDisposed) return;
    throw new CacheError('cache_disposed', `The cache ${JSON.stringify(this.name)} was disposed.`, {
      hint: 'Make a new one with createEnhancedCache().',
    });
  }
  /** Slot of the live entry, 0 on a miss; counted. */
  #read(key: string): number {
    this.#open();
    checkKey(key);
    const slot = this.#store.read(key, this.#options.clock.monotonicMs());
    if (slot === 0) {
      if (this.#meter.reads.miss()) this.#meter.sampleMisses(key);
    } else if (this.#meter.reads.hit()) this.#meter.sampleHits(key, this.#store.tagsAt(slot)?.names ?? []);
    return slot;
  }
  #scheduleSweep(): void {
    const { cleanupIntervalMs, clock } = this.#options;
    if (cleanupIntervalMs === Infinity) return;
    this.#timer = clock.schedule(cleanupIntervalMs, () => {
      if (this.#isDisposed) return;
      void this.#memory.sweeper.sweepExpired();
      this.#scheduleSweep();
    });
  }
}

function optionsOf({ ttl, tags }: EntryOptions): EntryOptions {
  return { ...(ttl === undefined ? {} : { ttl }), ...(tags === undefined ? {} : { tags }) };
}

/** Percentage with at most one decimal. */
function percent(ratio: number): number {
  return Math.round(ratio * 1000) / 10;
}

/** A cache of your own, independent of every other. @throws {CacheError} for a bad option, saying what is allowed. */
export function createEnhancedCache(options: CacheOptions = {}): EnhancedCache {
  return new EnhancedCache(options);
}
