import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EnhancedCache, createEnhancedCache } from '../enhanced-cache.ts';
import type { CacheOptions } from '../options.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { PlainTier } from '../testing/plain-tier.ts';
import type { LoadOptions } from './load-options.ts';
import type { LoadContext } from './load-pipeline.ts';

let clock: FakeClock;
const made: EnhancedCache[] = [];
const cacheWith = (options: CacheOptions = {}): EnhancedCache => {
  const cache = createEnhancedCache({ clock, cleanupInterval: null, ...options });
  made.push(cache);
  return cache;
};
beforeEach(() => {
  clock = new FakeClock();
});
afterEach(() => {
  for (const cache of made.splice(0)) cache.dispose();
});
/** What a promise is rejected with; observed at once, so that it is never an unhandled one. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => `no rejection but ${JSON.stringify(value)}`,
    (error: unknown) => error,
  );
const code = (value: string): object => expect.objectContaining({ name: 'CacheError', code: value }) as object;

/** A source whose answers are given by hand, oldest request first. */
class Source {
  readonly contexts: LoadContext[] = [];
  readonly #asked: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  readonly load = (context: LoadContext): Promise<unknown> => {
    this.contexts.push(context);
    return new Promise((resolve, reject) => this.#asked.push({ resolve, reject }));
  };
  get loads(): number {
    return this.contexts.length;
  }
  async answer(value: unknown): Promise<void> {
    this.#asked.shift()?.resolve(value);
    await settle();
  }
  async fail(message = 'down'): Promise<void> {
    this.#asked.shift()?.reject(new Error(message));
    await settle();
  }
}
/** A cache with `old` under `k`, gone stale, and a source for what comes next. */
async function staleCase(options: LoadOptions<unknown>): Promise<{ cache: EnhancedCache; source: Source; ask: () => Promise<unknown> }> {
  const cache = cacheWith();
  const source = new Source();
  const ask = (): Promise<unknown> => cache.getOrLoad('k', source.load, { ttl: 10, ...options });
  await cache.getOrLoad('k', () => 'old', { ttl: 10, ...options });
  await clock.advance(10_000);
  return { cache, source, ask };
}

describe('staleWhileRevalidate', () => {
  it('answers with the stale value at once while one load renews it', async () => {
    const { cache, source, ask } = await staleCase({ staleWhileRevalidate: 5 });
    expect(await Promise.all([ask(), ask()])).toEqual(['old', 'old']);
    expect([source.loads, cache.getSync('k')]).toEqual([1, undefined]);
    await source.answer('new');
    expect(await ask()).toBe('new');
  });
  it('ends after its time: then callers wait for the load', async () => {
    const { source, ask } = await staleCase({ staleWhileRevalidate: 5 });
    await clock.advance(5000);
    const answer = ask();
    await settle();
    await source.answer('new');
    expect(await answer).toBe('new');
  });
  it('never gives out a stale value that was deleted, or whose tag or whole cache was invalidated', async () => {
    const ways: ((cache: EnhancedCache) => unknown)[] = [
      (cache) => cache.deleteSync('k'),
      (cache) => cache.invalidateTags(['t']),
      (cache) => cache.deleteByTags(['t']),
      (cache) => cache.clear(),
    ];
    for (const invalidate of ways) {
      const { cache, source, ask } = await staleCase({ staleWhileRevalidate: 5, staleIfError: 60, tags: ['t'] });
      await invalidate(cache);
      const answer = ask();
      await settle();
      await source.answer('new');
      expect(await answer).toBe('new');
    }
  });
  it('does not keep a renewal that an invalidation overlapped', async () => {
    const { cache, source, ask } = await staleCase({ staleWhileRevalidate: 5 });
    await ask();
    await settle();
    cache.deleteSync('k');
    await source.answer('outdated');
    expect(cache.getSync('k')).toBeUndefined();
  });
  it('gives the memory back when the stale time is over', async () => {
    const { cache } = await staleCase({ staleWhileRevalidate: 5 });
    expect([await cache.cleanup(), cache.stats().entry_count]).toEqual([0, 1]);
    await clock.advance(5000);
    expect([await cache.cleanup(), cache.stats().entry_count]).toEqual([1, 0]);
  });
  it('set for the whole cache, it holds for values that were set as well', async () => {
    const cache = cacheWith({ staleWhileRevalidate: 5 });
    const source = new Source();
    cache.setSync('k', 'set', { ttl: 1 });
    await clock.advance(2000);
    expect(await cache.getOrLoad('k', source.load)).toBe('set');
  });
});

describe('staleIfError', () => {
  it('answers with the stale value when the load fails, and pauses before the next try', async () => {
    const { source, ask } = await staleCase({ staleIfError: 60, errorBackoff: 4 });
    const first = ask();
    await settle();
    await source.fail();
    expect([await first, await ask(), source.loads]).toEqual(['old', 'old', 1]);
    await clock.advance(4000);
    const second = ask();
    await settle();
    await source.answer('new');
    expect([await second, source.loads]).toEqual(['new', 2]);
  });
  it('doubles the pause with each failure', async () => {
    const { source, ask } = await staleCase({ staleIfError: 600, errorBackoff: 4 });
    for (const pauseMs of [4000, 8000, 16_000]) {
      const answer = ask();
      await settle();
      await source.fail();
      await answer;
      const before = source.loads;
      await clock.advance(pauseMs / 2 - 1);
      await ask();
      expect(source.loads).toBe(before);
      await clock.advance(pauseMs / 2 + 1);
    }
  });
  it('ends after its time: then the error comes through', async () => {
    const { source, ask } = await staleCase({ staleIfError: 60 });
    await clock.advance(60_000);
    const answer = rejection(ask());
    await settle();
    await source.fail();
    expect(await answer).toEqual(new Error('down'));
  });
  it('does not stand in with a value that was invalidated during the load', async () => {
    const { cache, source, ask } = await staleCase({ staleIfError: 60 });
    const answer = rejection(ask());
    await settle();
    cache.deleteSync('k');
    await source.fail();
    expect(await answer).toEqual(new Error('down'));
  });
});

describe('timeouts', () => {
  it('after the soft one a stale value answers and the load goes on', async () => {
    const { cache, source, ask } = await staleCase({ staleIfError: 60, softTimeout: 0.1 });
    const answer = ask();
    await clock.advance(100);
    expect(await answer).toBe('old');
    await source.answer('new');
    expect(cache.getSync('k')).toBe('new');
  });
  it('the soft one does nothing without a stale value', async () => {
    const cache = cacheWith();
    const source = new Source();
    const answer = cache.getOrLoad('k', source.load, { softTimeout: 0.1 });
    await clock.advance(1000);
    await source.answer('value');
    expect(await answer).toBe('value');
  });
  it('after the hard one the caller gets a coded error, and the value is still kept when it comes', async () => {
    const cache = cacheWith();
    const source = new Source();
    const answer = rejection(cache.getOrLoad('k', source.load, { hardTimeout: 2 }));
    await clock.advance(2000);
    expect(await answer).toEqual(code('cache_load_timeout'));
    await source.answer('late');
    expect(cache.getSync('k')).toBe('late');
  });
  it('after the hard one a stale value within staleIfError answers instead', async () => {
    const { ask } = await staleCase({ staleIfError: 60, hardTimeout: 2 });
    const answer = ask();
    await clock.advance(2000);
    expect(await answer).toBe('old');
  });
  it('a load that hangs does not hold up callers who come after the hard one, nor start loads without end', async () => {
    const cache = cacheWith();
    const source = new Source();
    for (let round = 0; round < 8; round++) {
      const answer = rejection(cache.getOrLoad('k', source.load, { hardTimeout: 2 }));
      await clock.advance(2000);
      expect(await answer).toEqual(code('cache_load_timeout'));
    }
    expect(source.loads).toBe(4);
  });
  it('of two loads the one that began later wins', async () => {
    const cache = cacheWith();
    const late = new Source();
    const quick = new Source();
    const first = rejection(cache.getOrLoad('k', late.load, { hardTimeout: 2 }));
    await clock.advance(2000);
    expect(await first).toEqual(code('cache_load_timeout'));
    const second = cache.getOrLoad('k', quick.load);
    await settle();
    await quick.answer('newer');
    await late.answer('older');
    expect([await second, cache.getSync('k')]).toEqual(['newer', 'newer']);
  });
});

describe('negativeTtl', () => {
  it.each([undefined, null])('gives a loaded %s a lifetime of its own', async (nothing) => {
    const cache = cacheWith();
    let loads = 0;
    const ask = (): Promise<unknown> => cache.getOrLoad('k', () => (loads++, nothing), { ttl: 100, negativeTtl: 5 });
    expect([await ask(), await ask(), loads]).toEqual([nothing, nothing, 1]);
    await clock.advance(5000);
    await ask();
    expect(loads).toBe(2);
  });
  it('0 keeps none, and takes away the stale value that is no more', async () => {
    const { cache, source, ask } = await staleCase({ staleIfError: 60, negativeTtl: 0 });
    const answer = ask();
    await settle();
    await source.answer(undefined);
    expect([await answer, cache.hasSync('k'), cache.stats().entry_count]).toEqual([undefined, false, 0]);
  });
});

describe('ttl from the value', () => {
  it('takes the lifetime that the function gives, and keeps nothing at 0', async () => {
    const cache = cacheWith();
    const ttl = (value: { seconds: number }): number => value.seconds;
    await cache.getOrLoad('a', () => ({ seconds: 3 }), { ttl });
    await cache.getOrLoad('b', () => ({ seconds: 0 }), { ttl });
    await clock.advance(2999);
    expect([cache.hasSync('a'), cache.hasSync('b')]).toEqual([true, false]);
    await clock.advance(1);
    expect(cache.hasSync('a')).toBe(false);
    await expect(cache.getOrLoad('c', () => ({ seconds: -1 }), { ttl })).rejects.toEqual(code('cache_ttl_invalid'));
  });
});

describe('abort', () => {
  it('ends the wait of the caller whose signal fires, and of nobody else', async () => {
    const cache = cacheWith();
    const source = new Source();
    const controller = new AbortController();
    const gone = cache.getOrLoad('k', source.load, { signal: controller.signal });
    const stays = cache.getOrLoad('k', source.load);
    await settle();
    controller.abort(new Error('closed'));
    await expect(gone).rejects.toThrow('closed');
    expect(source.contexts[0]?.signal.aborted).toBe(false);
    await source.answer('value');
    expect([await stays, source.loads]).toEqual(['value', 1]);
  });
  it('fires the loader’s signal when the last caller has gone; the next caller begins anew', async () => {
    const cache = cacheWith();
    const source = new Source();
    const controllers = [new AbortController(), new AbortController()];
    const waits = controllers.map(({ signal }) => expect(cache.getOrLoad('k', source.load, { signal })).rejects.toThrow('closed'));
    await settle();
    for (const controller of controllers) {
      expect(source.contexts[0]?.signal.aborted).toBe(false);
      controller.abort(new Error('closed'));
    }
    await Promise.all(waits);
    expect(source.contexts[0]?.signal.aborted).toBe(true);
    const next = cache.getOrLoad('k', source.load);
    await settle();
    await source.fail('aborted');
    await source.answer('fresh');
    expect([await next, cache.getSync('k')]).toEqual(['fresh', 'fresh']);
  });
  it('refuses a signal that has fired without loading', async () => {
    const cache = cacheWith();
    const source = new Source();
    await expect(cache.getOrLoad('k', source.load, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    expect(source.loads).toBe(0);
  });
  it('fires the loader’s signal when the cache is disposed', async () => {
    const cache = cacheWith();
    const source = new Source();
    void cache.getOrLoad('k', source.load);
    await settle();
    cache.dispose();
    expect(source.contexts[0]?.signal.aborted).toBe(true);
  });
});

describe('earlyRefresh', () => {
  it('renews a fresh value in the background, the likelier the nearer its expiry', async () => {
    const cache = cacheWith();
    let loads = 0;
    const load = async (): Promise<number> => {
      loads++;
      const waited = new Promise<void>((resolve) => clock.schedule(1000, resolve));
      await waited;
      return loads;
    };
    const ask = (): Promise<number> => cache.getOrLoad('k', load, { ttl: 60, earlyRefresh: 1 });
    const first = ask();
    await clock.advance(1000);
    await first;
    for (let read = 0; read < 100; read++) await ask();
    expect(loads).toBe(1);
    await clock.advance(58_500);
    for (let read = 0; read < 100; read++) expect(await ask()).toBe(1);
    expect(loads).toBe(2);
    await clock.advance(1000);
    expect(await ask()).toBe(2);
  });
});

describe('with a second tier', () => {
  it('a miss in memory asks the tier before the loader, and memory keeps the answer', async () => {
    const tier = new PlainTier();
    const cache = cacheWith({ tier });
    const source = new Source();
    tier.entries.set('k', { value: 'shared', freshForMs: 60_000, keptForMs: 0, tags: ['t'], loadMs: 3 });
    const answers = [cache.get('k'), cache.getOrLoad('k', source.load), cache.getOrLoad('k', source.load)];
    await settle();
    tier.answerAll();
    expect([await Promise.all(answers), source.loads, cache.getSync('k')]).toEqual([['shared', 'shared', 'shared'], 0, 'shared']);
    expect(await cache.previewDeleteByTags(['t'])).toMatchObject({ entries: 1 });
  });
  it('an early refresh goes past the value that the tier still holds', async () => {
    const tier = new PlainTier();
    const cache = cacheWith({ tier });
    tier.entries.set('k', { value: 'old', freshForMs: 10_000, keptForMs: 0, tags: [], loadMs: 4000 });
    const first = cache.getOrLoad('k', () => 'new');
    await settle();
    tier.answerAll();
    await first;
    await clock.advance(9999);
    for (let read = 0; read < 20; read++) await cache.getOrLoad('k', () => 'new', { earlyRefresh: 1 });
    await settle();
    expect([cache.getSync('k'), cache.stats().early_refreshes]).toEqual(['new', 1]);
  });
});

describe('the loader', () => {
  it('is told the key and the value that it replaces', async () => {
    const { source, ask } = await staleCase({ staleIfError: 60 });
    const answer = ask();
    await settle();
    expect(source.contexts[0]).toMatchObject({ key: 'k', staleValue: 'old' });
    await source.answer('new');
    await answer;
  });
  it('regression: one that never ends does not make the cache remember invalidated tags without bound', async () => {
    const cache = cacheWith();
    const source = new Source();
    const hung = cache.getOrLoad('k', source.load, { tags: ['t'] });
    await settle();
    for (let number = 0; number < 10_001; number++) cache.invalidateTags([`order/${number}`]);
    await source.answer('old');
    expect([await hung, cache.hasSync('k')]).toEqual(['old', false]);
  });
});

describe('bad input', () => {
  it.each([
    [{ staleWhileRevalidate: -1 }, 'cache_ttl_invalid'],
    [{ staleIfError: Number.NaN }, 'cache_ttl_invalid'],
    [{ errorBackoff: Infinity }, 'cache_ttl_invalid'],
    [{ softTimeout: 0 }, 'cache_ttl_invalid'],
    [{ hardTimeout: 4e8 }, 'cache_ttl_invalid'],
    [{ negativeTtl: -1 }, 'cache_ttl_invalid'],
    [{ earlyRefresh: -1 }, 'cache_option_invalid'],
    [{ signal: {} as AbortSignal }, 'cache_option_invalid'],
  ])('refuses %j', async (options: LoadOptions, expected) => {
    await expect(cacheWith().getOrLoad('k', () => 1, options)).rejects.toEqual(code(expected));
    if (options.signal === undefined) expect(() => createEnhancedCache(options as CacheOptions)).toThrow(code(expected));
  });
});
