import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EnhancedCache } from '@bellwether/cache';
import type { Clock } from '@bellwether/monitor';
import { OddsClient, startOddsFeedThread } from './downstream/odds-client.ts';
import { FaultBoard } from './faults/fault-board.ts';
import { HeapLeak } from './faults/heap-leak.ts';
import { CachedReads } from './http/cached-reads.ts';
import { addFaultRoutes } from './http/fault-routes.ts';
import { addMarketRoutes } from './http/market-routes.ts';
import { Router, type RouteObserver } from './http/router.ts';
import { MarketDatabase, type QueryObserver } from './market/database.ts';
import type { NewOrder } from './market/order-book.ts';
import { seed, type SeedSize } from './market/seed.ts';

export interface MarketOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly size: SeedSize;
  readonly cache: EnhancedCache;
  readonly clock: Clock;
  /** How long the odds feed takes when all is well, ms. @default 20 */
  readonly feedDelayMs?: number;
  readonly onQuery?: QueryObserver;
  readonly onRoute?: RouteObserver;
  readonly onOrder?: (order: NewOrder) => void;
}

export interface OpenMarket extends AsyncDisposable {
  readonly url: string;
  readonly faults: FaultBoard;
  readonly database: MarketDatabase;
}

const SLOW_FEED_MS = 1500;

/** Puts the market together, fills it, and listens on loopback. Disposing answers what is under way and stops it. */
export async function openMarket(options: MarketOptions): Promise<OpenMarket> {
  const { clock, cache, size, feedDelayMs = 20 } = options;
  await using parts = new AsyncDisposableStack();
  const database = parts.adopt(new MarketDatabase(clock, options.onQuery), (opened) => opened.close());
  seed(database, size);
  database.createIndexes();
  const feed = parts.use(await startOddsFeedThread());
  feed.setDelayMs(feedDelayMs);
  const faults = parts.use(
    new FaultBoard({
      'slow-query': { on: () => database.dropTradesIndex(), off: () => database.createIndexes() },
      'slow-downstream': { on: () => feed.setDelayMs(SLOW_FEED_MS), off: () => feed.setDelayMs(feedDelayMs) },
      'heap-leak': new HeapLeak({ clock }),
    }),
  );
  const reads = parts.use(new CachedReads({ database, cache, faults, clock, odds: new OddsClient(feed.url) }));
  await reads.warm();
  const router = new Router(options.onRoute);
  addMarketRoutes(router, { database, reads, faults, clock, onOrder: options.onOrder ?? (() => {}) });
  addFaultRoutes(router, faults);
  const server = await listen(router, options.port);
  parts.defer(() => stopServer(server));
  const owned = parts.move();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    database,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function listen(router: Router, port: number): Promise<http.Server> {
  const server = http.createServer((request, response) => void router.handle(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function stopServer(server: http.Server): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await stopped;
}
