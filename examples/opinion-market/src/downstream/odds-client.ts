import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface Odds {
  /** Cents for a yes share. */
  readonly yes: number;
  readonly source: string;
  readonly at: string;
}

/** Asks the odds feed. */
export class OddsClient {
  readonly #url: string;
  constructor(url: string) {
    this.#url = url;
  }
  odds(marketId: number): Promise<Odds> {
    return this.#get(`/odds/${marketId}`);
  }
  ticker(): Promise<Odds> {
    return this.#get('/ticker/0');
  }
  async #get(path: string): Promise<Odds> {
    const response = await fetch(this.#url + path, { signal: AbortSignal.timeout(10_000) });
    return (await response.json()) as Odds;
  }
}

export interface OddsFeedThread extends AsyncDisposable {
  readonly url: string;
  setDelayMs(delayMs: number): void;
}

/** Starts the feed on a thread of its own and resolves when it listens. */
export async function startOddsFeedThread(): Promise<OddsFeedThread> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./odds-feed-thread.${extension}`, import.meta.url));
  const [message] = (await once(worker, 'message')) as [{ readonly url: string }];
  worker.unref();
  return {
    url: message.url,
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    setDelayMs: (delayMs) => worker.postMessage({ delayMs }),
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
