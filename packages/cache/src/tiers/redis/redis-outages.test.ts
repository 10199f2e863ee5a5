import { createClient } from 'redis';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasRedis, startRedis, type TestServer } from '../../../../../tests/servers/servers.ts';
import { type EnhancedCache, createEnhancedCache, createRedisTier } from '../../index.ts';
import { SystemClock } from '../../base/system-clock.ts';

/** A clock that runs ahead of, or behind, the others. */
class SkewedClock extends SystemClock {
  readonly #byMs: number;
  constructor(byMs: number) {
    super();
    this.#byMs = byMs;
  }
  override nowMs(): number {
    return super.nowMs() + this.#byMs;
  }
  override monotonicMs(): number {
    return super.monotonicMs() + this.#byMs;
  }
}

const PATIENCE = { timeout: 15_000, interval: 20 };

describe.skipIf(!hasRedis)('a cache on a real Redis', () => {
  let server: TestServer;
  let instances: EnhancedCache[] = [];
  const start = (skewMs = 0, options: Partial<Parameters<typeof createRedisTier>[0]> = {}): EnhancedCache => {
    const clock = new SkewedClock(skewMs);
    const tier = createRedisTier({ url: server.url, clock, timeoutMs: 2000, heartbeatMs: 100, maxBusLagMs: 60_000, ...options });
    const cache = createEnhancedCache({ clock, tier });
    instances.push(cache);
    return cache;
  };
  const stateOf = (cache: EnhancedCache): string => cache.stats().tier?.state ?? 'none';
  const allUp = async (): Promise<void> => {
    await expect.poll(() => instances.map(stateOf), PATIENCE).toEqual(instances.map(() => 'up'));
  };
  const admin = async (...command: string[]): Promise<unknown> => {
    const client = createClient({ url: server.url });
    await client.connect();
    const answer = await client.sendCommand(command);
    client.destroy();
    return answer;
  };

  beforeAll(async () => {
    server = await startRedis();
    return () => server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await admin('FLUSHALL');
  });
  afterEach(() => {
    for (const cache of instances) cache.dispose();
    instances = [];
  });

  it('three instances share values, loads and invalidations', async () => {
    const [a, b, c] = [start(), start(), start()];
    let loads = 0;
    const load = async (): Promise<object> => ({ load: ++loads, at: new Date(0), big: 'x'.repeat(20_000) });
    const values = await Promise.all([a, b, c].map((cache) => cache.getOrLoad('k', load, { tags: ['market/456'] })));
    expect(loads).toBe(1);
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).toEqual({ load: 1, at: new Date(0), big: 'x'.repeat(20_000) });
    await b.deleteByTags(['market']);
    await expect.poll(() => [a, b, c].map((cache) => cache.getSync('k'))).toEqual([undefined, undefined, undefined]);
    expect(await c.get('k')).toBeUndefined();
  });
  it('hits in memory send no command', async () => {
    const [a] = [start(0, { heartbeatMs: 60_000 })];
    await a.getOrLoad('k', () => 1);
    await expect.poll(() => admin('CLIENT', 'LIST'), PATIENCE).toMatch(/cmd=xread/);
    const commands = async (): Promise<string[]> => {
      const lines = String(await admin('INFO', 'commandstats')).match(/^cmdstat_.*calls=\d+/gm) ?? [];
      return lines.filter((line) => !/^cmdstat_(info|hello|client)/.test(line));
    };
    const before = await commands();
    for (let read = 0; read < 1000; read++) await a.getOrLoad('k', () => 2);
    for (let read = 0; read < 1000; read++) await a.get('k');
    expect(await commands()).toEqual(before);
    expect(before).toContainEqual(expect.stringContaining('evalsha'));
  });
  it('clocks two seconds apart lose nothing and keep nothing stale', async () => {
    const [a, b, c] = [start(2000), start(), start(-2000)];
    for (let round = 0; round < 30; round++) {
      await a.deleteByTags(['t']);
      await c.set('k', round, { tags: ['t'] });
      expect(await c.get('k')).toBe(round);
      await expect.poll(() => b.get('k')).toBe(round);
    }
  });
  it('killed and started again empty: nobody notices but by the time it takes, and what was invalidated meanwhile stays so', async () => {
    const [a, b] = [start(), start()];
    await allUp();
    await a.set('k', 'old');
    await a.set('j', 'kept');
    expect([await b.get('k'), await b.get('j')]).toEqual(['old', 'kept']);
    await server.program.kill();
    expect(await a.getOrLoad('other', () => 'loaded')).toBe('loaded');
    expect(await a.delete('k')).toBe(true);
    expect(await a.get('k')).toBeUndefined();
    expect(b.getSync('k')).toBe('old');
    await expect.poll(() => stateOf(b), PATIENCE).toBe('down');
    await server.program.start();
    await allUp();
    expect(a.stats().tier).toMatchObject({ pending_invalidations: 0, memory_forgotten: 1 });
    expect([await b.get('k'), await a.get('k')]).toEqual([undefined, undefined]);
    await a.set('k', 'new');
    expect(await b.get('k')).toBe('new');
  });
  it('paused: callers wait for the timeout a few times and then not at all; later everything is in order', async () => {
    const [a, b] = [start(0, { timeoutMs: 100 }), start(0, { timeoutMs: 100 })];
    await allUp();
    await a.set('k', 'old', { tags: ['t'] });
    expect(await b.get('k')).toBe('old');
    server.program.pause();
    await a.set('k', 'new', { tags: ['t'] });
    await a.deleteByTags(['u']);
    for (let key = 0; key < 100; key++) expect(await b.getOrLoad(`k${key}`, () => key)).toBe(key);
    await expect.poll(() => [stateOf(a), stateOf(b)], PATIENCE).toEqual(['down', 'down']);
    expect(a.stats().tier?.late).toBeGreaterThan(0);
    server.program.resume();
    await allUp();
    await expect.poll(() => b.getSync('k'), PATIENCE).toBeUndefined();
    expect(await a.get('k')).toBe('new');
    expect([undefined, 'new']).toContain(await b.get('k'));
  });
  it('emptied by FLUSHALL: memory is emptied too, as invalidations may have been lost with it', async () => {
    const [a, b] = [start(), start()];
    await allUp();
    await a.set('k', 'old');
    await b.get('k');
    await admin('FLUSHALL');
    await expect.poll(() => [a.getSync('k'), b.getSync('k')], PATIENCE).toEqual([undefined, undefined]);
    await a.set('k', 'new');
    expect(await b.get('k')).toBe('new');
  });
  it('connections cut again and again lose no invalidation', async () => {
    const [a, b] = [start(), start()];
    for (let round = 0; round < 15; round++) {
      await a.set('k', round);
      await expect.poll(() => b.get('k'), PATIENCE).toBe(round);
      await admin('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await a.delete('k');
      await allUp();
      await expect.poll(() => b.getSync('k'), PATIENCE).toBeUndefined();
    }
  });
  it('a server that cannot be reached at the start is no error; the cache uses it when it comes', async () => {
    await server.program.kill();
    const [a] = [start()];
    await a.set('k', 1);
    expect(await a.get('k')).toBe(1);
    expect(stateOf(a)).toBe('down');
    expect(a.stats().tier?.last_error).toMatch(/not open: connect ECONNREFUSED/);
    await server.program.start();
    await allUp();
    await a.set('k', 2);
    expect(await start().get('k')).toBe(2);
  });
  it('regression: a server that stands still while connections are opened, or opens them slowly, is used when it answers', async () => {
    server.program.pause();
    const [a, b] = [start(0, { timeoutMs: 20 }), start(0, { timeoutMs: 20 })];
    expect(await a.getOrLoad('k', () => 'a')).toBe('a');
    await expect.poll(() => b.stats().tier?.late, PATIENCE).toBeGreaterThan(3);
    server.program.resume();
    await allUp();
    await a.set('k', 'new');
    await expect.poll(() => b.get('k'), PATIENCE).toBe('new');
  });
  it('works with a client of yours, and leaves it open', async () => {
    const client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
    const a = createEnhancedCache({ tier: createRedisTier({ client, prefix: 'yours' }) });
    await a.set('k', 1);
    expect(await client.keys('*')).toContain('{yours}:1:v:k');
    a.dispose();
    expect(await client.ping()).toBe('PONG');
    client.destroy();
  });
  it.each([
    [{}, /either client or url/],
    [{ url: 'http://x' }, /redis:\/\/ or rediss:\/\//],
    [{ url: 'redis://:secret@x y' }, /^url is not allowed(?!.*secret)/],
    [{ url: 'redis://x', prefix: 'a{b}' }, /prefix is "a\{b\}"/],
    [{ url: 'redis://x', timeoutMs: 0 }, /timeoutMs is 0; allowed: a number from 1 to 60000/],
    [{ url: 'redis://x', maxBusLagMs: Number.NaN }, /maxBusLagMs is NaN/],
    [{ url: 'redis://x', timeout: 5 }, /no option "timeout"/],
  ])('refuses the options %j', (options, message) => {
    expect(() => createRedisTier(options)).toThrow(
      expect.objectContaining({ code: 'cache_option_invalid', message: expect.stringMatching(message) as string }) as Error,
    );
  });
});
