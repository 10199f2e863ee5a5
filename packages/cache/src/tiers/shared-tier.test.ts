import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CacheOptions, type EnhancedCache, createEnhancedCache } from '../index.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { ChaosTier } from '../testing/chaos-tier.ts';
import { MemoryTier } from './memory-tier.ts';
import { SharedTier } from './shared-tier.ts';
import { type TierOptions, resolveTierOptions } from './tier-options.ts';

let clock: FakeClock;
let tier: MemoryTier;
const caches: EnhancedCache[] = [];

beforeEach(() => {
  clock = new FakeClock();
  tier = new MemoryTier({ clock, logLength: 500 });
});
afterEach(() => {
  for (const cache of caches.splice(0)) cache.dispose();
});

interface Instance {
  readonly cache: EnhancedCache;
  readonly chaos: ChaosTier;
}
async function start(options: TierOptions & { readonly cache?: CacheOptions } = {}): Promise<Instance> {
  const { cache: cacheOptions, ...tierOptions } = options;
  const chaos = new ChaosTier(tier.connect(), clock);
  const shared = new SharedTier(chaos, resolveTierOptions({ clock, ...tierOptions }));
  const cache = createEnhancedCache({ clock, tier: shared, ...cacheOptions });
  caches.push(cache);
  await clock.advance(1);
  return { cache, chaos };
}
/** Settles what needs no time beyond a few polls. */
async function soon<T>(promise: Promise<T>, ms = 5000): Promise<T> {
  const progress = { isSettled: false };
  const settled = promise.finally(() => (progress.isSettled = true));
  settled.catch(() => undefined);
  for (let waitedMs = 0; waitedMs < ms && !progress.isSettled; waitedMs += 10) await clock.advance(10);
  return await settled;
}
const tierOf = (cache: EnhancedCache) => cache.stats().tier as NonNullable<ReturnType<EnhancedCache['stats']>['tier']>;

describe('what one instance keeps', () => {
  it('is read by another, with its tags and what is left of its time', async () => {
    const [a, b] = [await start(), await start()];
    await soon(a.cache.set('user:1', { name: 'Ada', born: new Date(0) }, { ttl: 60, tags: ['user'] }));
    await clock.advance(20_000);
    expect(await soon(b.cache.get('user:1'))).toEqual({ name: 'Ada', born: new Date(0) });
    const [entry] = b.cache.entryPage({ offset: 0, limit: 10 }).entries;
    expect(entry).toMatchObject({ key: 'user:1', tags: ['user'] });
    expect(entry?.ttlSeconds).toBeCloseTo(40, 0);
    await clock.advance(41_000);
    expect(await soon(b.cache.get('user:1'))).toBeUndefined();
  });
  it('is asked for once: a hit in memory asks nobody', async () => {
    const [a, b] = [await start(), await start()];
    await soon(a.cache.set('k', 1));
    await soon(b.cache.get('k'));
    const before = b.chaos.commands;
    for (let read = 0; read < 100; read++) {
      expect(await b.cache.get('k')).toBe(1);
      expect(await b.cache.getOrLoad('k', () => 2)).toBe(1);
    }
    expect(b.chaos.commands).toBe(before);
  });
  it('is gone everywhere after a delete, a tag above its tag, a namespace and a clear', async () => {
    const [a, b] = [await start(), await start()];
    const inA = a.cache.namespace('n');
    const inB = b.cache.namespace('n');
    const ways: [write: () => Promise<unknown>, remove: () => Promise<unknown>, read: () => Promise<unknown>][] = [
      [() => a.cache.set('k', 1), () => b.cache.delete('k'), () => a.cache.get('k')],
      [() => a.cache.set('k', 1, { tags: ['market/456/orders'] }), () => b.cache.deleteByTags(['market']), () => a.cache.get('k')],
      [() => inA.set('k', 1), () => inB.clear(), () => inA.get('k')],
      [() => inA.set('k', 1), () => inB.delete('k'), () => inA.get('k')],
      [() => a.cache.set('k', 1), () => b.cache.clear(), () => a.cache.get('k')],
    ];
    for (const [write, remove, read] of ways) {
      await soon(write());
      expect(await soon(read())).toBe(1);
      await soon(remove());
      await clock.advance(1);
      expect(await soon(read())).toBeUndefined();
    }
  });
  it('delete says whether there was an entry, in memory or in the tier', async () => {
    const [a, b] = [await start(), await start()];
    await soon(a.cache.set('k', 1));
    expect(await soon(b.cache.delete('k'))).toBe(true);
    expect(await soon(b.cache.delete('k'))).toBe(false);
  });
  it('of two values set at the same time the same one wins in all instances and in the tier', async () => {
    const instances = [await start(), await start(), await start()];
    for (let round = 0; round < 20; round++) {
      await soon(Promise.all(instances.map(({ cache }, at) => cache.set('k', `${round}.${at}`))));
      await clock.advance(5);
      const seen = await soon(Promise.all(instances.map(({ cache }) => cache.get('k'))));
      expect(new Set(seen).size).toBe(1);
      expect(seen[0]).toMatch(new RegExp(`^${round}\\.`));
    }
  });
});

it('regression: two values set by one instance whose commands overtake each other end as one value everywhere', async () => {
  const [a, b] = [await start(), await start()];
  const faults = ['postponed', undefined] as const;
  let commands = 0;
  a.chaos.lateMs = 200;
  a.chaos.choose = () => faults[commands++];
  await soon(Promise.all([a.cache.set('k', 'first'), a.cache.set('k', 'second')]));
  await clock.advance(5000);
  expect(await soon(a.cache.get('k'))).toBe(await soon(b.cache.get('k')));
});

describe('values that are no plain data', () => {
  it('set refuses them and changes nothing', async () => {
    const { cache } = await start();
    await soon(cache.set('k', 1));
    await expect(cache.set('k', { run: () => 1 })).rejects.toMatchObject({
      code: 'cache_value_unserialisable',
      details: { path: 'value.run' },
    });
    expect(cache.getSync('k')).toBe(1);
  });
  it('a load keeps them in memory only, and the next instance loads for itself at once', async () => {
    const [a, b] = [await start(), await start()];
    const value = new URL('http://example.com');
    expect(await soon(a.cache.getOrLoad('k', () => value))).toBe(value);
    expect(a.cache.getSync('k')).toBe(value);
    expect(
      await soon(
        b.cache.getOrLoad('k', () => 'mine'),
        20,
      ),
    ).toBe('mine');
    expect(tierOf(a.cache)).toMatchObject({ unserialisable: 1, fills: 0 });
  });
  it('bytes that another version wrote are a miss, and counted', async () => {
    const { cache } = await start();
    const other = tier.connect();
    const since = { incarnation: '', seq: 0, mark: '' };
    await other.read({ since, key: 'k', token: 'o:1', leaseMs: 1000 });
    await other.fillValue({
      since,
      key: 'k',
      token: 'o:1',
      head: { tags: [], keptForMs: 0, loadMs: 0 },
      body: new Uint8Array([0x7f, 1]),
      ttlMs: 1e6,
    });
    expect(await soon(cache.get('k'))).toBeUndefined();
    expect(await soon(cache.getOrLoad('k', () => 'loaded'))).toBe('loaded');
    expect(tierOf(cache).unreadable).toBe(2);
  });
});

describe('loads', () => {
  it('three instances load a key once', async () => {
    const instances = [await start(), await start(), await start()];
    let loads = 0;
    const load = async (): Promise<number> => {
      loads++;
      await new Promise<void>((resolve) => void clock.schedule(500, resolve));
      return loads;
    };
    expect(await soon(Promise.all(instances.map(({ cache }) => cache.getOrLoad('k', load))))).toEqual([1, 1, 1]);
    expect(loads).toBe(1);
    expect(instances.reduce((sum, { cache }) => sum + tierOf(cache).waits, 0)).toBe(2);
  });
  it('a load longer than its lease keeps it', async () => {
    const [a, b] = [await start({ leaseMs: 100 }), await start({ leaseMs: 100 })];
    let loads = 0;
    const load = async (): Promise<number> => {
      loads++;
      await new Promise<void>((resolve) => void clock.schedule(3000, resolve));
      return loads;
    };
    expect(await soon(Promise.all([a.cache.getOrLoad('k', load), b.cache.getOrLoad('k', load)]))).toEqual([1, 1]);
  });
  it('a failed load hands its lease on at once', async () => {
    const [a, b] = [await start(), await start()];
    const failing = async (): Promise<never> => {
      await new Promise<void>((resolve) => void clock.schedule(100, resolve));
      throw new Error('no');
    };
    const failed = a.cache.getOrLoad('k', failing);
    failed.catch(() => undefined);
    await clock.advance(10);
    expect(
      await soon(
        b.cache.getOrLoad('k', () => 'b'),
        500,
      ),
    ).toBe('b');
    await expect(failed).rejects.toThrow('no');
  });
  it('an instance that dies in the middle of a load keeps the others waiting for a lease, not longer', async () => {
    const [a, b] = [await start(), await start()];
    void a.cache.getOrLoad('k', () => new Promise(() => undefined));
    await clock.advance(10);
    a.chaos.cut();
    const startedAtMs = clock.monotonicMs();
    expect(await soon(b.cache.getOrLoad('k', () => 'b'))).toBe('b');
    expect(clock.monotonicMs() - startedAtMs).toBeLessThan(3500);
  });
  it('a load that overlaps an invalidation of another instance is kept nowhere', async () => {
    const [a, b] = [await start(), await start()];
    let finish!: (value: string) => void;
    const loading = a.cache.getOrLoad('k', () => new Promise<string>((resolve) => (finish = resolve)), { tags: ['t'] });
    await clock.advance(5);
    await soon(b.cache.deleteByTags(['t']));
    finish('old');
    expect(await soon(loading)).toBe('old');
    expect(await soon(a.cache.get('k'))).toBeUndefined();
    expect(await soon(b.cache.get('k'))).toBeUndefined();
  });
  it('a value written right after an invalidation of another instance stays', async () => {
    const [a, b] = [await start(), await start()];
    for (let round = 0; round < 20; round++) {
      const invalidated = a.cache.deleteByTags(['t']);
      await soon(invalidated);
      const written = b.cache.set('k', round, { tags: ['t'] });
      await soon(written);
      await clock.advance(3);
      expect(await soon(b.cache.get('k'))).toBe(round);
      expect(await soon(a.cache.get('k'))).toBe(round);
    }
  });
});

describe('when the tier is away', () => {
  it('a tier that refuses, hangs or is slow makes nobody wait long and fails nobody, and is asked again when it is back', async () => {
    for (const fault of ['refuse', 'hang'] as const) {
      const { cache, chaos } = await start();
      chaos.fault = fault;
      expect(
        await soon(
          cache.getOrLoad('k', () => 1),
          400,
        ),
      ).toBe(1);
      await soon(cache.set('j', 2), 400);
      expect(await soon(cache.get('j'))).toBe(2);
      expect(await soon(cache.delete('j'), 400)).toBe(true);
      expect(tierOf(cache)).toMatchObject({ state: 'down', pending_invalidations: 1 });
      chaos.fault = undefined;
      await clock.advance(20_000);
      expect(tierOf(cache)).toMatchObject({ state: 'up', outages: 1, pending_invalidations: 0 });
      cache.dispose();
    }
  });
  it('while it is given up, no command waits for it', async () => {
    const { cache, chaos } = await start();
    chaos.fault = 'hang';
    await soon(cache.delete('k'), 400);
    expect(tierOf(cache).state).toBe('down');
    for (let key = 0; key < 50; key++) expect(await cache.getOrLoad(`k${key}`, () => key)).toBe(key);
  });
  it('what was invalidated meanwhile is invalid everywhere when it is back', async () => {
    const [a, b] = [await start(), await start()];
    await soon(a.cache.set('k', 'old'));
    await soon(a.cache.set('j', 'old', { tags: ['t/1'] }));
    await soon(b.cache.get('k'));
    await soon(b.cache.get('j'));
    a.chaos.cut();
    await soon(a.cache.set('k', 'new'));
    await soon(a.cache.deleteByTags(['t']));
    expect(await soon(a.cache.get('j'))).toBeUndefined();
    a.chaos.mend();
    await clock.advance(20_000);
    expect(await soon(a.cache.get('k'))).toBe('new');
    expect(await soon(b.cache.get('k'))).toBeUndefined();
    expect(await soon(b.cache.get('j'))).toBeUndefined();
  });
  it('more invalidations than are remembered become one of everything', async () => {
    const [a, b] = [await start({ maxPending: 3 }), await start()];
    await soon(b.cache.set('other', 1));
    a.chaos.cut();
    for (let key = 0; key < 10; key++) await soon(a.cache.delete(`k${key}`));
    expect(tierOf(a.cache).pending_invalidations).toBe(1);
    a.chaos.mend();
    await clock.advance(20_000);
    expect(b.cache.getSync('other')).toBeUndefined();
    expect(await soon(a.cache.get('other'))).toBeUndefined();
  });
  it('what others invalidated meanwhile leaves memory when the bus is back, and nothing else does', async () => {
    const [a, b] = [await start({ maxBusLagMs: null }), await start()];
    for (const key of ['k', 'j']) {
      await soon(a.cache.set(key, 'old'));
      await soon(b.cache.get(key));
    }
    b.chaos.cut();
    await clock.advance(1000);
    await soon(a.cache.delete('k'));
    b.chaos.mend();
    await clock.advance(9000);
    expect(b.cache.getSync('k')).toBeUndefined();
    expect(b.cache.getSync('j')).toBe('old');
    expect(tierOf(b.cache).memory_forgotten).toBe(0);
  });
  it('an entry in memory is served for maxBusLagMs without the bus, not longer', async () => {
    const [a, b] = [await start(), await start({ maxBusLagMs: 5000 })];
    await soon(a.cache.set('k', 'old'));
    await soon(b.cache.get('k'));
    b.chaos.cut();
    await clock.advance(4000);
    await soon(b.cache.set('j', 'late'));
    await soon(a.cache.set('k', 'new'));
    expect(await soon(b.cache.get('k'), 10)).toBe('old');
    await clock.advance(1500);
    expect(await soon(b.cache.getOrLoad('k', () => 'loaded'))).toBe('loaded');
    await clock.advance(5000);
    expect(b.cache.getSync('j')).toBeUndefined();
    expect(b.cache.getSync('k')).toBeUndefined();
  });
  it('a bell that never rings costs a heartbeat, not the truth', async () => {
    const [a, b] = [await start(), await start({ heartbeatMs: 1000 })];
    await soon(a.cache.set('k', 'old'));
    await soon(b.cache.get('k'));
    b.chaos.isDeaf = true;
    await clock.advance(1500);
    await soon(a.cache.delete('k'));
    await clock.advance(2500);
    expect(b.cache.getSync('k')).toBeUndefined();
    expect(tierOf(b.cache).state).toBe('up');
  });
  it('after the tier lost its data, or a reader fell behind the log, memory is emptied before it is served again', async () => {
    const [a, b] = [await start({ maxBusLagMs: null }), await start({ maxBusLagMs: null })];
    await soon(a.cache.set('k', 'old'));
    await soon(b.cache.get('k'));
    tier.lose();
    await clock.advance(3000);
    expect([a.cache.getSync('k'), b.cache.getSync('k')]).toEqual([undefined, undefined]);
    await soon(a.cache.set('k', 'old'));
    await soon(b.cache.get('k'));
    b.chaos.cut();
    for (let step = 0; step < 600; step++) void a.cache.delete(`j${step}`);
    await clock.advance(1000);
    b.chaos.mend();
    await clock.advance(10_000);
    expect(b.cache.getSync('k')).toBeUndefined();
    expect(tierOf(b.cache).memory_forgotten).toBe(2);
  });
  it('a failover that takes acknowledged invalidations back makes everything older invalid', async () => {
    const [a, b] = [await start(), await start()];
    await soon(a.cache.set('k', 'old', { tags: ['t'] }));
    await soon(b.cache.get('k'));
    await soon(b.cache.deleteByTags(['t']));
    tier.rewind(1);
    await clock.advance(3000);
    expect(await soon(a.cache.get('k'))).toBeUndefined();
    expect(await soon(b.cache.get('k'))).toBeUndefined();
  });
  it('a wall clock that runs two seconds ahead or behind changes nothing', async () => {
    const [a, b] = [await start(), await start()];
    for (const skewMs of [2000, -4000]) {
      clock.skewBy(skewMs);
      await soon(a.cache.deleteByTags(['t']));
      await soon(b.cache.set('k', skewMs, { tags: ['t'] }));
      expect(await soon(a.cache.get('k'))).toBe(skewMs);
    }
  });
  it('disposing stops every timer', async () => {
    const { cache } = await start();
    void cache.getOrLoad('k', () => new Promise(() => undefined));
    await clock.advance(10);
    cache.dispose();
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
  });
});
