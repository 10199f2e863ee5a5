import { createServer, get, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { observeHttp } from '../install-observers.ts';
import { createRegistry, type Registry } from '../../instruments/registry.ts';
import { nameRoute } from './route-name.ts';

let clock: FakeClock;
let registry: Registry;
let instrument: Disposable;
let server: Server;
const names: string[] = [];

beforeEach(() => {
  clock = new FakeClock();
  registry = createRegistry({ clock });
  instrument = observeHttp(registry, { clock, ignore: (request) => request.url === '/livez' });
  names.length = 0;
});
afterEach(() => {
  instrument[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

async function listen(handler: RequestListener): Promise<string> {
  server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Newest value of each series at the next drain, by name and labels. */
async function drain(): Promise<Map<string, number>> {
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  names.push(...(batch?.newSeries ?? []).map(({ name, labels }) => [name, ...Object.values(labels)].join(' ')));
  return new Map([...(batch?.slots ?? [])].map((slot, i) => [names[slot] ?? '', Number(batch?.values[i])]));
}

test('requests are told by method, route template and status, and probes can be left out', async () => {
  const url = await listen((request, response) => {
    if (request.url?.startsWith('/named') === true) nameRoute(request, '/named/:slug');
    response.statusCode = request.url === '/nowhere' ? 404 : 200;
    response.end('ok');
  });
  for (const path of ['/orders/1', '/orders/2?x=y', '/named/thing', '/nowhere', '/livez']) await (await fetch(url + path)).text();
  const samples = await drain();
  expect(samples.get('api_requests_total GET /orders/:id 200')).toBe(2);
  expect(samples.get('api_requests_total GET /named/:slug 200')).toBe(1);
  expect(samples.get('api_requests_total GET (unmatched) 404')).toBe(1);
  expect(samples.get('api_response_time_count GET /orders/:id 200')).toBe(2);
  expect([...samples.keys()].some((key) => key.includes('livez') && key.startsWith('api_'))).toBe(false);
  expect(samples.get('api_requests_in_flight')).toBe(0);
});

test('the error rate is the share of server errors and falls to 0 when nobody asks', async () => {
  const url = await listen((request, response) => {
    response.statusCode = request.url === '/bad' ? 503 : 200;
    response.end();
  });
  expect((await drain()).get('error_rate')).toBe(0);
  for (const path of ['/', '/', '/bad', '/bad']) await (await fetch(url + path)).text();
  expect((await drain()).get('error_rate')).toBe(0);
  await (await fetch(`${url}/`)).text();
  expect((await drain()).get('error_rate')).toBe(40);
  await clock.advance(10_000);
  expect((await drain()).get('error_rate')).toBe(0);
});

test('a client that goes away is counted as aborted and no longer in flight', async () => {
  const arrived = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const url = await listen((_request, response) => {
    response.on('close', () => closed.resolve());
    arrived.resolve();
  });
  const request = get(`${url}/slow`);
  request.on('error', () => {});
  await arrived.promise;
  expect((await drain()).get('api_requests_in_flight')).toBe(1);
  request.destroy();
  await closed.promise;
  const samples = await drain();
  expect(samples.get('api_requests_in_flight')).toBe(0);
  expect(samples.get('api_requests_aborted_total GET /slow')).toBe(1);
});

test('outgoing requests of fetch and node:http are told by host, failures too', async () => {
  const url = await listen((_request, response) => void response.end('ok'));
  const host = new URL(url).host;
  await (await fetch(url)).text();
  await new Promise<void>((resolve) => void get(url, (response) => response.resume().on('close', () => resolve())));
  await expect(fetch('http://127.0.0.1:1/')).rejects.toThrow('fetch failed');
  const samples = await drain();
  expect(samples.get(`http_client_time_count ${host} GET 200`)).toBe(2);
  expect(samples.get('http_client_errors_total 127.0.0.1:1 GET') ?? 0).toBeLessThanOrEqual(1);
});

test('after disposal nothing is measured', async () => {
  const url = await listen((_request, response) => void response.end());
  instrument[Symbol.dispose]();
  await (await fetch(url)).text();
  expect(await drain()).toEqual(new Map());
});
