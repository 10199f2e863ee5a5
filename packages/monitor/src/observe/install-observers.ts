import type { Clock } from '../base/clock.ts';
import type { Registry } from '../instruments/registry.ts';
import { observeBullmq } from './bullmq.ts';
import { observeCaches } from './cache-observer.ts';
import { observeMongodb } from './database/mongodb.ts';
import { observeMysql2, observeMysql2Pools } from './database/mysql2.ts';
import { observePgClients, observePgPools } from './database/pg-pool.ts';
import { observeRedis } from './database/redis.ts';
import { observeBetterSqlite, observeSqlite, type BetterSqliteLike } from './database/sqlite.ts';
import { observeDns } from './dns.ts';
import { observeHttpClient } from './http/http-client.ts';
import { observeHttpServer, type HttpServerOptions } from './http/http-server.ts';
import { observeHttp2Server } from './http/http2-server.ts';
import { RequestMetrics } from './http/request-metrics.ts';
import { nameFastifyRoutes, nameHonoRoutes, nameKoaRoutes } from './http/route-adapters.ts';
import { loadedModules, type ReachModule } from './modules/loaded-modules.ts';
import { observeProcessErrors } from './process-errors.ts';
import type { Tracer } from './spans/tracer.ts';

export interface ObserverOptions {
  readonly clock: Clock;
  /** HTTP in and out, name look-ups. @default true */
  readonly http?: boolean;
  /** Statements of databases, pools, queues. @default true */
  readonly databases?: boolean;
  /** Takes spans. @default no spans */
  readonly tracer?: Tracer | undefined;
}

type Watching = Pick<ObserverOptions, 'clock' | 'tracer'>;
type Reachers = Readonly<Record<string, ReachModule>>;
type WithPrototype = { readonly prototype: object };

/**
 * Everything that measures by itself, until disposed of: then the process is as it was. What publishes on diagnostics channels is seen whenever it was loaded;
 * the rest (see `HOOKED_MODULES`) if it was loaded after `hookModules`.
 */
export function installObservers(registry: Registry, options: ObserverOptions): Disposable {
  const { clock, tracer, http = true, databases = true } = options;
  const watching: Watching = { clock, tracer };
  const resources = new DisposableStack();
  resources.use(observeCaches(registry));
  resources.use(observeProcessErrors(registry));
  if (http) {
    resources.use(observeHttp(registry, watching));
    resources.use(observeDns(registry));
    resources.use(onLoad(registry, routeNamers(registry)));
  }
  if (databases) {
    resources.use(observeSqlite(registry, watching));
    resources.use(observeMysql2(registry, watching));
    resources.use(observeRedis(registry, watching));
    resources.use(onLoad(registry, drivers(registry, watching)));
  }
  return resources;
}

/**
 * Measures HTTP without a line in the application: requests this process serves (`api_response_time`, `api_requests_total`, `error_rate`, …) and, unless
 * `client` is false, those it sends. Routes are what `nameRoute` or a framework called them, else guessed from the path.
 */
export function observeHttp(registry: Registry, options: HttpServerOptions & { readonly client?: boolean }): Disposable {
  const resources = new DisposableStack();
  const metrics = resources.use(new RequestMetrics(registry));
  resources.use(observeHttpServer(registry, metrics, options));
  resources.use(observeHttp2Server(registry, metrics, options));
  resources.use(nameFastifyRoutes(registry));
  if (options.client !== false) resources.use(observeHttpClient(registry, options));
  return resources;
}

function onLoad(registry: Registry, reachers: Reachers): Disposable {
  const resources = new DisposableStack();
  for (const [name, reach] of Object.entries(reachers))
    resources.use(loadedModules().onLoad(name, reach, () => registry.countObserverFailure()));
  return resources;
}

function routeNamers(registry: Registry): Reachers {
  return {
    koa: ({ Application }) => nameKoaRoutes(Application as WithPrototype),
    hono: ({ listeners }) => nameHonoRoutes(registry, listeners as Parameters<typeof nameHonoRoutes>[1]),
  };
}

function drivers(registry: Registry, watching: Watching): Reachers {
  return {
    pg: ({ Client }) => observePgClients(registry, Client as WithPrototype, watching),
    'pg-pool': ({ Pool }) => observePgPools(registry, Pool as WithPrototype, watching),
    'mysql2-pool': ({ Pool }) => observeMysql2Pools(registry, Pool as WithPrototype),
    mongodb: ({ Connection }) => observeMongodb(registry, Connection as WithPrototype, watching),
    'better-sqlite3': ({ Database }) => observeBetterSqlite(registry, Database as BetterSqliteLike, watching),
    bullmq: ({ Worker }) => observeBullmq(registry, Worker as WithPrototype, watching),
  };
}
