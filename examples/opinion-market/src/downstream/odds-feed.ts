import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@bellwether/monitor';

export interface OddsFeed extends AsyncDisposable {
  readonly url: string;
  /** Time each answer takes from now on, ms. */
  delayMs: number;
}

/** The ticker is dear: it goes over all markets. That is why it is cached here. */
const TICKER_WORK_MS = 280;

/** A stand-in for somebody else's service: bookmakers' odds for a market, and a ticker of the day. */
export async function startOddsFeed(clock: Clock, delayMs: number): Promise<OddsFeed> {
  const server = http.createServer((request, response) => {
    void answer(request.url ?? '/', response);
  });
  async function answer(url: string, response: http.ServerResponse): Promise<void> {
    const workMs = url.startsWith('/ticker') ? TICKER_WORK_MS : 0;
    await clock.sleep((feed.delayMs + workMs) * (0.75 + 0.5 * clock.random()));
    const id = Number(/\d+$/.exec(url)?.[0] ?? 0);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ yes: 1 + ((id * 37) % 98), source: 'odds-feed', at: new Date(clock.nowMs()).toISOString() }));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const feed: OddsFeed = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delayMs,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return feed;
}
