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
import { Router } from './http/router.ts';
import type { MarketDatabase } from './market/database.ts';
import type { NewOrder } from './market/order-book.ts';

export interface MarketOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Filled, with its indexes. Closed with the market. */
  readonly database: MarketDatabase;
  readonly cache: EnhancedCache;
  readonly clock: Clock;
  /** How long the odds feed takes when all is well, ms. @default 20 */
  readonly feedDelayMs?: number;
  readonly onOrder?: (order: NewOrder) => void;
}

export interface OpenMarket extends AsyncDisposable {
  readonly url: string;
  readonly faults: FaultBoard;
}

const SLOW_FEED_MS = 1500;

/** Puts the market together and listens on loopback. Disposing answers what is under way and stops it. */
export async function openMarket(options: MarketOptions): Promise<OpenMarket> {
  const { clock, cache, database, feedDelayMs = 20 } = options;
  await using parts = new AsyncDisposableStack();
  parts.defer(() => database.close());
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
  const router = new Router();
  addMarketRoutes(router, { database, reads, faults, clock, onOrder: options.onOrder ?? (() => {}) });
  addFaultRoutes(router, faults);
  const server = await listen(router, options.port);
  parts.defer(() => stopServer(server));
  const owned = parts.move();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
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
