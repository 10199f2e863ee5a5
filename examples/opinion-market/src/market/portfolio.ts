import type { MarketDatabase } from './database.ts';
import { MarketError } from './market-error.ts';

export interface Position {
  readonly market_id: number;
  readonly question: string;
  readonly yes_shares: number;
  readonly no_shares: number;
  /** What the shares are worth at the last price. */
  readonly value_cents: number;
}
export interface Portfolio {
  readonly user_id: number;
  readonly name: string;
  readonly balance_cents: number;
  readonly positions: readonly Position[];
}

interface User {
  readonly id: number;
  readonly name: string;
  readonly balance_cents: number;
}
interface Holding {
  readonly market_id: number;
  readonly yes_shares: number;
  readonly no_shares: number;
}
interface Quote {
  readonly question: string;
  readonly last_price: number;
}

/** A user's holdings, each with its market. @throws {MarketError} 404 */
export function portfolio(database: MarketDatabase, userId: number): Portfolio {
  const user = userById(database, userId);
  const rows = database.all<Holding & Quote>(
    `SELECT market_id, yes_shares, no_shares, question, last_price FROM positions
     JOIN markets ON markets.id = positions.market_id WHERE positions.user_id = ? ORDER BY market_id`,
    userId,
  );
  return { user_id: user.id, name: user.name, balance_cents: user.balance_cents, positions: rows.map((row) => valued(row, row)) };
}

/** The same answer, with one query for each position: the fault `n-plus-one`. */
export function portfolioRowByRow(database: MarketDatabase, userId: number): Portfolio {
  const user = userById(database, userId);
  const holdings = database.all<Holding>(
    'SELECT market_id, yes_shares, no_shares FROM positions WHERE user_id = ? ORDER BY market_id',
    userId,
  );
  const positions = holdings.map((holding) => {
    const quote = database.get<Quote>('SELECT question, last_price FROM markets WHERE id = ?', holding.market_id);
    return valued(holding, quote ?? { question: '', last_price: 50 });
  });
  return { user_id: user.id, name: user.name, balance_cents: user.balance_cents, positions };
}

/** @throws {MarketError} 404 */
export function userById(database: MarketDatabase, id: number): User {
  const user = database.get<User>('SELECT id, name, balance_cents FROM users WHERE id = ?', id);
  if (user === undefined) throw new MarketError(404, 'user_not_found', `There is no user ${id}.`);
  return user;
}

function valued(holding: Holding, quote: Quote): Position {
  const { market_id, yes_shares, no_shares } = holding;
  const value_cents = yes_shares * quote.last_price + no_shares * (100 - quote.last_price);
  return { market_id, question: quote.question, yes_shares, no_shares, value_cents };
}
