/**
 * What is needed of a client of the `redis` package (node-redis 5 and later): one connection that sends commands in the order given. Structural, so that
 * this package needs no types of another.
 */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options?: { readonly socket?: object };
  sendCommand(args: readonly (string | Buffer)[], options?: { readonly typeMapping?: Record<number, unknown> }): Promise<unknown>;
  duplicate(overrides?: Record<string, unknown>): RedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  /** Whether the connection keeps the process alive. */
  ref(): void;
  unref(): void;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

const CONNECT_WITHIN_MS = 2000;

/**
 * Settings of connections that this package opens itself: nothing waits in a queue while the server is away, and the client neither reconnects by itself nor keeps
 * the process alive with the timers of that.
 */
export function ownConnection(socket: object = {}): Record<string, unknown> {
  return { disableOfflineQueue: true, socket: { connectTimeout: CONNECT_WITHIN_MS, ...socket, reconnectStrategy: false } };
}

/** A client that is not connected yet. @throws whatever `import('redis')` throws when it is not installed */
export async function clientFor(url: string): Promise<RedisClient> {
  // A name that bundlers cannot see: the package is there only where somebody wants it.
  const name: string = 'redis';
  const redis = (await import(name)) as { createClient(options: Record<string, unknown>): RedisClient };
  return redis.createClient({ ...ownConnection(), url });
}

/** A connection that is opened when it is needed, and again when it broke. It keeps no process alive unless told to. */
export class LastingConnection {
  readonly client: RedisClient;
  readonly #isMine: boolean;
  #opening: Promise<void> | undefined;
  #error = '';

  /** @param isMine False: somebody else opens and closes the client. */
  constructor(client: RedisClient, isMine: boolean) {
    this.client = client;
    this.#isMine = isMine;
    client.on('error', (error) => {
      this.#error = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
    });
    // Before it connects: a socket that is being opened cannot be let go any more.
    if (isMine) client.unref();
  }
  /** The client, open. @throws Error when it cannot be opened now */
  async ready(): Promise<RedisClient> {
    if (!this.client.isReady && this.#isMine) await (this.#opening ??= this.#open());
    if (!this.client.isReady) throw new Error(`the connection to Redis is not open${this.#error === '' ? '' : `: ${this.#error}`}`);
    return this.client;
  }
  keepAlive(isWanted: boolean): void {
    if (!this.#isMine) return;
    if (isWanted) this.client.ref();
    else this.client.unref();
  }
  /** Closes it; `ready()` opens it anew. */
  close(): void {
    if (this.#isMine && this.client.isOpen) this.client.destroy();
  }

  async #open(): Promise<void> {
    if (!this.client.isOpen) await this.client.connect().catch(() => undefined);
    this.#opening = undefined;
  }
}
