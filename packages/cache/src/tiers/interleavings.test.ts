import { expect, it } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from '../index.ts';
import { ChaosTier, type Fault } from '../testing/chaos-tier.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { MemoryTier } from './memory-tier.ts';
import { SharedTier } from './shared-tier.ts';
import { resolveTierOptions } from './tier-options.ts';

/** Runs in the suite; the full count is asked for with BELLWETHER_INTERLEAVINGS=10000. */
const RUNS = Number(process.env['BELLWETHER_INTERLEAVINGS'] ?? 60);
const FIRST_SEED = Number(process.env['BELLWETHER_SEED'] ?? 1);
const FAULTS: readonly Fault[] = ['refuse', 'hang', 'late', 'lost', 'postponed'];
const KEYS = ['a', 'b', 'c', 'd'];
const SET_KEYS = ['set1', 'set2'];
const LONGEST_LOAD_MS = 80;
const MAX_BUS_LAG_MS = 2000;
const TIMEOUT_MS = 50;

interface Instance {
  readonly cache: EnhancedCache;
  readonly chaos: ChaosTier;
  /** Version per key that this instance may not go behind: its own invalidation of it has resolved. */
  readonly owed: Map<string, number>;
}

/**
 * Instances of one cache over a tier with faults. What is cached under a key is the version of its row in a database; who raises a version
 * invalidates the key, a tag or everything afterwards, as applications do.
 */
class World {
  readonly clock: FakeClock;
  readonly tier: MemoryTier;
  readonly instances: Instance[] = [];
  readonly #rows = new Map(KEYS.map((key) => [key, 0]));
  /** Versions whose invalidation the tier has acknowledged, and when. */
  readonly #acknowledged = new Map<string, { version: number; atMs: number }[]>();
  #setCount = 0;
  readonly #open: Promise<unknown>[] = [];
  /** Promises of the cache that were not kept. */
  readonly broken: string[] = [];

  constructor(seed: number) {
    this.clock = new FakeClock(undefined, seed);
    this.tier = new MemoryTier({ clock: this.clock, logLength: 30, mostTags: 3 });
    for (let count = 0; count < 3; count++) this.instances.push(this.#start());
  }
  #start(): Instance {
    const { clock } = this;
    const chaos = new ChaosTier(this.tier.connect(), clock);
    chaos.lateMs = 3 * TIMEOUT_MS;
    const options = {
      clock,
      timeoutMs: TIMEOUT_MS,
      maxBusLagMs: MAX_BUS_LAG_MS,
      heartbeatMs: 300,
      leaseMs: 200,
      maxPending: 4,
      longestLoadMs: 1000,
    };
    const cache = createEnhancedCache({ clock, tier: new SharedTier(chaos, resolveTierOptions(options)), maxSize: 50 });
    return { cache, chaos, owed: new Map() };
  }
  pick<T>(from: readonly T[]): T {
    for (const item of from.slice(Math.floor(this.clock.random() * from.length))) return item;
    throw new Error('nothing to pick from');
  }
  tagsOf(key: string): string[] {
    return [`row/${key < 'c' ? 'low' : 'high'}/${key}`, 'all'];
  }
  /** Starts something that must neither fail nor take long. */
  run(work: Promise<unknown>): void {
    const startedAtMs = this.clock.monotonicMs();
    this.#open.push(
      (async () => {
        await work;
        this.#claim(this.clock.monotonicMs() - startedAtMs < 2500, 'a call took too long');
      })(),
    );
    this.#open.at(-1)?.catch((error: unknown) => this.#claim(false, String(error)));
  }
  #claim(holds: boolean, broken: string): void {
    if (!holds) this.broken.push(broken);
  }
  async read({ cache, owed }: Instance, key: string): Promise<void> {
    const due = owed.get(key) ?? 0;
    const overdueAtMs = this.clock.monotonicMs() - MAX_BUS_LAG_MS - LONGEST_LOAD_MS - 2 * TIMEOUT_MS;
    const known = (this.#acknowledged.get(key) ?? []).findLast(({ atMs }) => atMs <= overdueAtMs)?.version ?? 0;
    const load = async (): Promise<number> => {
      const version = this.#rows.get(key) as number;
      await new Promise<void>((resolve) => void this.clock.schedule(this.clock.random() * LONGEST_LOAD_MS, resolve));
      return version;
    };
    const version = await cache.getOrLoad(key, load, { tags: this.tagsOf(key) });
    this.#claim(version >= Math.max(due, known), `${key} is read at version ${version}; ${due} is owed, ${known} is long known`);
  }
  async write(instance: Instance, key: string): Promise<void> {
    const version = (this.#rows.get(key) as number) + 1;
    this.#rows.set(key, version);
    const chance = this.clock.random();
    if (chance < 0.5) await instance.cache.delete(key);
    else if (chance < 0.7) await instance.cache.deleteByTags(this.tagsOf(key).slice(0, 1));
    else if (chance < 0.9) await instance.cache.deleteByTags([`row/${key < 'c' ? 'low' : 'high'}`]);
    else if (chance < 0.95) await instance.cache.deleteByTags(['all']);
    else await instance.cache.clear();
    instance.owed.set(key, Math.max(version, instance.owed.get(key) ?? 0));
    const { tier } = instance.cache.stats();
    if (tier?.state !== 'up' || tier.pending_invalidations > 0) return;
    const list = this.#acknowledged.get(key) ?? [];
    this.#acknowledged.set(key, [...list, { version: Math.max(version, list.at(-1)?.version ?? 0), atMs: this.clock.monotonicMs() }]);
  }
  async set({ cache }: Instance, key: string): Promise<void> {
    await cache.set(key, ++this.#setCount, { tags: ['all'] });
  }
  breakSomething(): void {
    const { chaos } = this.pick(this.instances);
    const chance = this.clock.random();
    if (chance < 0.3) chaos.choose = () => (this.clock.random() < 0.3 ? this.pick(FAULTS) : undefined);
    else if (chance < 0.5) chaos.cut();
    else if (chance < 0.6) chaos.isDeaf = true;
    else if (chance < 0.65) this.tier.lose();
    else chaos.mend();
  }
  async step(): Promise<void> {
    const instance = this.pick(this.instances);
    const chance = this.clock.random();
    if (chance < 0.5) this.run(this.read(instance, this.pick(KEYS)));
    else if (chance < 0.75) this.run(this.write(instance, this.pick(KEYS)));
    else if (chance < 0.85) this.run(this.set(instance, this.pick(SET_KEYS)));
    else if (chance < 0.9) this.run(instance.cache.get(this.pick([...KEYS, ...SET_KEYS])));
    else this.breakSomething();
    const waitMs = this.clock.random();
    if (waitMs < 0.3) await settle();
    else await this.clock.advance(waitMs < 0.9 ? waitMs * 40 : waitMs * 1500);
  }
  /** All faults over and everything settled: memory and tier hold the truth or nothing, the same in all instances. */
  async judge(): Promise<void> {
    for (const { chaos } of this.instances) chaos.mend();
    await this.clock.advance(30_000);
    await Promise.allSettled(this.#open);
    for (const { cache } of this.instances) {
      const { state, pending_invalidations: pending } = cache.stats().tier ?? {};
      this.#claim(state === 'up' && pending === 0, `the tier is ${state} with ${pending} pending`);
      for (const key of KEYS) {
        const version = await cache.get(key);
        this.#claim(version === undefined || version === this.#rows.get(key), `${key} stays at version ${String(version)}`);
      }
    }
    for (const key of SET_KEYS) {
      const seen = new Set<unknown>();
      for (const { cache } of this.instances) seen.add(await cache.get(key));
      seen.delete(undefined);
      this.#claim(seen.size <= 1, `${key} differs: ${[...seen].join(', ')}`);
    }
  }
  end(): void {
    for (const { cache } of this.instances) cache.dispose();
  }
}

it('property: whatever is dropped, delayed, reordered or lost, nobody is given a value written before its invalidation', async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const world = new World(seed);
    for (let step = 0; step < 80; step++) await world.step();
    await world.judge();
    world.end();
    expect({ seed, broken: world.broken }).toEqual({ seed, broken: [] });
  }
}, 3_600_000);
