import { pause } from '../bus/deadline.ts';
import type { Invalidation } from '../bus/invalidation-log.ts';
import type { ReadOutcome, StoredHead, TierConnection } from './cache-tier.ts';
import { type CodecLimits, decode, encode } from './codec/value-codec.ts';
import type { LocalMemory, SecondTier, TierEntry, TierLoad, TierStatistics } from './second-tier.ts';
import { TierLink } from './tier-link.ts';
import type { ResolvedTierOptions } from './tier-options.ts';

/** A value stays in the tier at most this long, so that what nobody asks for leaves. */
const LONGEST_TTL_MS = 7 * 86_400_000;
const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 200;

/**
 * A second tier that never gives out what was invalidated.
 *
 * Idea: the tier orders all invalidations of all processes in one log. A value remembers the step of the log at which its load *began*; a tag the step at which it was
 * last invalidated. The value is valid while no tag of it, or above one, has a later step: two numbers are compared, where the tier is, in the same atomic step that
 * reads or writes it. A process reads the log in order and drops what it names from its memory; every answer of the tier brings the steps that the asker has not
 * seen, and a bell wakes the idle. So a hit in memory asks nobody.
 *
 * Why not timestamps (as bentocache's tags): clocks of two machines differ by more than the time between a write and an invalidation, and the value written
 * right after is thrown away or the one right before kept. Why not plain publish/subscribe (bentocache, cacheable): a message lost while a
 * connection is down is lost for good, and nobody knows. Here a gap in the numbers is seen, and what memory holds is dropped before it is served again.
 *
 * Loads: one lease per key. It remembers its step and dies with any invalidation of the key, so a load that overlaps one cannot fill, and neither can a process
 * that was paused and comes back late. `set` is an invalidation that takes the lease, followed by a fill: of two at the same time the later one wins everywhere.
 *
 * Known attacks: the end of history lost in a failover (each step has a unique mark; a reader who knows another one makes the server begin a new incarnation); version records
 * evicted under memory pressure (a marker goes with them, with the same end); tags without bound (the oldest leaves and lifts a floor under all values).
 * Cost: a script call per miss, two per load or set, two commands per process and invalidation, two per heartbeat. What it does not do: a process cut off alone serves its
 * memory for up to `maxBusLagMs`; the invalidations it makes meanwhile reach the others when it is back.
 */
export class SharedTier implements SecondTier {
  readonly #connection: TierConnection;
  readonly #options: ResolvedTierOptions;
  readonly #limits: CodecLimits;
  readonly #link: TierLink;
  readonly #counts = { hits: 0, misses: 0, waits: 0, fills: 0, refused_fills: 0, unserialisable: 0, unreadable: 0 };

  constructor(connection: TierConnection, options: ResolvedTierOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#limits = { compressFromBytes: options.compressFromBytes, mostBytes: options.maxValueBytes };
    this.#link = new TierLink(connection, options);
  }

  attach(memory: LocalMemory): void {
    this.#link.start(memory);
  }
  detach(): void {
    this.#link.stop();
  }
  async get(key: string): Promise<TierEntry | undefined> {
    const reply = await this.#link.ask((since) => this.#connection.read({ since, key }));
    if (reply !== undefined && reply.kind !== 'hit') this.#counts.misses++;
    return reply === undefined ? undefined : await this.#entryOf(reply);
  }
  async getOrLoad(key: string, load: TierLoad): Promise<TierEntry> {
    const { clock, leaseMs, longestLoadMs } = this.#options;
    const giveUpAtMs = clock.monotonicMs() + longestLoadMs;
    const token = this.#link.newName();
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, LONGEST_POLL_MS)) {
      const reply = await this.#link.ask((since) => this.#connection.read({ since, key, token, leaseMs }));
      if (reply === undefined) return await load.load();
      if (reply.kind === 'hit') return (await this.#entryOf(reply)) ?? (await load.load());
      if (reply.kind === 'leased') return await this.#loadAndFill(key, token, load);
      if (pollMs === FIRST_POLL_MS) this.#counts.waits++;
      if (!load.isCurrent() || clock.monotonicMs() >= giveUpAtMs) return await load.load();
      await this.#link.waiting(() => pause(clock, pollMs * (0.75 + clock.random() / 2)));
    }
  }
  prepareSet(key: string, entry: TierEntry): () => Promise<void> {
    const body = encode(entry.value, this.#limits);
    return async () => {
      const token = this.#link.newName();
      const reply = await this.#link.invalidate(keysOf(key), { token, leaseMs: this.#options.leaseMs });
      if (reply !== undefined) await this.#fill(key, token, { entry, body: await body() });
    };
  }
  async delete(key: string): Promise<boolean> {
    return ((await this.#link.invalidate(keysOf(key)))?.removed ?? 0) > 0;
  }
  async deleteByTags(tags: readonly string[]): Promise<number> {
    if (tags.length > 0) await this.#link.invalidate({ keys: [], tags, isEverything: false });
    return 0;
  }
  async clear(): Promise<void> {
    await this.#link.invalidate({ keys: [], tags: [], isEverything: true });
  }
  stats(): TierStatistics {
    const { outages, failures, late, gaps, lagged } = this.#link.counts;
    return {
      state: this.#link.state,
      ...this.#counts,
      outages,
      failures,
      late,
      pending_invalidations: this.#link.pending,
      memory_forgotten: gaps + lagged,
      last_error: this.#link.lastError ?? null,
    };
  }

  async #entryOf(reply: ReadOutcome): Promise<TierEntry | undefined> {
    if (reply.kind !== 'hit') return undefined;
    const { head, body, leftMs } = reply;
    try {
      const value = await decode(body, this.#limits);
      this.#counts.hits++;
      return { value, freshForMs: leftMs, keptForMs: head.keptForMs, tags: head.tags, loadMs: head.loadMs };
    } catch {
      this.#counts.unreadable++;
      return undefined;
    }
  }
  async #loadAndFill(key: string, token: string, load: TierLoad): Promise<TierEntry> {
    this.#counts.misses++;
    let isFilled = false;
    const stopKeeping = this.#keepLease(key, token);
    try {
      const entry = await load.load();
      const body = entry.freshForMs > 0 && load.isCurrent() ? await this.#bodyOf(entry.value) : undefined;
      if (body !== undefined && load.isCurrent()) {
        isFilled = true;
        await this.#fill(key, token, { entry, body });
      }
      return entry;
    } finally {
      stopKeeping();
      if (!isFilled) void this.#leaseFor(key, token, 0);
    }
  }
  async #bodyOf(value: unknown): Promise<Uint8Array | undefined> {
    try {
      return await encode(value, this.#limits)();
    } catch {
      this.#counts.unserialisable++;
      return undefined;
    }
  }
  async #fill(key: string, token: string, what: { readonly entry: TierEntry; readonly body: Uint8Array }): Promise<void> {
    const { entry, body } = what;
    const head: StoredHead = { tags: entry.tags, keptForMs: entry.keptForMs, loadMs: entry.loadMs };
    const ttlMs = Math.min(Math.max(entry.freshForMs, 1), LONGEST_TTL_MS);
    const reply = await this.#link.ask((since) => this.#connection.fillValue({ since, key, token, head, body, ttlMs }));
    if (reply?.wasKept === true) this.#counts.fills++;
    else if (reply !== undefined) this.#counts.refused_fills++;
  }
  /** Keeps the lease while a load runs, so that it may be short and a load long. */
  #keepLease(key: string, token: string): () => void {
    const { clock, leaseMs, longestLoadMs } = this.#options;
    const endsAtMs = clock.monotonicMs() + longestLoadMs;
    const next = (): { cancel(): void } =>
      clock.schedule(leaseMs / 3, () => {
        void this.#leaseFor(key, token, leaseMs);
        if (clock.monotonicMs() < endsAtMs) timer = next();
      });
    let timer = next();
    return () => timer.cancel();
  }
  async #leaseFor(key: string, token: string, leaseMs: number): Promise<void> {
    if (this.#link.state === 'up') await this.#connection.keepLease(key, token, Math.ceil(leaseMs)).catch(() => undefined);
  }
}

function keysOf(key: string): Invalidation {
  return { keys: [key], tags: [], isEverything: false };
}
