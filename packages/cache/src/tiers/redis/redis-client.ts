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

/** Opens the connection for good: it reconnects by itself, keeps no process alive, and its errors show as failing commands. */
export function open(client: RedisClient): void {
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  client.unref();
}
