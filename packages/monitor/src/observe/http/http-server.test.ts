import { createServer, get, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { observeHttp } from '../install-observers.ts';
import { createRegistry, type Registry } from '../../instruments/registry.ts';
import { Tracer } from '../spans/tracer.ts';
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

test('a stream of events the client leaves is a request, neither aborted nor slow nor a trace', async () => {
  instrument[Symbol.dispose]();
  const tracer = new Tracer(clock, { ratio: 1 });
  instrument = observeHttp(registry, { clock, tracer, client: false });
  const closed = Promise.withResolvers<void>();
  const url = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    response.on('close', () => closed.resolve());
  });
  await new Promise<void>((resolve) => {
    const request = get(`${url}/stream`, (response) => {
      response.on('error', () => {});
      response.once('data', () => {
        request.destroy();
        resolve();
      });
    });
  });
  await closed.promise;
  await clock.advance(60_000);
  const samples = await drain();
  expect(samples.get('api_requests_total GET /stream 200')).toBe(1);
  expect(samples.get('api_requests_in_flight')).toBe(0);
  expect([...samples.keys()].filter((name) => /aborted|response_time/.test(name))).toEqual([]);
  expect(tracer.drain(clock.nowMs())).toBeUndefined();
});

test('sizes on the wire are told in all, whatever the framing and the number of requests on a connection', async () => {
  const url = await listen((request, response) => {
    request.resume().on('end', () => {
      response.write('x'.repeat(1000));
      response.end('y'.repeat(500));
    });
  });
  for (let i = 0; i < 3; i++) await (await fetch(`${url}/upload`, { method: 'POST', body: 'z'.repeat(10_000) })).text();
  const samples = await drain();
  const [sent, answered] = [
    samples.get('api_request_bytes_total POST /upload') ?? 0,
    samples.get('api_response_bytes_total POST /upload') ?? 0,
  ];
  expect(sent).toBeGreaterThanOrEqual(30_000);
  expect(sent).toBeLessThan(33_000);
  expect(answered).toBeGreaterThanOrEqual(4500);
  expect(answered).toBeLessThan(6000);
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
