import { connect, createServer, type ClientHttp2Session, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { createRegistry, type Registry } from '../../instruments/registry.ts';
import { readSpans } from '../../model/span.ts';
import { Tracer } from '../spans/tracer.ts';
import { observeHttp2Server } from './http2-server.ts';
import { RequestMetrics } from './request-metrics.ts';
import { nameRoute } from './route-name.ts';

let clock: FakeClock;
let registry: Registry;
let tracer: Tracer;
let server: Http2Server;
let client: ClientHttp2Session;
let observed: Disposable;
let arrived: (() => void) | undefined;
const names: string[] = [];

beforeEach(async () => {
  clock = new FakeClock();
  registry = createRegistry({ clock });
  tracer = new Tracer(clock, { ratio: 0 });
  names.length = 0;
  observed = observeHttp2Server(registry, new RequestMetrics(registry), { clock, tracer });
  server = createServer((request, response) => {
    if (request.url === '/never') return arrived?.();
    if (request.url.startsWith('/named')) nameRoute(request, '/named/:slug');
    response.statusCode = request.url === '/nowhere' ? 404 : 200;
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(() => {
  observed[Symbol.dispose]();
  client.destroy();
  server.close();
});

function ask(path: string, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve) => {
    client
      .request({ ':path': path, ...headers })
      .resume()
      .on('close', resolve)
      .end();
  });
}
async function drain(): Promise<Map<string, number>> {
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  names.push(...(batch?.newSeries ?? []).map(({ name, labels }) => [name, ...Object.values(labels)].join(' ')));
  return new Map([...(batch?.slots ?? [])].map((slot, i) => [names[slot] ?? '', Number(batch?.values[i])]));
}
/** The server's end of the next stream closes a moment after the client's. */
function nextClose(): Promise<void> {
  return new Promise((resolve) => server.once('stream', (stream) => stream.once('close', () => setImmediate(resolve))));
}

test('streams are told by method, route template and status', async () => {
  for (const path of ['/orders/1', '/orders/2?token=secret', '/named/thing', '/nowhere']) await Promise.all([nextClose(), ask(path)]);
  const samples = await drain();
  expect(samples.get('api_requests_total GET /orders/:id 200')).toBe(2);
  expect(samples.get('api_requests_total GET /named/:slug 200')).toBe(1);
  expect(samples.get('api_requests_total GET (unmatched) 404')).toBe(1);
  expect(samples.get('api_requests_in_flight')).toBe(0);
});

test('a stream the client gives up is aborted', async () => {
  const closed = nextClose();
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const stream = client.request({ ':path': '/never' });
  stream.on('error', () => {});
  stream.end();
  await arrival;
  expect((await drain()).get('api_requests_in_flight')).toBe(1);
  stream.close(8);
  await closed;
  const samples = await drain();
  expect(samples.get('api_requests_in_flight')).toBe(0);
  expect(samples.get('api_requests_aborted_total GET /never')).toBe(1);
});

test('the caller’s trace is carried on', async () => {
  await Promise.all([nextClose(), ask('/named/x', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })]);
  const batch = tracer.drain(clock.nowMs());
  expect(batch === undefined ? [] : readSpans(batch)).toMatchObject([
    { name: 'GET /named/:slug', traceId: '0af7651916cd43dd8448eb211c80319c', parentId: 'b7ad6b7169203331' },
  ]);
});
