import { metaOf } from '../../instruments/catalogue.ts';
import type { Timer } from '../../instruments/histogram.ts';
import type { Registry } from '../../instruments/registry.ts';

export interface PoolReading {
  readonly used: number;
  readonly idle: number;
  readonly waiting: number;
}

const MOST_POOLS = 1000;

/** Use of connection pools, read at each drain; pools of one name are told as one. Pools are not kept alive. */
export class PoolGauges implements Disposable {
  /** How long callers waited for a connection. */
  readonly waitTime: Timer;
  readonly #pools = new Map<WeakRef<object>, { readonly name: string; readonly read: (pool: never) => PoolReading }>();
  readonly #known = new WeakSet<object>();
  readonly #draining: Disposable;

  constructor(registry: Registry) {
    this.waitTime = registry.timer('database_pool_wait_time', metaOf('database_pool_wait_time'));
    const connections = registry.gauge('database_pool_connections', metaOf('database_pool_connections'));
    const waiting = registry.gauge('database_pool_waiting', metaOf('database_pool_waiting'));
    this.#draining = registry.onDrain(() => {
      for (const [pool, reading] of this.#read()) {
        connections.set(reading.idle, { pool, state: 'idle' });
        connections.set(reading.used, { pool, state: 'used' });
        waiting.set(reading.waiting, { pool });
      }
    });
  }

  /** Adding a pool again does nothing. */
  add<Pool extends object>(pool: Pool, name: string, read: (pool: Pool) => PoolReading): void {
    if (this.#known.has(pool) || this.#pools.size >= MOST_POOLS) return;
    this.#known.add(pool);
    this.#pools.set(new WeakRef(pool), { name, read });
  }

  [Symbol.dispose](): void {
    this.#draining[Symbol.dispose]();
    this.#pools.clear();
  }

  #read(): Map<string, PoolReading> {
    const sums = new Map<string, PoolReading>();
    for (const [reference, { name, read }] of this.#pools) {
      const pool = reference.deref();
      if (pool === undefined) {
        this.#pools.delete(reference);
        continue;
      }
      const { used, idle, waiting } = read(pool as never);
      const sum = sums.get(name) ?? { used: 0, idle: 0, waiting: 0 };
      sums.set(name, { used: sum.used + used, idle: sum.idle + idle, waiting: sum.waiting + waiting });
    }
    return sums;
  }
}

/** The name of a pool for labels: its database's, from its options or the path of its connection string; nothing else of that is looked at. */
export function poolName(options: { readonly database?: unknown; readonly connectionString?: unknown } | undefined): string {
  const { database, connectionString } = options ?? {};
  if (typeof database === 'string' && database !== '') return database;
  if (typeof connectionString !== 'string' || !URL.canParse(connectionString)) return 'default';
  const path = new URL(connectionString).pathname.slice(1);
  return /^[\w.-]{1,64}$/.test(path) ? path : 'default';
}
