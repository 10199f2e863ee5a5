import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Router } from './router.ts';

it('leaves the template of the route on the request, as Express does, and gives its parameters', async () => {
  const router = new Router();
  let seen: object | undefined;
  router.add('GET', '/markets/:id/book', ({ parameters }) => parameters);
  const server = http.createServer((request, response) => {
    seen = request;
    void router.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/markets/17/book?depth=3`);
  expect(await response.json()).toEqual({ id: '17' });
  expect(seen).toMatchObject({ route: { path: '/markets/:id/book' } });
  server.close();
});
