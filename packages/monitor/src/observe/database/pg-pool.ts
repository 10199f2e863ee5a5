/**
 * Measures a `pg` pool: statements of its clients (whether sent by the pool, in a transaction or by a query builder above it), connections in use
 * and callers that wait for one. Knows pg by its shape only, so nothing is imported.
 */
import { metaOf } from '../../instruments/catalogue.ts';
import { createQueryObserver, type DatabaseOptions, type QueryObserver } from './database.ts';
import type { Registry } from '../../instruments/registry.ts';

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

type Query = (this: object, ...values: unknown[]) => unknown;
type Callback = (this: unknown, error: unknown, result: unknown, ...rest: unknown[]) => unknown;

/** The statement's text when pg will run it to its end by itself; cursors and streams, which bring their own `submit`, are not timed. */
function textOf(first: unknown): string | undefined {
  if (typeof first === 'string') return first;
  const { text, submit } = (first ?? {}) as { readonly text?: unknown; readonly submit?: unknown };
  return typeof text === 'string' && typeof submit !== 'function' ? text : undefined;
}

function rowsOf(result: unknown): number | undefined {
  const count = (result as { readonly rowCount?: unknown } | undefined)?.rowCount;
  return typeof count === 'number' ? count : undefined;
}

function measuredQuery(
  original: Query,
  { observer, options }: { readonly observer: QueryObserver; readonly options: PgPoolOptions },
): Query {
  const { clock } = options;
  return function query(this: object, ...values) {
    const text = textOf(values[0]);
    if (text === undefined) return Reflect.apply(original, this, values);
    const startedMs = clock.monotonicMs();
    const end = (error: unknown, result: unknown): void =>
      observer.record(observer.fingerprint(text), {
        durationMs: clock.monotonicMs() - startedMs,
        rows: rowsOf(result),
        failed: error !== undefined && error !== null,
      });
    const last = values.at(-1);
    if (typeof last === 'function') {
      const callback: Callback = function done(this: unknown, error, result, ...rest) {
        end(error, result);
        return Reflect.apply(last, this, [error, result, ...rest]);
      };
      return Reflect.apply(original, this, [...values.slice(0, -1), callback]);
    }
    const answer = Reflect.apply(original, this, values);
    if (answer instanceof Promise)
      answer.then(
        (result: unknown) => end(undefined, result),
        (error: unknown) => end(error, undefined),
      );
    return answer;
  };
}

/** Measures a pool until it is disposed of. Clients are reached when they are next taken from the pool. */
export function observePgPool(registry: Registry, pool: PgPoolLike, options: PgPoolOptions): Disposable {
  const observer = createQueryObserver(registry, options);
  // Clients come and go with the pool; those that left must not be kept alive here.
  const reached = new WeakSet<object>();
  let isActive = true;
  const reach = (client: object): void => {
    if (reached.has(client)) return;
    reached.add(client);
    const original = Reflect.get(client, 'query') as Query;
    const measured = measuredQuery(original, { observer, options });
    Reflect.set(client, 'query', function query(this: object, ...values: unknown[]): unknown {
      return Reflect.apply(isActive ? measured : original, this, values);
    });
  };
  const labels = { pool: options.name ?? 'default' };
  const connections = registry.gauge('database_pool_connections', metaOf('database_pool_connections'));
  const waiting = registry.gauge('database_pool_waiting', metaOf('database_pool_waiting'));
  const draining = registry.onDrain(() => {
    connections.set(pool.idleCount, { ...labels, state: 'idle' });
    connections.set(pool.totalCount - pool.idleCount, { ...labels, state: 'used' });
    waiting.set(pool.waitingCount, labels);
  });
  pool.on('connect', reach);
  pool.on('acquire', reach);
  return {
    [Symbol.dispose]: () => {
      pool.off('connect', reach);
      pool.off('acquire', reach);
      draining[Symbol.dispose]();
      isActive = false;
    },
  };
}
