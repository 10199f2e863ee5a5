import { FakeClock } from '@bellwether/monitor/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latestTrades, leaderboard, listMarkets, marketById } from './catalogue.ts';
import type { MarketDatabase } from './database.ts';
import { orderBook, placeOrder, type NewOrder } from './order-book.ts';
import { portfolio, portfolioRowByRow } from './portfolio.ts';
import { seededDatabase } from './seed.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const SMALL = { users: 20, markets: 5, trades: 500 };
let database: MarketDatabase;
let queries: string[];

beforeEach(() => {
  queries = [];
  database = seededDatabase(SMALL, new FakeClock(), (query) => queries.push(query));
});
afterEach(() => database.close());

/** Every cent there is: balances, money reserved in open orders, and 100 for each pair of shares. */
function money(): number {
  const sum = (sql: string): number => database.get<{ total: number }>(sql)?.total ?? 0;
  const shares = sum('SELECT sum(yes_shares) - sum(no_shares) AS total FROM positions WHERE market_id = 1');
  const seededShares = seeded.shares;
  expect(shares).toBe(seededShares);
  const pairs = sum('SELECT sum(no_shares) AS total FROM positions WHERE market_id = 1');
  return sum('SELECT sum(balance_cents) AS total FROM users') + sum('SELECT sum(price * remaining) AS total FROM orders') + 100 * pairs;
}
let seeded: { shares: number };
beforeEach(() => {
  const row = database.get<{ shares: number }>('SELECT sum(yes_shares) - sum(no_shares) AS shares FROM positions WHERE market_id = 1');
  seeded = { shares: row?.shares ?? 0 };
});

const emptyBook = (): void => database.execute('UPDATE orders SET remaining = 0 WHERE market_id = 1');
const order = (changes: Partial<NewOrder>): NewOrder => ({ marketId: 1, userId: 1, outcome: 'yes', price: 60, quantity: 10, ...changes });

describe('the order book', () => {
  it('an order without a counterpart rests in the book and its money is reserved', () => {
    emptyBook();
    const before = portfolio(database, 1).balance_cents;
    expect(placeOrder(database, order({}), 0)).toMatchObject({ filled: 0, remaining: 10 });
    expect(orderBook(database, 1)).toEqual({ yes: [{ price: 60, quantity: 10 }], no: [] });
    expect(portfolio(database, 1).balance_cents).toBe(before - 600);
  });

  it('yes and no match when they pay 100 together, at the price of the one that waited', () => {
    emptyBook();
    placeOrder(database, order({ price: 60 }), 0);
    expect(placeOrder(database, order({ userId: 2, outcome: 'no', price: 45, quantity: 4 }), NOW_MS)).toMatchObject({
      filled: 4,
      remaining: 0,
    });
    expect(latestTrades(database, 1)[0]).toMatchObject({ yes_price: 60, quantity: 4, executed_at: NOW_MS });
    expect(marketById(database, 1).last_price).toBe(60);
    expect(orderBook(database, 1)).toEqual({ yes: [{ price: 60, quantity: 6 }], no: [] });
  });

  it('orders that pay less than 100 together wait', () => {
    emptyBook();
    placeOrder(database, order({ price: 60 }), 0);
    expect(placeOrder(database, order({ userId: 2, outcome: 'no', price: 39 }), 0)).toMatchObject({ filled: 0 });
  });

  it('the best price goes first, and the older of two equals', () => {
    emptyBook();
    const [, older, best] = [50, 55, 55, 58].map((price, i) => placeOrder(database, order({ price, userId: 2 + i, quantity: 1 }), 0).id);
    placeOrder(database, order({ userId: 9, outcome: 'no', price: 50, quantity: 2 }), 0);
    const left = database.all<{ id: number }>('SELECT id FROM orders WHERE market_id = 1 AND remaining > 0').map(({ id }) => id);
    expect(left).toContain(best);
    expect(left).not.toContain(older);
  });

  it.each([
    [{ price: 0 }, 400],
    [{ price: 100 }, 400],
    [{ quantity: 1.5 }, 400],
    [{ price: 99, quantity: 10_000, userId: 999 }, 404],
    [{ marketId: 99 }, 404],
  ] as const)('%o is answered as %i', (changes, status) => {
    expect(() => placeOrder(database, order(changes), 0)).toThrow(expect.objectContaining({ status }));
  });

  it('an order that cannot be paid changes nothing', () => {
    const before = money();
    placeOrder(database, order({ price: 99, quantity: 10_000 }), 0);
    expect(() => placeOrder(database, order({ price: 99, quantity: 10_000 }), 0)).toThrow(expect.objectContaining({ status: 402 }));
    expect(money()).toBe(before);
  });

  it('property: no sequence of orders makes or loses a cent', () => {
    const orders = fc.array(
      fc.record({
        marketId: fc.constant(1),
        userId: fc.integer({ min: 1, max: SMALL.users }),
        outcome: fc.constantFrom<'yes' | 'no'>('yes', 'no'),
        price: fc.integer({ min: 1, max: 99 }),
        quantity: fc.integer({ min: 1, max: 30 }),
      }),
      { maxLength: 40 },
    );
    const before = money();
    fc.assert(
      fc.property(orders, (placed) => {
        for (const one of placed) placeOrder(database, one, 0);
        expect(money()).toBe(before);
      }),
      { numRuns: 30 },
    );
  });
});

describe('reading', () => {
  it('lists the most traded markets first, of one category when asked', () => {
    const volumes = listMarkets(database).map(({ volume }) => volume);
    expect(volumes).toEqual(volumes.toSorted((a, b) => b - a));
    expect(listMarkets(database, 'sports').every(({ category }) => category === 'sports')).toBe(true);
    expect(() => listMarkets(database, 'sport')).toThrow(/there are politics, sports/);
  });

  it('what is not there is 404', () => {
    expect(() => marketById(database, 99)).toThrow(expect.objectContaining({ status: 404 }));
    expect(() => portfolio(database, 99)).toThrow(expect.objectContaining({ status: 404 }));
  });

  it('a portfolio row by row is the same portfolio, with a query for each position', () => {
    const joined = portfolio(database, 3);
    queries.length = 0;
    expect(portfolioRowByRow(database, 3)).toEqual(joined);
    expect(joined.positions.length).toBeGreaterThan(3);
    expect(queries).toHaveLength(2 + joined.positions.length);
  });

  it('the leaderboard has the richest first', () => {
    placeOrder(database, order({ userId: 5, price: 1 }), 0);
    expect(leaderboard(database).at(-1)?.id).toBe(5);
  });
});

it('seeding twice gives the same market', () => {
  const again = seededDatabase(SMALL, new FakeClock());
  const digest = (of: MarketDatabase): unknown =>
    of.get('SELECT sum(market_id * id) AS markets, sum(yes_price * id) AS prices, sum(quantity) AS shares FROM trades');
  expect(digest(again)).toEqual(digest(database));
  again.close();
});

it('the trades of a market are found by the index, and by reading the whole table once it is dropped', () => {
  const plan = (): string =>
    database
      .all<{ detail: string }>('EXPLAIN QUERY PLAN SELECT id FROM trades WHERE market_id = ? ORDER BY executed_at DESC LIMIT ?', 1, 20)
      .map(({ detail }) => detail)
      .join('; ');
  expect(plan()).toContain('USING COVERING INDEX trades_by_market');
  database.dropTradesIndex();
  // Another text, so that the statement prepared above is not reused.
  expect(database.all<{ detail: string }>('EXPLAIN QUERY PLAN SELECT id FROM trades WHERE market_id = ?', 1)[0]?.detail).toContain(
    'SCAN trades',
  );
});
