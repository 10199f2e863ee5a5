/**
 * A value on its way between memory, the second tier and a loader. Durations count from now, so that no two clocks are compared.
 */
export interface TierEntry {
  readonly value: unknown;
  /** Time until the logical expiry in ms; `Infinity`: never; 0: the value answers whoever waits and is kept nowhere. */
  readonly freshForMs: number;
  /** Time after that during which the value is kept as a stale one, in ms. */
  readonly keptForMs: number;
  readonly tags: readonly string[];
  /** What loading it took, in ms; 0 when unknown. */
  readonly loadMs: number;
}

/** A load that the second tier may answer, or run. */
export interface TierLoad {
  /** Tags the loaded value will have. */
  readonly tags: readonly string[];
  /** Runs the application's loader, at most once. */
  load(): Promise<TierEntry>;
  /** False once the key, a tag or everything was invalidated here since the load began: what it gives must not be written. */
  isCurrent(): boolean;
}

/** This process's memory, as a tier sees it: where invalidations of other processes go. */
export interface LocalMemory {
  forgetKey(key: string): void;
  forgetTags(tags: readonly string[]): void;
  forgetAll(): void;
  /** Lets entries go as `forgetAll` does, but not the loads under way: they have read nothing yet. */
  forgetEntries(): void;
}

/**
 * What stands between memory and the loader, shared with other processes.
 *
 * It is asked only on a memory miss of an asynchronous method; a hit in memory and the `…Sync` methods never reach it. No promise may reject, with one
 * exception: `getOrLoad` rejects with the loader's own error. A tier that cannot answer behaves as an empty one.
 */
export interface SecondTier {
  /** Called once, when the cache is made. */
  attach(memory: LocalMemory): void;
  get(key: string): Promise<TierEntry | undefined>;
  /** The entry kept, or what `load.load()` gives, which is then kept unless `freshForMs` is 0 or `isCurrent()` turned false. Other processes may hold the lease. */
  getOrLoad(key: string, load: TierLoad): Promise<TierEntry>;
  /**
   * The write of an entry, to be run at once. @throws CacheError `cache_value_unserialisable`, before anything has happened, for a value that cannot be
   * brought back from the tier as it is
   */
  prepareSet(key: string, entry: TierEntry): () => Promise<void>;
  /** Whether there was an entry. */
  delete(key: string): Promise<boolean>;
  /** Entries with any of the tags or one below them are not given out any more, here or in another process; their number if known, else 0. */
  deleteByTags(tags: readonly string[]): Promise<number>;
  clear(): Promise<void>;
  stats(): TierStatistics;
  /** Called when the cache is disposed. */
  detach(): void;
}

/** What the second tier has done, as monitors read it. */
export interface TierStatistics {
  /** `connecting` until the first answer or failure; `down`: the cache goes on without it. */
  readonly state: 'connecting' | 'up' | 'down';
  readonly hits: number;
  readonly misses: number;
  /** Loads that another process made, waited for. */
  readonly waits: number;
  readonly fills: number;
  /** Values not kept in the tier, because their key, a tag or everything was invalidated while they were made. */
  readonly refused_fills: number;
  /** Values kept in memory only, because they cannot be written as text or are too large. */
  readonly unserialisable: number;
  /** Values that could not be read: written by another version, or damaged. */
  readonly unreadable: number;
  /** Times the tier was given up, commands that failed, and those of them that came late. */
  readonly outages: number;
  readonly failures: number;
  readonly late: number;
  /** Names invalidated here that the tier has not acknowledged. */
  readonly pending_invalidations: number;
  /** Times memory was emptied because invalidations may have been missed, or could not be heard for `maxBusLagMs`. */
  readonly memory_forgotten: number;
  readonly last_error: string | null;
}
