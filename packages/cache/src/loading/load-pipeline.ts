import type { CacheClock } from '../base/clock.ts';
import { ttlToMs } from '../limits.ts';
import type { CacheMeter } from '../stats/cache-meter.ts';
import type { SecondTier, TierEntry } from '../tiers/second-tier.ts';
import { BackOff } from './back-off.ts';
import { isDueEarly } from './early-refresh.ts';
import type { Flight, Flights } from './flights.ts';
import { type LoadOptions, type ResolvedLoadPolicy, checkLoad, resolveLoadPolicy } from './load-options.ts';
import { type StandIn, waitFor } from './wait.ts';

/** What a loader is told. */
export interface LoadContext {
  readonly key: string;
  /** Fires when every caller has gone, or the cache is disposed. */
  readonly signal: AbortSignal;
  /** The value that is being replaced, if it is still kept. */
  readonly staleValue: unknown;
}
export type Loader = (context: LoadContext) => unknown;

/** A value in memory, fresh or stale. */
export interface KeptValue extends StandIn {
  readonly expiresAtMs: number;
  readonly loadMs: number;
}
/** Memory as the pipeline needs it. */
export interface PipelineMemory {
  /** The value, fresh or kept as a stale one. */
  kept(key: string): KeptValue | undefined;
  keep(key: string, entry: TierEntry): void;
  forgetKey(key: string): void;
}

export interface PipelineParts {
  readonly clock: CacheClock;
  readonly flights: Flights;
  readonly memory: PipelineMemory;
  readonly meter: CacheMeter;
  readonly policy: ResolvedLoadPolicy;
  readonly defaultTtlMs: number;
  readonly tier: SecondTier | undefined;
}

/** One call's options, resolved. */
interface Plan {
  readonly policy: ResolvedLoadPolicy;
  readonly ttl: LoadOptions['ttl'];
  readonly tags: readonly string[];
  readonly signal: AbortSignal | undefined;
  /** Asked before the loader. */
  readonly tier: SecondTier | undefined;
}

const NO_TAGS: readonly string[] = [];

/**
 * What happens on a memory miss: stale value → load under way → second tier → loader, and who gets which answer.
 *
 * ```
 * stale, within staleWhileRevalidate ──► it answers now, one load renews it
 * stale, within staleIfError, pausing after a failure ──► it answers now, nothing is tried
 * else: join the key's load, or begin one (second tier, then loader); each caller waits with its own patience
 *   soft timeout and a stale value ──► it answers, the load goes on
 *   failure or hard timeout ──► the stale value within staleIfError, else the error
 * ```
 * Every stale answer is looked up when it is given, so one that was invalidated meanwhile is not given out. What a load gives is kept only if
 * `Flights` says that nothing invalidated it since the load began.
 */
export class LoadPipeline {
  readonly #parts: PipelineParts;
  readonly #backOff = new BackOff();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** After a memory miss. */
  async load(key: string, loader: Loader, options: LoadOptions): Promise<unknown> {
    const plan = this.#plan(options);
    plan.signal?.throwIfAborted();
    const kept = this.#parts.memory.kept(key);
    if (kept !== undefined) {
      const overdueMs = this.#nowMs() - kept.expiresAtMs;
      const isPausing = this.#backOff.isPausing(key, this.#nowMs());
      if (overdueMs < plan.policy.revalidateForMs) {
        if (!isPausing) this.#refresh(key, loader, plan);
        return this.#giveStale(key, kept, plan.tags).value;
      }
      if (isPausing && overdueMs < plan.policy.graceForMs) return this.#giveStale(key, kept, plan.tags).value;
    }
    let flight = this.#parts.flights.joinable(key);
    if (flight === undefined) flight = this.#begin(key, loader, plan);
    else this.#parts.meter.joined();
    return await this.#wait(flight, plan);
  }
  /** After a hit: renews the value in the background if this reader's dice say so. */
  refreshEarly(key: string, loader: Loader, options: LoadOptions): void {
    const beta = options.earlyRefresh ?? this.#parts.policy.earlyRefresh;
    const kept = this.#parts.memory.kept(key);
    const nowMs = this.#nowMs();
    if (kept === undefined || kept.loadMs === 0 || this.#backOff.isPausing(key, nowMs)) return;
    if (!isDueEarly(kept, beta, { nowMs, random: this.#parts.clock.random() })) return;
    // Past the second tier, which still holds the value that is to be renewed: when it expires there, a lease sees to it that one process loads it.
    if (this.#refresh(key, loader, { ...this.#plan(options), tier: undefined })) this.#parts.meter.refreshedEarly();
  }
  /** The second tier's value for `get`, kept in memory unless overtaken; `undefined` without a tier. */
  async lookUp(key: string): Promise<unknown> {
    const { tier, flights, memory } = this.#parts;
    if (tier === undefined) return undefined;
    let flight = flights.joinable(key, true);
    if (flight === undefined) {
      const mine = (flight = flights.begin(key, NO_TAGS, true));
      mine.promise = tier.get(key).then(
        (entry) => {
          mine.tags = entry?.tags ?? NO_TAGS;
          if (flights.land(mine, entry !== undefined) && entry !== undefined && entry.freshForMs > 0) memory.keep(key, entry);
          return entry !== undefined && entry.freshForMs > 0 ? entry.value : undefined;
        },
        () => void flights.land(mine, false),
      );
    }
    return await flight.promise;
  }
  /** The cache is disposed of: loaders are told to stop. */
  stop(): void {
    for (const flight of this.#parts.flights.all()) flight.abort();
    this.#backOff.clear();
  }

  #plan(options: LoadOptions): Plan {
    checkLoad(options);
    const policy = resolveLoadPolicy(options, this.#parts.policy);
    return { policy, ttl: options.ttl, tags: options.tags ?? NO_TAGS, signal: options.signal, tier: this.#parts.tier };
  }
  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }
  /** A load nobody waits for; false if there is one under way. */
  #refresh(key: string, loader: Loader, plan: Plan): boolean {
    if (this.#parts.flights.joinable(key) !== undefined) return false;
    const flight = this.#begin(key, loader, plan);
    flight.passengers++;
    flight.promise.catch(() => {});
    return true;
  }
  #begin(key: string, loader: Loader, plan: Plan): Flight {
    const { flights, memory } = this.#parts;
    const flight = flights.begin(key, plan.tags);
    const context: LoadContext = {
      key,
      get signal() {
        return flight.signal;
      },
      staleValue: memory.kept(key)?.value,
    };
    const load = (): Promise<TierEntry> => this.#run(loader, context, plan);
    const answer = (): Promise<TierEntry> =>
      plan.tier === undefined
        ? load()
        : plan.tier.getOrLoad(key, { tags: plan.tags, load, isCurrent: () => flight.mayKeep && flights.isCurrent(flight) });
    // Not at once: a loader that throws or calls the cache must not do so inside its caller's call.
    flight.promise = Promise.resolve()
      .then(answer)
      .then(
        (entry) => this.#landed(flight, entry),
        (error: unknown) => this.#crashed(flight, plan, error),
      );
    return flight;
  }
  async #run(loader: Loader, context: LoadContext, plan: Plan): Promise<TierEntry> {
    const { meter } = this.#parts;
    const startedAtMs = this.#nowMs();
    meter.loadStarted(context.key, plan.tags);
    const value = await loader(context);
    const loadMs = this.#nowMs() - startedAtMs;
    const entry = this.#entry(value, loadMs, plan);
    meter.loadSucceeded(context.key, plan.tags, loadMs);
    return entry;
  }
  #entry(value: unknown, loadMs: number, { policy, ttl, tags }: Plan): TierEntry {
    const isNegative = value === undefined || value === null;
    if (isNegative && policy.negativeTtlMs !== undefined) return { value, freshForMs: policy.negativeTtlMs, keptForMs: 0, tags, loadMs };
    const seconds = typeof ttl === 'function' ? ttl(value) : ttl;
    const isUnkept = seconds === 0 && typeof ttl === 'function';
    const freshForMs = isUnkept ? 0 : seconds === undefined ? this.#parts.defaultTtlMs : ttlToMs(seconds);
    return { value, freshForMs, keptForMs: Math.max(policy.revalidateForMs, policy.graceForMs), tags, loadMs };
  }
  #landed(flight: Flight, entry: TierEntry): unknown {
    const { flights, memory } = this.#parts;
    if (entry.tags !== flight.tags) flight.tags = [...flight.tags, ...entry.tags];
    this.#backOff.succeeded(flight.key);
    if (flights.land(flight, true)) {
      if (entry.freshForMs > 0) memory.keep(flight.key, entry);
      else memory.forgetKey(flight.key);
    }
    return entry.value;
  }
  #crashed(flight: Flight, { policy, tags }: Plan, error: unknown): never {
    const { flights, memory, clock, meter } = this.#parts;
    flights.land(flight, false);
    if (!flight.hasAborted) {
      meter.loadFailed(flight.key, tags, error);
      if (memory.kept(flight.key) !== undefined)
        this.#backOff.failed(flight.key, { nowMs: this.#nowMs(), backoffMs: policy.backoffMs, spread: clock.random() });
    }
    throw error;
  }
  #wait(flight: Flight, { policy, signal, tags }: Plan): Promise<unknown> {
    const { graceForMs, softTimeoutMs, hardTimeoutMs } = policy;
    if (signal === undefined && graceForMs === 0 && softTimeoutMs === Infinity && hardTimeoutMs === Infinity) {
      flight.passengers++;
      return flight.promise;
    }
    const { clock, memory } = this.#parts;
    const standInBefore = (overdueMs: number): StandIn | undefined => {
      const kept = memory.kept(flight.key);
      if (kept === undefined || this.#nowMs() - kept.expiresAtMs >= overdueMs) return undefined;
      return this.#giveStale(flight.key, kept, tags);
    };
    return waitFor(flight, {
      clock,
      patience: { softTimeoutMs, hardTimeoutMs, signal },
      standIn: () => standInBefore(Infinity),
      grace: () => standInBefore(graceForMs),
    });
  }
  #giveStale(key: string, kept: KeptValue, tags: readonly string[]): StandIn {
    if (kept.expiresAtMs <= this.#nowMs()) this.#parts.meter.staleServed(key, tags);
    return kept;
  }
}
