import type { MarketDatabase } from './database.ts';
import { MarketError } from './market-error.ts';
import { CATEGORIES } from './seed.ts';

export interface MarketSummary {
  readonly id: number;
  readonly question: string;
  readonly category: string;
  readonly last_price: number;
  readonly volume: number;
}
export interface MarketDetail extends MarketSummary {
  readonly closes_at: number;
  readonly outcome: 'yes' | 'no' | null;
}
export interface Trade {
  readonly id: number;
  readonly yes_price: number;
  readonly quantity: number;
  readonly executed_at: number;
}

const PAGE = 20;
const BRIEF = 'id, question, category, last_price, volume';

/** The most traded markets, of all categories or one. @throws {MarketError} 400 for an unknown category. */
export function listMarkets(database: MarketDatabase, category?: string): MarketSummary[] {
  if (category === undefined) return database.all(`SELECT ${BRIEF} FROM markets ORDER BY volume DESC LIMIT ?`, PAGE);
  if (!(CATEGORIES as readonly string[]).includes(category)) {
    throw new MarketError(400, 'category_unknown', `There is no category ${category}; there are ${CATEGORIES.join(', ')}.`);
  }
  return database.all(`SELECT ${BRIEF} FROM markets WHERE category = ? ORDER BY volume DESC LIMIT ?`, category, PAGE);
}

/** @throws {MarketError} 404 */
export function marketById(database: MarketDatabase, id: number): MarketDetail {
  const market = database.get<MarketDetail>(`SELECT ${BRIEF}, closes_at, outcome FROM markets WHERE id = ?`, id);
  if (market === undefined) throw new MarketError(404, 'market_not_found', `There is no market ${id}.`);
  return market;
}

/** The newest trades of a market, newest first. */
export function latestTrades(database: MarketDatabase, marketId: number): Trade[] {
  return database.all(
    'SELECT id, yes_price, quantity, executed_at FROM trades WHERE market_id = ? ORDER BY executed_at DESC LIMIT ?',
    marketId,
    PAGE,
  );
}

export interface Leader {
  readonly id: number;
  readonly name: string;
  readonly balance_cents: number;
}

/** The richest traders. */
export function leaderboard(database: MarketDatabase): Leader[] {
  return database.all('SELECT id, name, balance_cents FROM users ORDER BY balance_cents DESC, id LIMIT ?', PAGE);
}
