import { channel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { createRegistry, type Registry } from '../instruments/registry.ts';
import { installObservers } from './install-observers.ts';
import { Tracer } from './spans/tracer.ts';

const CHANNELS = [
  'http.server.request.start',
  'http.server.response.finish',
  'http2.server.stream.close',
  'http.client.request.created',
  'undici:request:create',
  'tracing:fastify.request.handler:start',
  'tracing:mysql2:query:start',
  'tracing:node-redis:command:asyncStart',
];
const METHODS = [DatabaseSync.prototype.prepare, DatabaseSync.prototype.exec, StatementSync.prototype.run, StatementSync.prototype.all];

async function serveOnce(): Promise<void> {
  const server = createServer((_request, response) => void response.end('ok')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/orders/1`)).text();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  new DatabaseSync(':memory:').exec('SELECT 1');
}
const requestsOf = (registry: Registry): number | undefined => registry.localSummary().get('api_response_time')?.samples;
const statementsOf = (registry: Registry): number | undefined => registry.localSummary().get('database_query_time')?.samples;

test('two that watch one process see everything once each, and the process is as before when both have gone', async () => {
  const clock = new FakeClock();
  const [one, other] = [createRegistry({ clock }), createRegistry({ clock })];
  const first = installObservers(one, { clock, tracer: new Tracer(clock) });
  const second = installObservers(other, { clock });
  await serveOnce();
  expect([requestsOf(one), requestsOf(other), statementsOf(one), statementsOf(other)]).toEqual([1, 1, 1, 1]);
  first[Symbol.dispose]();
  await serveOnce();
  expect([requestsOf(one), requestsOf(other), statementsOf(one), statementsOf(other)]).toEqual([1, 2, 1, 2]);
  second[Symbol.dispose]();
  expect(CHANNELS.filter((name) => channel(name).hasSubscribers)).toEqual([]);
  await serveOnce();
  expect([requestsOf(other), statementsOf(other)]).toEqual([2, 2]);
});

test('what is installed, disposed of and installed again works as at first', async () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  for (let i = 0; i < 3; i++) {
    const installed = installObservers(registry, { clock });
    await serveOnce();
    installed[Symbol.dispose]();
    installed[Symbol.dispose]();
  }
  expect([requestsOf(registry), statementsOf(registry)]).toEqual([3, 3]);
  expect(
    [DatabaseSync.prototype.prepare, DatabaseSync.prototype.exec, StatementSync.prototype.run, StatementSync.prototype.all].map(
      ({ name }) => name,
    ),
  ).toEqual(METHODS.map(({ name }) => name));
});

test('parts that are not wanted are not installed', () => {
  const clock = new FakeClock();
  using _installed = installObservers(createRegistry({ clock }), { clock, http: false, databases: false });
  expect(CHANNELS.filter((name) => channel(name).hasSubscribers)).toEqual([]);
});

test('a tracer that fails stops neither a request nor a statement nor the process', async () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const broken = new Proxy(new Tracer(clock), {
    get() {
      throw new Error('ours');
    },
  });
  using _installed = installObservers(registry, { clock, tracer: broken });
  await serveOnce();
  expect(registry.dropped('observer_failed')).toBeGreaterThan(0);
});
