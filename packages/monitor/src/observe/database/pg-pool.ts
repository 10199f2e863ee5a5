/**
 * Measures `pg`: statements of its clients (whether sent by the pool, in a transaction or by a query builder above it), connections in use, callers that wait
 * for one and how long. Knows pg by its shape only, so nothing is imported.
 */
import type { Registry } from '../../instruments/registry.ts';
import { replaceMethod, type Wrap } from '../replace-method.ts';
import { isMeasured, markMeasured, measuredQuery } from './pg-client.ts';
import { PoolGauges, poolName, type PoolReading } from './pool-gauges.ts';
import { createQueryObserver, type DatabaseOptions } from './query-observer.ts';

/** What is used of a `pg.Pool`. */
export interface PgPoolLike {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  on(event: 'connect' | 'acquire', listener: (client: object) => void): unknown;
  off(event: 'connect' | 'acquire', listener: (client: object) => void): unknown;
}

export interface PgPoolOptions extends DatabaseOptions {
  /** Label `pool`. @default 'default' */
  readonly name?: string;
}

const SYSTEM = 'postgresql';

function readPool({ totalCount, idleCount, waitingCount }: PgPoolLike): PoolReading {
  return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
}

/** Measures one pool until it is disposed of. Clients are reached when they are next taken from the pool. */
export function observePgPool(registry: Registry, pool: PgPoolLike, options: PgPoolOptions): Disposable {
  const wrap = measuredQuery(createQueryObserver(registry, { system: SYSTEM, ...options }));
  // Clients come and go with the pool; those that left must not be kept alive here.
  const reached = new WeakSet<object>();
  const isActive = { value: true };
  const reach = (client: object): void => {
    if (reached.has(client) || isMeasured(Reflect.get(client, 'query'), registry)) return;
    reached.add(client);
    replaceMethod(client, 'query', whileActive(wrap, isActive));
  };
  const gauges = new PoolGauges(registry);
  gauges.add(pool, options.name ?? 'default', readPool);
  pool.on('connect', reach);
  pool.on('acquire', reach);
  return {
    [Symbol.dispose]: () => {
      pool.off('connect', reach);
      pool.off('acquire', reach);
      gauges[Symbol.dispose]();
      isActive.value = false;
    },
  };
}

function whileActive(wrap: Wrap, isActive: { readonly value: boolean }): Wrap {
  return (original) => {
    const measured = wrap(original);
    return function query(this: object, ...values) {
      return Reflect.apply(isActive.value ? measured : original, this, values);
    };
  };
}

/** Measures all clients of a copy of pg. @param Client its class */
export function observePgClients(registry: Registry, Client: { readonly prototype: object }, options: DatabaseOptions): Disposable {
  const observer = createQueryObserver(registry, { system: SYSTEM, ...options });
  const replaced = replaceMethod(Client.prototype, 'query', measuredQuery(observer));
  markMeasured(Client.prototype, registry);
  return replaced;
}

type PoolWithOptions = PgPoolLike & { readonly options?: Parameters<typeof poolName>[0] };

/** Measures all pools of a copy of pg-pool. @param Pool its class */
export function observePgPools(registry: Registry, Pool: { readonly prototype: object }, { clock, tracer }: DatabaseOptions): Disposable {
  const resources = new DisposableStack();
  const gauges = resources.use(new PoolGauges(registry));
  const connect: Wrap = (original) =>
    function connect(this: object, ...values) {
      const pool = poolName((this as PoolWithOptions).options);
      gauges.add(this as PoolWithOptions, pool, readPool);
      const startedMs = clock.monotonicMs();
      const end = (): void => gauges.waitTime.record(clock.monotonicMs() - startedMs, { pool });
      const [callback] = values;
      if (typeof callback !== 'function') {
        const promise = Reflect.apply(original, this, values) as Promise<unknown>;
        promise.then(end, end);
        return promise;
      }
      // A caller that had to wait is called from where another one gave its connection back: in the name of that one's request.
      const span = tracer?.current();
      return Reflect.apply(original, this, [
        function connected(this: unknown, ...results: unknown[]) {
          end();
          const call = (): unknown => Reflect.apply(callback, this, results);
          return tracer === undefined ? call() : tracer.run(span, call);
        },
      ]);
    };
  resources.use(replaceMethod(Pool.prototype, 'connect', connect));
  return resources;
}
