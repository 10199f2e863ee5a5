import { MemoryStore } from './core/memory-store.ts';
import { Sweeper } from './core/sweeper.ts';
import type { EventHub } from './events/cache-events.ts';
import { checkTags, ttlToMs } from './limits.ts';
import { Flights } from './loading/flights.ts';
import type { KeptValue, PipelineMemory } from './loading/load-pipeline.ts';
import type { ResolvedCacheOptions } from './options.ts';
import { TagRegistry } from './tags/tag-registry.ts';
import type { LocalMemory, TierEntry } from './tiers/second-tier.ts';
import type { EntryOptions } from './types.ts';

const NO_TAGS: readonly string[] = [];

/**
 * What a cache holds in this process, and the loads that are to go into it: the one place that writes and removes, so that no removal forgets to
 * overtake the loads it concerns.
 */
export class CacheMemory implements LocalMemory, PipelineMemory {
  readonly tags: TagRegistry = new TagRegistry();
  readonly store: MemoryStore;
  readonly sweeper: Sweeper;
  readonly flights: Flights;
  readonly #options: ResolvedCacheOptions;
  readonly #events: EventHub;
  /** How long a value that was set is kept beyond its expiry, in ms. */
  readonly #keptForMs: number;
  #isClosed = false;

  constructor(options: ResolvedCacheOptions, events: EventHub) {
    const { maxSize, bound, isSliding, policy, clock, load } = options;
    this.#options = options;
    this.#events = events;
    this.#keptForMs = Math.max(load.revalidateForMs, load.graceForMs);
    const seed = Math.trunc(clock.random() * 2 ** 31);
    this.store = new MemoryStore({ maxEntries: maxSize, bound, isSliding, policy, seed, nowMs: clock.monotonicMs() }, this.tags);
    this.sweeper = new Sweeper(this.store, this.tags, () => this.nowMs());
    this.flights = new Flights(this.tags);
  }
  nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  /** The entry that `options` describe, for the second tier. */
  entryOf(value: unknown, { ttl, tags = NO_TAGS }: EntryOptions): TierEntry {
    const freshForMs = ttl === undefined ? this.#options.defaultTtlMs : ttlToMs(ttl);
    return { value, freshForMs, keptForMs: this.#keptForMs, tags, loadMs: 0 };
  }
  /** A value that was set: loads under way for its key are overtaken. */
  write(key: string, value: unknown, options: EntryOptions): void {
    this.flights.overtake(key);
    const { ttl, tags = NO_TAGS } = options;
    checkTags(tags);
    const ttlMs = ttl === undefined ? this.#options.defaultTtlMs : ttlToMs(ttl);
    const tagSet = tags.length === 0 ? undefined : this.tags.intern(tags);
    const nowMs = this.nowMs();
    const slot = this.store.write(key, value, nowMs + this.#jittered(ttlMs), tagSet, nowMs);
    if (slot !== 0 && this.#keptForMs > 0) this.store.describeLoad(slot, this.#keptForMs, 0);
    if (this.#events.hears.set) this.#events.emit('set', { key });
  }
  /** A value that was loaded. */
  keep(key: string, { value, freshForMs, keptForMs, tags, loadMs }: TierEntry): void {
    if (this.#isClosed) return;
    const nowMs = this.nowMs();
    const tagSet = tags.length === 0 ? undefined : this.tags.intern(tags);
    const slot = this.store.write(key, value, nowMs + this.#jittered(freshForMs), tagSet, nowMs);
    if (slot !== 0 && (keptForMs > 0 || loadMs > 0)) this.store.describeLoad(slot, keptForMs, loadMs);
  }
  kept(key: string): KeptValue | undefined {
    const { store } = this;
    const slot = store.peekKept(key, this.nowMs());
    return slot === 0 ? undefined : { value: store.valueAt(slot), expiresAtMs: store.expiresAtMs(slot), loadMs: store.loadMs(slot) };
  }

  forgetKey(key: string): void {
    this.flights.overtake(key);
    const wasThere = this.store.remove(key);
    if (wasThere && this.#events.hears.delete) this.#events.emit('delete', { key });
  }
  forgetTags(tags: readonly string[]): void {
    this.sweeper.kill(tags);
    this.#overtakeTagged(tags);
  }
  /** As `forgetTags`; answers how many entries there were. */
  countForgottenTags(tags: readonly string[]): Promise<number> {
    const killed = this.sweeper.killTagged(tags);
    this.#overtakeTagged(tags);
    return killed;
  }
  forgetAll(): void {
    this.flights.overtakeAll();
    this.forgetEntries();
  }
  /** Lets go of every entry, and of no load: nothing was invalidated, memory merely cannot be trusted any more. */
  forgetEntries(): void {
    this.store.clear();
    if (this.#events.hears.clear) this.#events.emit('clear', {});
  }
  /** Listens to the store only while somebody listens to the cache. */
  listen(): void {
    const { hears } = this.#events;
    const tell = (key: string, cause: 'expired' | 'evicted'): void => this.#events.emit(cause === 'expired' ? 'expire' : 'evict', { key });
    this.store.onRemoval = hears.expire || hears.evict ? tell : undefined;
  }
  /** Lets go of everything and keeps nothing more. */
  close(): void {
    this.forgetAll();
    this.#isClosed = true;
    this.sweeper.stop();
  }

  /** The lifetime, less a random part of it where the cache was told so. */
  #jittered(ttlMs: number): number {
    const { jitterRatio, clock } = this.#options;
    return jitterRatio === 0 || ttlMs === Infinity ? ttlMs : ttlMs * (1 - jitterRatio * clock.random());
  }
  #overtakeTagged(tags: readonly string[]): void {
    this.flights.invalidated(tags);
    if (this.#events.hears.invalidate) this.#events.emit('invalidate', { tags: [...tags] });
  }
}
