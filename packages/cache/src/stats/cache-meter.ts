import type { EventHub } from '../events/cache-events.ts';
import type { CacheGroupStatistics, LoadStatistics } from '../types.ts';
import type { EntryListing } from './entry-listing.ts';
import { GroupCounts, tagRoot } from './group-counts.ts';
import { ReadCounts } from './read-counts.ts';

/** Upper bounds of the latency buckets in ms, a last one without bound beyond them. */
const BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

export interface MeterOptions {
  readonly events: EventHub;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly groupOf: (key: string) => string;
}

/** Counts what a cache does, as a whole, by group of keys and by tag, and tells the listeners. Reads are sampled for groups and tags, loads are exact. */
export class CacheMeter {
  readonly reads: ReadCounts;
  readonly #events: EventHub;
  readonly #groupOf: (key: string) => string;
  readonly #groups = new GroupCounts();
  readonly #tags = new GroupCounts();
  readonly #buckets = Array.from({ length: BUCKETS_MS.length + 1 }, () => 0);
  #loads = 0;
  #failures = 0;
  #joined = 0;
  #staleServes = 0;
  #early = 0;
  #totalMs = 0;

  constructor(options: MeterOptions) {
    this.#events = options.events;
    this.#groupOf = (key) => groupName(options.groupOf, key);
    this.reads = new ReadCounts(options.random);
  }

  /** A read was drawn for the sample: it stands for its stride. */
  sampleHits(key: string, tags: readonly string[]): void {
    const hits = this.reads.takeHits();
    this.#groups.of(this.#groupOf(key)).hits += hits;
    for (const root of roots(tags)) this.#tags.of(root).hits += hits;
  }
  sampleMisses(key: string): void {
    this.#groups.of(this.#groupOf(key)).misses += this.reads.takeMisses();
  }

  loadStarted(key: string, tags: readonly string[]): void {
    this.#loads++;
    this.#groups.of(this.#groupOf(key)).loads++;
    // Of a key that is not there nobody knows the tags until it is loaded: a tag's misses are its loads.
    for (const root of roots(tags)) {
      const count = this.#tags.of(root);
      count.loads++;
      count.misses++;
    }
  }
  loadSucceeded(key: string, tags: readonly string[], loadMs: number): void {
    const at = BUCKETS_MS.findIndex((bound) => loadMs <= bound);
    const bucket = at === -1 ? BUCKETS_MS.length : at;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#totalMs += loadMs;
    this.#groups.of(this.#groupOf(key)).loadMs += loadMs;
    for (const root of roots(tags)) this.#tags.of(root).loadMs += loadMs;
    if (this.#events.hears.load) this.#events.emit('load', { key, loadMs });
  }
  loadFailed(key: string, tags: readonly string[], error: unknown): void {
    this.#failures++;
    this.#groups.of(this.#groupOf(key)).loadFailures++;
    for (const root of roots(tags)) this.#tags.of(root).loadFailures++;
    if (this.#events.hears.loadError) this.#events.emit('loadError', { key, error });
  }
  /** A call shared the load of another. */
  joined(): void {
    this.#joined++;
  }
  staleServed(key: string, tags: readonly string[]): void {
    this.#staleServes++;
    this.#groups.of(this.#groupOf(key)).staleServes++;
    for (const root of roots(tags)) this.#tags.of(root).staleServes++;
    if (this.#events.hears.stale) this.#events.emit('stale', { key });
  }
  /** A load began before its value expired. */
  refreshedEarly(): void {
    this.#early++;
  }

  loadStatistics(): LoadStatistics {
    return {
      loads: this.#loads,
      load_failures: this.#failures,
      load_waits: this.#joined,
      stale_serves: this.#staleServes,
      early_refreshes: this.#early,
      load_seconds: {
        sum: this.#totalMs / 1000,
        count: this.#buckets.reduce((sum, count) => sum + count, 0),
        buckets: this.#buckets.map((count, at) => ({ le: at === BUCKETS_MS.length ? null : (BUCKETS_MS[at] as number) / 1000, count })),
      },
    };
  }
  byGroup(listing: EntryListing): CacheGroupStatistics[] {
    return this.#groups.rows(listing.sizesBy((key) => [this.#groupOf(key)]));
  }
  byTag(listing: EntryListing): CacheGroupStatistics[] {
    return this.#tags.rows(listing.sizesBy((_key, tags) => roots(tags)));
  }
}

/** A read must not fail because a function of the user does. */
function groupName(groupOf: (key: string) => unknown, key: string): string {
  try {
    const name = groupOf(key);
    return typeof name === 'string' ? name : '(no text)';
  } catch {
    return '(failed)';
  }
}

function roots(tags: readonly string[]): readonly string[] {
  if (tags.length === 0) return tags;
  if (tags.length === 1) return [tagRoot(tags[0] as string)];
  return [...new Set(tags.map(tagRoot))];
}
