/**
 * What is needed of a client of the `redis` package (node-redis 5 and later): one connection that sends commands in the order given. Structural, so that
 * this package needs no types of another.
 */
export interface RedisClient {
  readonly isReady: boolean;
  sendCommand(args: readonly (string | Buffer)[], options?: { readonly typeMapping?: Record<number, unknown> }): Promise<unknown>;
  duplicate(overrides?: Record<string, unknown>): RedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  unref(): void;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

const CONNECT_WITHIN_MS = 2000;
const LONGEST_RECONNECT_PAUSE_MS = 2000;

/** Settings of connections that this package opens itself: nothing waits in a queue while the server is away. */
export const OWN_CONNECTION: Record<string, unknown> = { disableOfflineQueue: true };

/** A client that connects in the background, when first asked to. @throws whatever `import('redis')` throws when it is not installed */
export async function clientFor(url: string): Promise<RedisClient> {
  // A name that bundlers cannot see: the package is there only where somebody wants it.
  const name: string = 'redis';
  const redis = (await import(name)) as { createClient(options: Record<string, unknown>): RedisClient };
  const reconnectStrategy = (retries: number): number => Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_RECONNECT_PAUSE_MS);
  return redis.createClient({ ...OWN_CONNECTION, url, socket: { connectTimeout: CONNECT_WITHIN_MS, reconnectStrategy } });
}

/** A connection that stays: it reconnects by itself and keeps no process alive. Its errors show as failing commands. */
export class LastingConnection {
  readonly client: RedisClient;
  #error = '';
  readonly #settled: Promise<void>;

  /** @param isOpened True: somebody else opens and closes the client. */
  constructor(client: RedisClient, isOpened: boolean) {
    this.client = client;
    const failed = new Promise<void>((resolve) => {
      client.on('error', (error) => {
        this.#error = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
        resolve();
      });
    });
    if (isOpened) this.#settled = Promise.resolve();
    else {
      const opened = client.connect().then(
        () => undefined,
        () => undefined,
      );
      this.#settled = Promise.race([opened, failed]);
      client.unref();
    }
  }
  /** The client, at once when it is open. While it opens for the first time, waits for that. @throws Error when it is not open */
  async ready(): Promise<RedisClient> {
    if (!this.client.isReady) await this.#settled;
    if (!this.client.isReady) throw new Error(`the connection to Redis is not open${this.#error === '' ? '' : `: ${this.#error}`}`);
    return this.client;
  }
  close(): void {
    try {
      this.client.destroy();
    } catch {
      // It was not open.
    }
  }
}
