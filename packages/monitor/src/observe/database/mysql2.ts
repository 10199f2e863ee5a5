/** Measures mysql2 by its own tracing channels (3.20 and newer): statements with rows, and how long callers wait for a connection. */
import type { Registry } from '../../instruments/registry.ts';
import { replaceMethod, type Wrap } from '../replace-method.ts';
import { listenToTracing, type TraceMessage } from '../tracing-channel.ts';
import { PoolGauges, poolName, type PoolReading } from './pool-gauges.ts';
import { createQueryObserver, type DatabaseOptions, type RunningQuery } from './query-observer.ts';

type QueryMessage = TraceMessage & { readonly query?: unknown };
type PoolMessage = TraceMessage & { readonly database?: unknown };

function rowsOf(result: unknown): number | undefined {
  if (Array.isArray(result)) return result.length;
  const changed = (result as { readonly affectedRows?: unknown } | undefined)?.affectedRows;
  return typeof changed === 'number' ? changed : undefined;
}

export function observeMysql2(registry: Registry, options: DatabaseOptions): Disposable {
  const { clock } = options;
  const observer = createQueryObserver(registry, { system: 'mysql', ...options });
  const resources = new DisposableStack();
  const gauges = resources.use(new PoolGauges(registry));
  resources.use(
    listenToTracing<QueryMessage, RunningQuery>(registry, ['mysql2:query', 'mysql2:execute'], {
      start: ({ query }) => (typeof query === 'string' ? observer.start(observer.fingerprint(query)) : undefined),
      end: (running, { message, failed }) => void observer.end(running, { rows: rowsOf(message.result), failed }),
    }),
  );
  resources.use(
    listenToTracing<PoolMessage, { readonly startedMs: number; readonly pool: string }>(registry, ['mysql2:pool:connect'], {
      start: ({ database }) => ({ startedMs: clock.monotonicMs(), pool: poolName({ database }) }),
      end: ({ startedMs, pool }) => gauges.waitTime.record(clock.monotonicMs() - startedMs, { pool }),
    }),
  );
  return resources;
}

/** What is used of a mysql2 pool; the names are its own. */
interface Mysql2PoolLike {
  readonly config?: { readonly connectionConfig?: { readonly database?: unknown } };
  readonly _allConnections?: { readonly length: number };
  readonly _freeConnections?: { readonly length: number };
  readonly _connectionQueue?: { readonly length: number };
}

function readPool({ _allConnections: all, _freeConnections: free, _connectionQueue: queue }: Mysql2PoolLike): PoolReading {
  const idle = free?.length ?? 0;
  return { used: (all?.length ?? 0) - idle, idle, waiting: queue?.length ?? 0 };
}

/** Reads the use of all pools of a copy of mysql2, which its channels do not tell. @param Pool its class */
export function observeMysql2Pools(registry: Registry, Pool: { readonly prototype: object }): Disposable {
  const resources = new DisposableStack();
  const gauges = resources.use(new PoolGauges(registry));
  const getConnection: Wrap = (original) =>
    function getConnection(this: object, ...values) {
      const pool = this as Mysql2PoolLike;
      gauges.add(pool, poolName(pool.config?.connectionConfig), readPool);
      return Reflect.apply(original, this, values);
    };
  resources.use(replaceMethod(Pool.prototype, 'getConnection', getConnection));
  return resources;
}
