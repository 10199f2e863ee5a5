/**
 * Names routes for frameworks whose templates cannot be seen from outside. Express and Fastify need none of this: Express leaves the template on the
 * request, Fastify tells it on a diagnostics channel. Each adapter only names the route; measuring stays where it is. Nothing of a framework is
 * imported: the shapes below are what is used of them.
 */
import type { IncomingMessage } from 'node:http';
import type { Registry } from '../../instruments/registry.ts';
import { listenTo } from '../listen.ts';
import { replaceMethod, type Wrap } from '../replace-method.ts';
import { nameRoute, nameRouteLater } from './route-name.ts';

type Next = () => Promise<unknown>;

/** What is used of a Koa context with `@koa/router`. */
export interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly _matchedRoute?: unknown;
}

/** Koa middleware that names the route `@koa/router` found: `app.use(koaRoutes())` before the router. */
export function koaRoutes(): (context: KoaContextLike, next: Next) => Promise<void> {
  return async (context, next) => {
    try {
      await next();
    } finally {
      const route = koaRoute(context);
      if (route !== undefined) nameRoute(context.req, route);
    }
  };
}

function koaRoute({ _matchedRoute: route }: KoaContextLike): string | undefined {
  if (typeof route === 'string') return route;
  return route instanceof RegExp ? String(route) : undefined;
}

/** Names the routes of every application of a copy of Koa. @param Application its class */
export function nameKoaRoutes(Application: { readonly prototype: object }): Disposable {
  const createContext: Wrap = (original) =>
    function createContext(this: object, ...values) {
      const context = Reflect.apply(original, this, values) as KoaContextLike;
      if (typeof context?.req === 'object') nameRouteLater(context.req, () => koaRoute(context));
      return context;
    };
  return replaceMethod(Application.prototype, 'createContext', createContext);
}

/** What is used of a Hono context on `@hono/node-server`. */
export interface HonoContextLike {
  readonly env: unknown;
  readonly req: { readonly matchedRoutes: readonly { readonly path: string; readonly method: string }[] };
}

/** Hono middleware that names the route: `app.use(honoRoutes())`. Only where the server is node's: elsewhere there is no request to name. */
export function honoRoutes(): (context: HonoContextLike, next: Next) => Promise<void> {
  return async (context, next) => {
    nameHonoRoute(context.env, context.req.matchedRoutes);
    await next();
  };
}

function nameHonoRoute(env: unknown, routes: HonoContextLike['req']['matchedRoutes']): void {
  const { incoming } = (env ?? {}) as { readonly incoming?: IncomingMessage };
  // Handlers come last; middleware is registered for any method, and usually for a pattern that ends in a star.
  const handler = routes.findLast(({ method, path }) => method !== 'ALL' || !path.endsWith('*'));
  if (incoming !== undefined && handler !== undefined) nameRoute(incoming, handler.path);
}

type HonoRoute = HonoContextLike['req']['matchedRoutes'][number];
/** What Hono's routers find: handlers with their routes, and parameters. */
type HonoMatch = readonly [handlers: readonly (readonly [readonly [unknown, HonoRoute], unknown])[], ...unknown[]];
type HonoListeners = Set<(env: unknown, match: HonoMatch) => void>;

/** Names the routes of every application of a copy of Hono. @param listeners Told what its routers find. */
export function nameHonoRoutes(registry: Registry, listeners: HonoListeners): Disposable {
  const listener = (env: unknown, [handlers]: HonoMatch): void => {
    try {
      nameHonoRoute(
        env,
        handlers.map(([[, route]]) => route),
      );
    } catch {
      registry.countObserverFailure();
    }
  };
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

const FASTIFY_HANDLER = 'tracing:fastify.request.handler:start';

interface FastifyMessage {
  readonly request: { readonly raw: object };
  readonly route: { readonly url?: string };
}

/** Names the routes of every Fastify server of this process, through Fastify's own channel. */
export function nameFastifyRoutes(registry: Registry): Disposable {
  return listenTo(registry, {
    [FASTIFY_HANDLER]: ({ request, route }: FastifyMessage) => {
      if (typeof route.url === 'string') nameRoute(request.raw, route.url);
    },
  });
}
