/** The thread the odds feed lives on, as another host would: neither the market's event loop nor its HTTP measurements see it. */
import { parentPort } from 'node:worker_threads';
import { systemClock } from '@bellwether/monitor';
import { startOddsFeed } from './odds-feed.ts';

const feed = await startOddsFeed(systemClock, 20);
parentPort?.on('message', ({ delayMs }: { readonly delayMs: number }) => {
  feed.delayMs = delayMs;
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage({ url: feed.url });
