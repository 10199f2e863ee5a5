/**
 * Prices are cents from 1 to 99: what a share pays 100 for when its outcome comes true. A yes share and a no share of one market
 * together always pay 100, so two orders match when their prices add up to 100 or more.
 */
export const TABLES = `
  CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0)
  ) STRICT;
  CREATE TABLE markets (
    id INTEGER PRIMARY KEY,
    question TEXT NOT NULL,
    category TEXT NOT NULL,
    closes_at INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('yes', 'no')),
    last_price INTEGER NOT NULL CHECK (last_price BETWEEN 1 AND 99),
    volume INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    market_id INTEGER NOT NULL REFERENCES markets (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('yes', 'no')),
    price INTEGER NOT NULL CHECK (price BETWEEN 1 AND 99),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    remaining INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND quantity),
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE trades (
    id INTEGER PRIMARY KEY,
    market_id INTEGER NOT NULL REFERENCES markets (id),
    yes_user_id INTEGER NOT NULL REFERENCES users (id),
    no_user_id INTEGER NOT NULL REFERENCES users (id),
    yes_price INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    executed_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE positions (
    user_id INTEGER NOT NULL REFERENCES users (id),
    market_id INTEGER NOT NULL REFERENCES markets (id),
    yes_shares INTEGER NOT NULL CHECK (yes_shares >= 0),
    no_shares INTEGER NOT NULL CHECK (no_shares >= 0),
    PRIMARY KEY (user_id, market_id)
  ) STRICT, WITHOUT ROWID;
`;

/** The index whose absence the fault `slow-query` shows. */
export const TRADES_INDEX = 'trades_by_market';

export const INDEXES: string = `
  CREATE INDEX IF NOT EXISTS ${TRADES_INDEX} ON trades (market_id, executed_at);
  CREATE INDEX IF NOT EXISTS markets_by_category ON markets (category, volume);
  CREATE INDEX IF NOT EXISTS open_orders ON orders (market_id, outcome, price, id) WHERE remaining > 0;
`;
