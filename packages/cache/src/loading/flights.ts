import type { TagRegistry } from '../tags/tag-registry.ts';

/** Loads of one key at the same time that callers gave up on; then callers join the newest although it is late. */
const MOST_LATE = 4;
/** Tags invalidated while loads are under way, remembered for their sake. Beyond it the loads are overtaken, so that one that hangs costs no memory. */
const MOST_REMEMBERED = 10_000;

/** Keys that a watch remembers; beyond it everything counts as invalidated. */
const MOST_WATCHED = 100_000;

/** Notices every write and invalidation from its making to `end()`: for filling memory from outside while the cache is in use. */
export class Watch {
  readonly #keys = new Set<string>();
  readonly #isInvalidated: (tags: readonly string[]) => boolean;
  readonly #onEnd: (watch: Watch) => void;
  isOvertaken = false;

  constructor(isInvalidated: (tags: readonly string[]) => boolean, onEnd: (watch: Watch) => void) {
    this.#isInvalidated = isInvalidated;
    this.#onEnd = onEnd;
  }
  mayKeep(key: string, tags: readonly string[]): boolean {
    return !this.isOvertaken && !this.#keys.has(key) && !this.#isInvalidated(tags);
  }
  overtake(key: string): void {
    this.#keys.add(key);
    if (this.#keys.size <= MOST_WATCHED) return;
    this.isOvertaken = true;
    this.#keys.clear();
  }
  end(): void {
    this.#onEnd(this);
  }
}

/** One load (or look-up in the second tier) under way. */
export class Flight {
  readonly key: string;
  readonly isLookup: boolean;
  readonly epoch: number;
  /** Set once by who runs the flight; settles after the flight landed. */
  promise: Promise<unknown> = Promise.resolve();
  tags: readonly string[];
  /** The key, a tag or everything was invalidated since. */
  isOvertaken = false;
  /** An invalidation is still on its way to the second tier: what is read now may be older than it. */
  mayKeep = true;
  /** A caller waited to its hard timeout: later callers try anew. */
  isLate = false;
  /** Those who want the value: callers, and 1 for a refresh in the background. */
  passengers = 0;
  #controller: AbortController | undefined;
  #hasAborted = false;

  constructor(key: string, options: { readonly tags: readonly string[]; readonly epoch: number; readonly isLookup: boolean }) {
    this.key = key;
    this.tags = options.tags;
    this.epoch = options.epoch;
    this.isLookup = options.isLookup;
  }
  /** Fires when nobody wants the value any more. Made when first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#hasAborted) this.#controller.abort();
    return this.#controller.signal;
  }
  get hasAborted(): boolean {
    return this.#hasAborted;
  }
  abort(reason?: unknown): void {
    this.#hasAborted = true;
    this.#controller?.abort(reason);
  }
}

/**
 * Loads under way, by key. Callers that ask for the same key share one load ("single flight"). A load that overlaps a set, delete or clear of its
 * key, or an invalidation of one of its tags, still answers those who were waiting, but its value is not kept and later callers
 * do not join it: what it read may be older than the invalidation. A load that is late, or that nobody wants any more, may have a
 * successor beside it; whichever succeeds first is kept, and of two the one that began later.
 */
export class Flights {
  readonly #tags: TagRegistry;
  readonly #byKey = new Map<string, Flight[]>();
  readonly #watches = new Set<Watch>();
  readonly #pendingKeys = new Map<string, number>();
  #pendingAll = 0;
  /** Loads that have not settled, overtaken ones included: while there are any, the tags keep their invalidations. */
  #inAir = 0;
  #remembered = 0;

  constructor(tags: TagRegistry) {
    this.#tags = tags;
  }

  get count(): number {
    return this.#inAir;
  }
  begin(key: string, tags: readonly string[], isLookup = false): Flight {
    const flight = new Flight(key, { tags, epoch: this.#tags.epoch, isLookup });
    flight.mayKeep = this.#pendingAll === 0 && !this.#pendingKeys.has(key);
    const beside = this.#byKey.get(key);
    if (beside === undefined) this.#byKey.set(key, [flight]);
    else beside.push(flight);
    this.#inAir++;
    return flight;
  }
  /** The load of this key that a caller may share. */
  joinable(key: string, isLookup = false): Flight | undefined {
    const flights = this.#byKey.get(key)?.filter((flight) => flight.isLookup === isLookup && !flight.hasAborted) ?? [];
    const newest = flights.at(-1);
    if (newest === undefined || !this.isCurrent(newest)) return undefined;
    return newest.isLate && flights.length < MOST_LATE ? undefined : newest;
  }
  /** Counts as a load under way until its `end()`. */
  watch(): Watch {
    const { epoch } = this.#tags;
    this.#inAir++;
    const watch = new Watch(
      (tags) => this.#tags.invalidatedSince(tags, epoch),
      (ended) => {
        if (this.#watches.delete(ended) && --this.#inAir === 0) this.#forget();
      },
    );
    this.#watches.add(watch);
    return watch;
  }
  isCurrent(flight: Flight): boolean {
    return !flight.isOvertaken && !this.#tags.invalidatedSince(flight.tags, flight.epoch);
  }
  /** The load settled. Returns whether its value may be kept; loads that began before it then may not. */
  land(flight: Flight, hasValue: boolean): boolean {
    const mayKeep = hasValue && flight.mayKeep && this.isCurrent(flight);
    const beside = this.#byKey.get(flight.key) ?? [];
    const at = beside.indexOf(flight);
    if (mayKeep) for (const older of beside.slice(0, at)) older.isOvertaken = true;
    if (at !== -1) beside.splice(at, 1);
    if (at !== -1 && beside.length === 0) this.#byKey.delete(flight.key);
    if (--this.#inAir === 0) this.#forget();
    return mayKeep;
  }

  /** The key was set or deleted: what is being loaded for it is already old. */
  overtake(key: string): void {
    if (this.#inAir === 0) return;
    for (const watch of this.#watches) watch.overtake(key);
    for (const flight of this.#byKey.get(key) ?? []) flight.isOvertaken = true;
    this.#byKey.delete(key);
  }
  overtakeAll(): void {
    for (const watch of this.#watches) watch.isOvertaken = true;
    for (const flight of this.all()) flight.isOvertaken = true;
    this.#byKey.clear();
  }
  /** Tags were invalidated in the registry. */
  invalidated(tags: readonly string[]): void {
    this.#remembered += tags.length;
    if (this.#inAir > 0 && this.#remembered <= MOST_REMEMBERED) return;
    this.overtakeAll();
    this.#forget();
  }
  /**
   * Runs a write to the second tier. What is read from there meanwhile may be older than the write: loads that begin during it answer their callers and
   * are not kept, and are shared only until it ends. @param key The key written; without one, any key.
   */
  async during<T>(key: string | undefined, write: () => Promise<T>): Promise<T> {
    if (key === undefined) this.#pendingAll++;
    else this.#pendingKeys.set(key, (this.#pendingKeys.get(key) ?? 0) + 1);
    try {
      return await write();
    } finally {
      for (const flight of key === undefined ? [...this.all()] : (this.#byKey.get(key) ?? []))
        if (!flight.mayKeep) flight.isOvertaken = true;
      if (key === undefined) this.#pendingAll--;
      else this.#endPending(key);
    }
  }
  *all(): Generator<Flight> {
    for (const flights of this.#byKey.values()) yield* flights;
  }

  #endPending(key: string): void {
    const left = (this.#pendingKeys.get(key) ?? 1) - 1;
    if (left === 0) this.#pendingKeys.delete(key);
    else this.#pendingKeys.set(key, left);
  }
  #forget(): void {
    this.#remembered = 0;
    this.#tags.prune();
  }
}
