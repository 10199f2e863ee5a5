/**
 * The order book of one market. Every order buys: yes shares at a price, or no shares. A yes order at 60 and a no order at 40 or more pay
 * 100 together, so a pair of shares is minted for them; the resting order names its price and the newcomer pays the rest of 100.
 * Best price first, then oldest first. A newcomer's money is taken before matching and what it did not need is returned.
 * Who ends up with both shares of a pair is paid 100 for it at once. So money is neither made nor lost: balances, open orders and
 * pairs of shares always add up to the same sum, which a property test holds against random orders.
 */
import type { MarketDatabase } from './database.ts';
import { MarketError } from './market-error.ts';

export type Outcome = 'yes' | 'no';
export interface NewOrder {
  readonly marketId: number;
  readonly userId: number;
  readonly outcome: Outcome;
  /** Cents, 1 to 99: the most it pays for a share. */
  readonly price: number;
  /** Shares, 1 to 10,000. */
  readonly quantity: number;
}
export interface PlacedOrder {
  readonly id: number;
  readonly filled: number;
  readonly remaining: number;
}
export interface BookLevel {
  readonly price: number;
  readonly quantity: number;
}

interface RestingOrder {
  readonly id: number;
  readonly user_id: number;
  readonly price: number;
  readonly remaining: number;
}

const MATCHES_AT_ONCE = 100;

/** Takes an order, matches it and keeps the rest in the book, all or nothing. @throws {MarketError} 400, 402, 404 or 409 */
export function placeOrder(database: MarketDatabase, order: NewOrder, nowMs: number): PlacedOrder {
  check(order);
  return database.transaction(() => {
    const market = database.get<{ outcome: Outcome | null }>('SELECT outcome FROM markets WHERE id = ?', order.marketId);
    if (market === undefined) throw new MarketError(404, 'market_not_found', `There is no market ${order.marketId}.`);
    if (market.outcome !== null) throw new MarketError(409, 'market_closed', `Market ${order.marketId} is decided.`);
    reserve(database, order);
    const id = database.run(
      'INSERT INTO orders (market_id, user_id, outcome, price, quantity, remaining, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      order.marketId,
      order.userId,
      order.outcome,
      order.price,
      order.quantity,
      order.quantity,
      nowMs,
    );
    const remaining = match(database, order, nowMs);
    database.run('UPDATE orders SET remaining = ? WHERE id = ?', remaining, id);
    return { id, filled: order.quantity - remaining, remaining };
  });
}

/** Open orders of both outcomes, summed by price, best first. */
export function orderBook(database: MarketDatabase, marketId: number): Record<Outcome, BookLevel[]> {
  const levels = (outcome: Outcome): BookLevel[] =>
    database.all(
      'SELECT price, sum(remaining) AS quantity FROM orders WHERE market_id = ? AND outcome = ? AND remaining > 0 GROUP BY price ORDER BY price DESC LIMIT 10',
      marketId,
      outcome,
    );
  return { yes: levels('yes'), no: levels('no') };
}

function check({ outcome, price, quantity }: NewOrder): void {
  const isWhole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  if (outcome !== 'yes' && outcome !== 'no') throw new MarketError(400, 'order_invalid', 'outcome is "yes" or "no".');
  if (!isWhole(price, 99)) throw new MarketError(400, 'order_invalid', 'price is a whole number of cents from 1 to 99.');
  if (!isWhole(quantity, 10_000)) throw new MarketError(400, 'order_invalid', 'quantity is a whole number from 1 to 10000.');
}

function reserve(database: MarketDatabase, { userId, price, quantity }: NewOrder): void {
  const user = database.get<{ balance_cents: number }>('SELECT balance_cents FROM users WHERE id = ?', userId);
  if (user === undefined) throw new MarketError(404, 'user_not_found', `There is no user ${userId}.`);
  const cost = price * quantity;
  if (user.balance_cents < cost) {
    throw new MarketError(402, 'balance_too_low', `The order costs ${cost} cents and the balance is ${user.balance_cents}.`);
  }
  pay(database, userId, -cost);
}

/** Trades against resting orders as far as prices allow; returns what is left of the order. */
function match(database: MarketDatabase, order: NewOrder, nowMs: number): number {
  const other: Outcome = order.outcome === 'yes' ? 'no' : 'yes';
  const resting = database.all<RestingOrder>(
    'SELECT id, user_id, price, remaining FROM orders WHERE market_id = ? AND outcome = ? AND remaining > 0 AND price >= ? ORDER BY price DESC, id LIMIT ?',
    order.marketId,
    other,
    100 - order.price,
    MATCHES_AT_ONCE,
  );
  let remaining = order.quantity;
  for (const maker of resting) {
    if (remaining === 0) break;
    const quantity = Math.min(remaining, maker.remaining);
    remaining -= quantity;
    database.run('UPDATE orders SET remaining = ? WHERE id = ?', maker.remaining - quantity, maker.id);
    settle(database, order, { maker, quantity, nowMs });
  }
  return remaining;
}

function settle(
  database: MarketDatabase,
  order: NewOrder,
  trade: { readonly maker: RestingOrder; readonly quantity: number; readonly nowMs: number },
): void {
  const { maker, quantity } = trade;
  const paid = 100 - maker.price;
  pay(database, order.userId, (order.price - paid) * quantity);
  const isYes = order.outcome === 'yes';
  const yesPrice = isYes ? paid : maker.price;
  database.run(
    'INSERT INTO trades (market_id, yes_user_id, no_user_id, yes_price, quantity, executed_at) VALUES (?, ?, ?, ?, ?, ?)',
    order.marketId,
    isYes ? order.userId : maker.user_id,
    isYes ? maker.user_id : order.userId,
    yesPrice,
    quantity,
    trade.nowMs,
  );
  database.run('UPDATE markets SET last_price = ?, volume = volume + ? WHERE id = ?', yesPrice, quantity, order.marketId);
  give(database, { userId: order.userId, marketId: order.marketId, yes: isYes ? quantity : 0, no: isYes ? 0 : quantity });
  give(database, { userId: maker.user_id, marketId: order.marketId, yes: isYes ? 0 : quantity, no: isYes ? quantity : 0 });
}

/** Adds shares, and pays out pairs. */
function give(
  database: MarketDatabase,
  shares: { readonly userId: number; readonly marketId: number; readonly yes: number; readonly no: number },
): void {
  const { userId, marketId } = shares;
  const held = database.get<{ yes_shares: number; no_shares: number }>(
    'SELECT yes_shares, no_shares FROM positions WHERE user_id = ? AND market_id = ?',
    userId,
    marketId,
  );
  const yes = (held?.yes_shares ?? 0) + shares.yes;
  const no = (held?.no_shares ?? 0) + shares.no;
  const pairs = Math.min(yes, no);
  database.run(
    'INSERT INTO positions (user_id, market_id, yes_shares, no_shares) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET yes_shares = excluded.yes_shares, no_shares = excluded.no_shares',
    userId,
    marketId,
    yes - pairs,
    no - pairs,
  );
  if (pairs > 0) pay(database, userId, 100 * pairs);
}

function pay(database: MarketDatabase, userId: number, cents: number): void {
  if (cents !== 0) database.run('UPDATE users SET balance_cents = balance_cents + ? WHERE id = ?', cents, userId);
}
