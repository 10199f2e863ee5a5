import type { TagRegistry } from '../tags/tag-registry.ts';

/** One load under way. */
interface Flight {
  readonly promise: Promise<unknown>;
  readonly epoch: number;
  readonly tags: readonly string[];
  isOvertaken: boolean;
}

export interface FlightRequest {
  readonly key: string;
  readonly tags: readonly string[];
  readonly load: () => unknown;
  /** Keeps the value; called only when nothing invalidated the key or a tag since the load began. */
  readonly keep: (value: unknown) => void;
}

/**
 * Loads under way, one per key. Callers that ask for the same key share one load ("single flight"). A load that overlaps a set, delete or clear of its
 * key, or an invalidation of one of its tags, still answers those who were waiting, but its value is not kept and later callers
 * do not join it: what it read may be older than the invalidation.
 */
export class Flights {
  readonly #tags: TagRegistry;
  readonly #flights = new Map<string, Flight>();
  /** Loads that have not settled, overtaken ones included: while there are any, the tags keep their invalidations. */
  #inAir = 0;

  constructor(tags: TagRegistry) {
    this.#tags = tags;
  }

  get count(): number {
    return this.#inAir;
  }

  /** The value of the load under way for the key, or of a new one. */
  run(request: FlightRequest): Promise<unknown> {
    const current = this.#flights.get(request.key);
    if (current !== undefined && this.#isCurrent(current)) return current.promise;
    this.overtake(request.key);
    this.#inAir++;
    const epoch = this.#tags.epoch;
    const promise = Promise.resolve().then(request.load);
    const flight: Flight = { promise, epoch, tags: request.tags, isOvertaken: false };
    this.#flights.set(request.key, flight);
    const settled = promise.then(
      (value) => {
        if (this.#land(request.key, flight)) request.keep(value);
        return value;
      },
      (error: unknown) => {
        this.#land(request.key, flight);
        throw error;
      },
    );
    (flight as { promise: Promise<unknown> }).promise = settled;
    return settled;
  }

  /** The key was set or deleted: what is being loaded for it is already old. */
  overtake(key: string): void {
    if (this.#inAir === 0) return;
    const flight = this.#flights.get(key);
    if (flight === undefined) return;
    flight.isOvertaken = true;
    this.#flights.delete(key);
  }
  overtakeAll(): void {
    for (const flight of this.#flights.values()) flight.isOvertaken = true;
    this.#flights.clear();
  }

  #land(key: string, flight: Flight): boolean {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    const mayKeep = this.#isCurrent(flight);
    if (--this.#inAir === 0) this.#tags.prune();
    return mayKeep;
  }
  #isCurrent(flight: Flight): boolean {
    return !flight.isOvertaken && !this.#tags.invalidatedSince(flight.tags, flight.epoch);
  }
}
