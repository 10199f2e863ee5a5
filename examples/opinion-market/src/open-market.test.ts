import { createEnhancedCache, type EnhancedCache } from '@bellwether/cache';
import { systemClock } from '@bellwether/monitor';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS, type FaultName } from './faults/fault-board.ts';
import { seededDatabase } from './market/seed.ts';
import { openMarket, type OpenMarket } from './open-market.ts';

let market: OpenMarket;
let cache: EnhancedCache;
const queries: { readonly query: string; readonly durationMs: number }[] = [];

beforeAll(async () => {
  cache = createEnhancedCache({ name: 'market-test', maxSize: 1000 });
  market = await openMarket({
    port: 0,
    database: seededDatabase({ users: 50, markets: 240, trades: 100_000 }, systemClock, (query, _operation, durationMs) =>
      queries.push({ query, durationMs }),
    ),
    cache,
    clock: systemClock,
    feedDelayMs: 1,
  });
});
afterAll(async () => {
  await market[Symbol.asyncDispose]();
  cache.dispose();
});
beforeEach(() => {
  queries.length = 0;
});
afterEach(() => {
  for (const name of Object.keys(FAULTS) as FaultName[]) market.faults.set(name, false);
});

const call = async (path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> => {
  const init = body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(market.url + path, init);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAtMs = systemClock.monotonicMs();
  await work();
  return systemClock.monotonicMs() - startedAtMs;
};
const switchFault = (name: string, on: unknown): ReturnType<typeof call> => call(`/faults/${name}`, { on });

describe('the market', () => {
  it.each([
    '/markets',
    '/markets?category=sports',
    '/markets/1',
    '/markets/1/book',
    '/markets/1/trades',
    '/markets/1/odds',
    '/leaderboard',
    '/users/1/portfolio',
  ])('answers %s', async (path) => {
    expect((await call(path)).status).toBe(200);
  });

  it('reads a market from the cache until it trades', async () => {
    await call('/markets/7');
    queries.length = 0;
    await call('/markets/7');
    expect(queries).toEqual([]);
    const order = { market_id: 7, user_id: 2, outcome: 'yes', price: 99, quantity: 1 };
    expect(await call('/orders', order)).toMatchObject({ status: 200, json: { filled: 1 } });
    queries.length = 0;
    await call('/markets/7');
    expect(queries).toHaveLength(1);
  });

  it.each([
    ['/nothing', undefined, 404],
    ['/markets/0', undefined, 400],
    ['/markets/99999', undefined, 404],
    ['/markets?category=cats', undefined, 400],
    ['/markets/1', {}, 405],
    ['/orders', '{', 400],
    ['/orders', { market_id: 1 }, 400],
    ['/orders', 'x'.repeat(70_000), 413],
    ['/faults/unknown', { on: true }, 404],
    ['/faults/blocking', { on: 'yes' }, 400],
  ])('%s with %o is answered by %i and a code', async (path, body, status) => {
    const answer = await call(path, body);
    expect(answer).toMatchObject({ status, json: { error: expect.stringMatching(/^[a-z_]+$/) } });
  });
});

describe('faults', () => {
  it('are listed with their state and switched over HTTP', async () => {
    expect(await switchFault('error-burst', true)).toMatchObject({ status: 200, json: { name: 'error-burst', on: true } });
    expect((await call('/faults')).json['faults']).toContainEqual(expect.objectContaining({ name: 'error-burst', on: true }));
  });

  it('slow-query reads the whole table, and no longer when it is off', async () => {
    const slowest = async (): Promise<number> => {
      queries.length = 0;
      for (let id = 1; id <= 5; id++) await call(`/markets/${id}/trades`);
      return Math.min(...queries.map(({ durationMs }) => durationMs));
    };
    const healthyMs = await slowest();
    market.faults.set('slow-query', true);
    expect(await slowest()).toBeGreaterThan(5 * healthyMs);
    market.faults.set('slow-query', false);
    expect(await slowest()).toBeLessThan(5 * healthyMs);
  });

  it('n-plus-one runs a query for each position', async () => {
    await call('/users/1/portfolio');
    expect(queries).toHaveLength(2);
    market.faults.set('n-plus-one', true);
    await call('/users/1/portfolio');
    expect(queries.length).toBeGreaterThan(30);
  });

  it('blocking holds up a request that has nothing to do with it', async () => {
    market.faults.set('blocking', true);
    const blocked = call('/leaderboard');
    const others = await timed(async () => {
      for (let i = 0; i < 3; i++) await call('/markets/1');
    });
    await blocked;
    expect(others).toBeGreaterThan(150);
  });

  it('small-cache evicts what is asked for again', async () => {
    market.faults.set('small-cache', true);
    for (let id = 1; id <= 20; id++) await call(`/markets/${id}`);
    queries.length = 0;
    await call('/markets/1');
    expect(queries).toHaveLength(1);
  });

  it('stampede lets concurrent requests load the ticker each for itself', async () => {
    /** Loads seen by eight visitors at once: each load carries the time it was answered. */
    const loads = async (): Promise<number> => {
      await cache.delete('ticker');
      const answers = await Promise.all(Array.from({ length: 8 }, async () => (await call('/markets')).json['ticker'] as { at: string }));
      return new Set(answers.map(({ at }) => at)).size;
    };
    expect(await loads()).toBe(1);
    market.faults.set('stampede', true);
    expect(await loads()).toBeGreaterThan(2);
  });

  it('error-burst fails a share of the portfolios', async () => {
    market.faults.set('error-burst', true);
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await call('/users/1/portfolio')).status));
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
  });

  it('slow-downstream delays the odds', async () => {
    market.faults.set('slow-downstream', true);
    expect(await timed(() => call('/markets/1/odds'))).toBeGreaterThan(1000);
  });
});
