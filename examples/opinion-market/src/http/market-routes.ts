import type { Clock } from '@bellwether/monitor';
import type { FaultBoard } from '../faults/fault-board.ts';
import { latestTrades } from '../market/catalogue.ts';
import type { MarketDatabase } from '../market/database.ts';
import { MarketError } from '../market/market-error.ts';
import { placeOrder, type NewOrder } from '../market/order-book.ts';
import { portfolio, portfolioRowByRow } from '../market/portfolio.ts';
import type { CachedReads } from './cached-reads.ts';
import type { Call, Router } from './router.ts';

export interface MarketRouteSources {
  readonly database: MarketDatabase;
  readonly reads: CachedReads;
  readonly faults: FaultBoard;
  readonly clock: Clock;
  /** Told of each order that was taken. */
  readonly onOrder: (order: NewOrder) => void;
}

const FAILING_RATIO = 0.4;

/** The API of the market. */
export function addMarketRoutes(router: Router, { database, reads, faults, clock, onOrder }: MarketRouteSources): void {
  router.add('GET', '/markets', async ({ query }) => ({
    markets: await reads.markets(query.get('category') ?? undefined),
    ticker: await reads.ticker(),
  }));
  router.add('GET', '/markets/:id', async (call) => ({ ...(await reads.market(idOf(call))), ticker: await reads.ticker() }));
  router.add('GET', '/markets/:id/book', async (call) => {
    const id = idOf(call);
    await reads.market(id);
    return await reads.book(id);
  });
  router.add('GET', '/markets/:id/trades', (call) => ({ trades: latestTrades(database, idOf(call)) }));
  router.add('GET', '/markets/:id/odds', async (call) => {
    const { id, last_price } = await reads.market(idOf(call));
    return { market_id: id, last_price, elsewhere: await reads.odds(id) };
  });
  router.add('GET', '/leaderboard', async () => ({ leaders: await reads.leaders() }));
  router.add('GET', '/users/:id/portfolio', (call) => {
    if (faults.isOn('error-burst') && clock.random() < FAILING_RATIO) throw new Error('The settlement service refused the connection');
    return (faults.isOn('n-plus-one') ? portfolioRowByRow : portfolio)(database, idOf(call));
  });
  router.add('POST', '/orders', async (call) => {
    const order = orderOf(await call.json());
    const placed = placeOrder(database, order, clock.nowMs());
    await reads.forget(order.marketId);
    onOrder(order);
    return placed;
  });
}

function idOf({ parameters }: Call): number {
  const id = Number(parameters['id']);
  if (!Number.isSafeInteger(id) || id < 1) throw new MarketError(400, 'id_invalid', 'An id is a whole number from 1.');
  return id;
}

/** The fields of an order; their values are checked where it is placed. */
function orderOf(body: unknown): NewOrder {
  if (typeof body !== 'object' || body === null) throw new MarketError(400, 'order_invalid', 'An order is an object.');
  const { market_id, user_id, outcome, price, quantity } = body as Record<string, unknown>;
  const isComplete = [market_id, user_id, price, quantity].every((value) => Number.isInteger(value)) && typeof outcome === 'string';
  if (!isComplete) {
    throw new MarketError(
      400,
      'order_invalid',
      'An order has market_id, user_id, price and quantity, whole numbers, and outcome, "yes" or "no".',
    );
  }
  return { marketId: market_id, userId: user_id, outcome, price, quantity } as NewOrder;
}
