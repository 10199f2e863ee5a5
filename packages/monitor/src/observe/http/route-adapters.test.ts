import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import KoaRouter from '@koa/router';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { observeHttp } from '../install-observers.ts';
import { createRegistry, type Registry } from '../../instruments/registry.ts';
import { honoRoutes, koaRoutes } from './route-adapters.ts';

let registry: Registry;
let resources: AsyncDisposableStack;

beforeEach(() => {
  registry = createRegistry({ clock: systemClock });
  resources = new AsyncDisposableStack();
  resources.use(observeHttp(registry, { clock: systemClock }));
});
afterEach(() => resources.disposeAsync());

function use(server: Server): Server {
  resources.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

async function urlOf(server: Server): Promise<string> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Asks for each path, then tells the routes that were seen. */
async function routesOf(url: string, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) await (await fetch(url + path)).text();
  const batch = registry.drain(systemClock.nowMs());
  return (batch?.newSeries ?? [])
    .filter(({ name }) => name === 'api_requests_total')
    .map(({ labels }) => `${labels['method']} ${labels['route']} ${labels['status']}`)
    .sort();
}

const PATHS = ['/shops/abc/orders/xyz', '/shops/def/orders/uvw', '/nowhere/x'];
const ROUTES = ['GET (unmatched) 404', 'GET /shops/:shop/orders/:order 200'];

test('Express, with a router mounted on a path', async () => {
  const app = express();
  const router = express.Router({ mergeParams: true });
  router.get('/orders/:order', (_request, response) => void response.send('ok'));
  app.use('/shops/:shop', router);
  const server = use(createServer(app).listen(0, '127.0.0.1'));
  expect(await routesOf(await urlOf(server), PATHS)).toEqual(ROUTES);
});

test('Express, with a full template', async () => {
  const app = express();
  app.get('/shops/:shop/orders/:order', (_request, response) => void response.send('ok'));
  const server = use(createServer(app).listen(0, '127.0.0.1'));
  expect(await routesOf(await urlOf(server), PATHS)).toEqual(ROUTES);
});

test('Fastify, with a prefix', async () => {
  const app = Fastify();
  await app.register(async (shop) => void shop.get('/orders/:order', async () => 'ok'), { prefix: '/shops/:shop' });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  resources.defer(() => app.close());
  expect(await routesOf(url, PATHS)).toEqual(ROUTES);
});

test('Koa with its router', async () => {
  const app = new Koa();
  const router = new KoaRouter();
  router.get('/shops/:shop/orders/:order', (context) => {
    context.body = 'ok';
  });
  app.use(koaRoutes()).use(router.routes());
  const server = use(app.listen(0, '127.0.0.1'));
  expect(await routesOf(await urlOf(server), PATHS)).toEqual(ROUTES);
});

test('Hono on the node server', async () => {
  const app = new Hono().use(honoRoutes()).get('/shops/:shop/orders/:order', (context) => context.text('ok'));
  const server = use(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server);
  expect(await routesOf(await urlOf(server), PATHS)).toEqual(ROUTES);
});
