/**
 * Names routes for frameworks whose templates cannot be seen from outside. Express and Fastify need none of this: Express leaves the template on the
 * request, Fastify tells it on a diagnostics channel. Each adapter only names the route; measuring stays where it is. Nothing of a framework is
 * imported: the shapes below are what is used of them.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { nameRoute } from './route-name.ts';

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
      const route = context._matchedRoute;
      if (typeof route === 'string') nameRoute(context.req, route);
      else if (route instanceof RegExp) nameRoute(context.req, String(route));
    }
  };
}

/** What is used of a Hono context on `@hono/node-server`. */
export interface HonoContextLike {
  readonly env: unknown;
  readonly req: { readonly matchedRoutes: readonly { readonly path: string; readonly method: string }[] };
}

/** Hono middleware that names the route: `app.use(honoRoutes())`. Only where the server is node's: elsewhere there is no request to name. */
export function honoRoutes(): (context: HonoContextLike, next: Next) => Promise<void> {
  return async (context, next) => {
    const { incoming } = (context.env ?? {}) as { readonly incoming?: IncomingMessage };
    // Handlers come last; middleware is registered for any method, and usually for a pattern that ends in a star.
    const handler = context.req.matchedRoutes.findLast(({ method, path }) => method !== 'ALL' || !path.endsWith('*'));
    if (incoming !== undefined && handler !== undefined) nameRoute(incoming, handler.path);
    await next();
  };
}

const FASTIFY_HANDLER = 'tracing:fastify.request.handler:start';

interface FastifyMessage {
  readonly request: { readonly raw: IncomingMessage };
  readonly route: { readonly url?: string };
}

/** Names the routes of every Fastify server of this process, through Fastify's own channel. */
export function nameFastifyRoutes(): Disposable {
  const onHandler = (message: unknown): void => {
    const { request, route } = message as FastifyMessage;
    if (typeof route.url === 'string') nameRoute(request.raw, route.url);
  };
  subscribe(FASTIFY_HANDLER, onHandler);
  return { [Symbol.dispose]: () => void unsubscribe(FASTIFY_HANDLER, onHandler) };
}
