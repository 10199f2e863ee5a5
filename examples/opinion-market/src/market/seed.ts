import type { Clock } from '@bellwether/monitor';
import { MarketDatabase, type QueryObserver } from './database.ts';

/** How much there is in a fresh market. The same numbers give the same rows, always. */
export interface SeedSize {
  readonly users: number;
  readonly markets: number;
  readonly trades: number;
}

/** Enough trades that a query without its index is felt, and little enough to be there within a second. */
export const DEMO_SIZE: SeedSize = { users: 1500, markets: 240, trades: 400_000 };

export const CATEGORIES = ['politics', 'sports', 'economy', 'science', 'culture', 'weather'] as const;
/** 1 January 2026. Seeded trades lie in the 30 days before. */
const SEEDED_AT_MS = 1_767_225_600_000;
const POSITIONS_PER_USER = 80;
const START_BALANCE_CENTS = 1_000_000;
/** Knuth's multiplicative hash: spreads row numbers over 0 to 1 without a random generator. */
const spread = (column: string, salt: number): string => `(((${column} + ${salt}) * 2654435761) % 4294967296 / 4294967296.0)`;
const rows = (count: number): string => `WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < ${count})`;

/** A market with a history: tables, rows and indexes. */
export function seededDatabase(size: SeedSize, clock: Clock, observe?: QueryObserver): MarketDatabase {
  const database = new MarketDatabase(clock, observe);
  seed(database, size);
  database.createIndexes();
  return database;
}

/** Fills empty tables in one transaction. The numbers come from SQL itself: a second for 400,000 trades instead of ten. */
function seed(database: MarketDatabase, { users, markets, trades }: SeedSize): void {
  const categories = CATEGORIES.map((category, i) => `WHEN ${i} THEN '${category}'`).join(' ');
  database.execute(`
    BEGIN;
    INSERT INTO users ${rows(users)}
      SELECT n, 'trader-' || n, ${START_BALANCE_CENTS} FROM row;
    INSERT INTO markets ${rows(markets)}
      SELECT n, 'Will event ' || n || ' happen before the end of the year?',
        CASE n % ${CATEGORIES.length} ${categories} END,
        ${SEEDED_AT_MS} + 31536000000, NULL, 1 + CAST(${spread('n', 7)} * 98 AS INTEGER), 0 FROM row;
    INSERT INTO trades ${rows(trades)}
      SELECT n,
        1 + CAST(${markets} * ${spread('n', 11)} * ${spread('n', 11)} AS INTEGER),
        1 + CAST(${users} * ${spread('n', 23)} AS INTEGER),
        1 + CAST(${users} * ${spread('n', 37)} AS INTEGER),
        1 + CAST(98 * ${spread('n', 53)} AS INTEGER),
        1 + n % 40,
        ${SEEDED_AT_MS} - 2592000000 + CAST(n * (2592000000.0 / ${trades}) AS INTEGER) FROM row;
    UPDATE markets SET volume = total.quantity
      FROM (SELECT market_id, sum(quantity) AS quantity FROM trades GROUP BY market_id) AS total WHERE total.market_id = markets.id;
    INSERT INTO positions ${rows(users * POSITIONS_PER_USER)}
      SELECT 1 + n % ${users}, 1 + CAST(${markets} * ${spread('n', 71)} AS INTEGER), n % 30, 0 FROM row
      WHERE true ON CONFLICT DO NOTHING;
    INSERT INTO orders ${rows(markets * 20)}
      SELECT n, 1 + n % ${markets}, 1 + n % ${users}, CASE WHEN n % 2 THEN 'yes' ELSE 'no' END,
        1 + CAST(44 * ${spread('n', 97)} AS INTEGER), 5 + n % 50, 5 + n % 50, ${SEEDED_AT_MS} FROM row;
    COMMIT;
  `);
}
