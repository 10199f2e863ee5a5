import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Engine } from '@bellwether/monitor/engine';
import { openApp, type HandlerOptions } from './serve-engine.ts';

export interface MountOptions extends HandlerOptions {
  /** Path below which the application mounts it, such as `/monitor`. @default '' */
  readonly base?: string;
}

/** The API and page as a function for the application's own server. It shares the application's event loop. */
export interface MountedApi extends Disposable {
  /** Paths are as the client asked for them, `base` included. */
  readonly handler: (request: Request) => Promise<Response>;
  /** Lines for people about the first token, if there is anything to tell. */
  readonly tokenNotice: string | undefined;
}

function withoutBase(request: Request, base: string): Request {
  if (base === '') return request;
  const url = new URL(request.url);
  if (!url.pathname.startsWith(`${base}/`)) return request;
  url.pathname = url.pathname.slice(base.length);
  return new Request(url, request);
}

/** The page's own addresses are relative, so it must be asked for with a slash at its end. */
function redirect(request: Request, base: string): Response | undefined {
  const url = new URL(request.url);
  if (base === '' || url.pathname !== base) return undefined;
  return new Response(null, { status: 308, headers: { location: `${base}/${url.search}` } });
}

/** Makes the API of an engine mountable in any framework that speaks `Request` and `Response`; see `toNodeHandler` for those that do not. */
export async function createHandler(engine: Engine, options: MountOptions): Promise<MountedApi> {
  const base = (options.base ?? '').replace(/\/+$/, '');
  const { app, tokenNotice } = await openApp(engine, options, { base });
  return {
    handler: async (request) => redirect(request, base) ?? (await app.handle(withoutBase(request, base))),
    tokenNotice,
    [Symbol.dispose]: () => app[Symbol.dispose](),
  };
}

/** For Express, Connect, Fastify's `reply.hijack`, Koa's `ctx.req` and plain `node:http`. */
export function toNodeHandler(handler: MountedApi['handler']): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const listener = getRequestListener((request) => handler(request), { overrideGlobalObjects: false });
  return async (request, response) => {
    // Routers cut the prefix off `url` and keep the whole in `originalUrl`.
    const original = (request as { originalUrl?: unknown }).originalUrl;
    if (typeof original === 'string') request.url = original;
    await listener(request, response);
  };
}
