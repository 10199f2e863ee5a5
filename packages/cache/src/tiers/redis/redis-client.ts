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

/** A connection as the tier uses it. */
export interface RedisConnection {
  /** The client if it is open now. */
  readonly client: RedisClient | undefined;
  /** The client, opened if need be. @throws Error when it cannot be opened now */
  ready(): Promise<RedisClient>;
  keepAlive(isWanted: boolean): void;
  /** Drops the connection if it may be dead without knowing it. */
  renew(): void;
  close(): void;
}

/** A client that somebody else opens and closes. */
export class BorrowedConnection implements RedisConnection {
  readonly #client: RedisClient;
  constructor(client: RedisClient) {
    this.#client = client;
  }
  get client(): RedisClient | undefined {
    return this.#client.isReady ? this.#client : undefined;
  }
  async ready(): Promise<RedisClient> {
    if (!this.#client.isReady) throw new Error('the connection to Redis is not open');
    return this.#client;
  }
  keepAlive(): void {}
  renew(): void {}
  close(): void {}
}

/** One client's life: it is opened once and never again. */
interface Attempt {
  readonly client: RedisClient;
  readonly settled: Promise<void>;
  isOpening: boolean;
  renewals: number;
}

/** Renewals that one that is still being opened survives: opening may take longer than an answer. */
const RENEWALS_WHILE_OPENING = 5;

/**
 * A connection that is opened when it is needed, and again when it broke, each time with a new client. It keeps no process alive unless told to.
 *
 * A client is never destroyed while it connects: node-redis then says `isReady` when the socket opens after all, and refuses every command. One that is not wanted any more is
 * destroyed once it has settled.
 */
export class LastingConnection implements RedisConnection {
  readonly #make: () => RedisClient;
  #attempt: Attempt | undefined;
  #isKeptAlive = false;
  #error = '';

  /** @param make A client that is not connected, with the settings of `ownConnection`. */
  constructor(make: () => RedisClient) {
    this.#make = make;
  }
  get client(): RedisClient | undefined {
    const client = this.#attempt?.client;
    return client?.isReady === true ? client : undefined;
  }
  async ready(): Promise<RedisClient> {
    let attempt = this.#attempt;
    if (attempt === undefined || (!attempt.isOpening && !attempt.client.isReady)) {
      this.close();
      attempt = this.#attempt = this.#open();
    }
    await attempt.settled;
    if (attempt === this.#attempt && attempt.client.isReady) return attempt.client;
    throw new Error(`the connection to Redis is not open${this.#error === '' ? '' : `: ${this.#error}`}`);
  }
  keepAlive(isWanted: boolean): void {
    this.#isKeptAlive = isWanted;
    if (isWanted) this.#attempt?.client.ref();
    else this.#attempt?.client.unref();
  }
  renew(): void {
    const attempt = this.#attempt;
    if (attempt?.isOpening === true && ++attempt.renewals < RENEWALS_WHILE_OPENING) return;
    this.close();
  }
  close(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt !== undefined && !attempt.isOpening && attempt.client.isOpen) attempt.client.destroy();
  }

  #open(): Attempt {
    const client = this.#make();
    client.on('error', (error) => {
      this.#error = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
    });
    // Before it connects: a socket that is being opened cannot be let go any more.
    if (!this.#isKeptAlive) client.unref();
    const opened = client.connect().catch(() => undefined);
    const attempt: Attempt = { client, settled: opened.then(() => this.#opened(attempt)), isOpening: true, renewals: 0 };
    return attempt;
  }
  #opened(attempt: Attempt): void {
    attempt.isOpening = false;
    if (attempt !== this.#attempt && attempt.client.isOpen) attempt.client.destroy();
  }
}
