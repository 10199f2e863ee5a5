import { createServer, get, request as httpRequest, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { createRegistry, type Registry } from '../../instruments/registry.ts';
import { readSpans } from '../../model/span.ts';
import { Tracer } from '../spans/tracer.ts';
import { observeHttpClient } from './http-client.ts';

let clock: FakeClock;
let registry: Registry;
let tracer: Tracer;
let observed: Disposable;
let server: Server;

beforeEach(() => {
  clock = new FakeClock();
  registry = createRegistry({ clock });
  tracer = new Tracer(clock, { ratio: 1 });
  observed = observeHttpClient(registry, { clock, tracer });
});
afterEach(() => {
  observed[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

async function listen(handler: RequestListener): Promise<string> {
  server = createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
/** Reads to the end; resolves when the connection is done with it. */
function read(address: string, headers: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    get(address, { headers }, (response) => response.resume().once('close', resolve)).on('error', reject);
  });
}
/** Newest value of each series, by name and label values. */
async function drain(): Promise<Map<string, number>> {
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  const nameOf = (slot: number): string => {
    const { name = '', labels = {} } = batch?.newSeries[slot] ?? {};
    return [name, ...Object.values(labels)].join(' ').replace(/127\.0\.0\.1:\d+/, 'HOST');
  };
  return new Map([...(batch?.slots ?? [])].map((slot, i) => [nameOf(slot), Number(batch?.values[i])]));
}

test('requests of fetch and node:http are told with their phases', async () => {
  const url = await listen((_request, response) => void response.end('ok'));
  await read(url);
  await (await fetch(url)).text();
  const samples = await drain();
  expect(samples.get('http_client_time_count HOST GET 200')).toBe(2);
  expect(samples.get('http_client_phase_time_count HOST first_byte')).toBe(2);
  expect(samples.get('http_client_phase_time_count HOST connect')).toBe(1);
  expect(samples.get('http_client_phase_time_count HOST connection')).toBe(1);
});

test('a response that breaks off is an error', async () => {
  const url = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    get(url, (response: IncomingMessage) =>
      response
        .on('error', () => {})
        .resume()
        .once('close', resolve),
    );
  });
  const samples = await drain();
  expect(samples.get('http_client_errors_total HOST GET')).toBe(1);
  expect(samples.get('http_client_time_count HOST GET error')).toBe(1);
});

test('those who are called learn whose request it is; what the application set stays, and without a request nothing is told', async () => {
  const told: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    told.push(request.headers['traceparent'] as string | undefined);
    response.end();
  });
  const root = tracer.root({ kind: 'server', name: 'GET /' });
  const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  await tracer.run(root, async () => {
    await read(url);
    await (await fetch(url)).text();
    await read(url, { traceparent: own });
    await (await fetch(url, { headers: { TraceParent: own } })).text();
  });
  await read(url);
  tracer.end(root);
  const batch = tracer.drain(clock.nowMs());
  const spans = batch === undefined ? [] : readSpans(batch);
  const clients = spans.filter(({ kind }) => kind === 'client');
  expect(clients).toHaveLength(4);
  const expected = clients.slice(0, 2).map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
  expect(told).toEqual([...expected, own, own, undefined]);
  expect(clients.every(({ parentId }) => parentId === spans.find(({ kind }) => kind === 'server')?.spanId)).toBe(true);
});

test('headers given as a list are left as they are', async () => {
  const told: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    told.push(request.headers['traceparent'] as string | undefined);
    response.end();
  });
  const root = tracer.root({ kind: 'server', name: 'GET /' });
  await tracer.run(
    root,
    () =>
      new Promise<void>((resolve) => {
        httpRequest(url, { headers: ['Host', 'x', 'X-Mine', '1'] }, (response) => response.resume().once('close', resolve)).end();
      }),
  );
  expect(told).toEqual([undefined]);
});

test('neither credentials nor paths nor queries are told, and hosts are bounded', async () => {
  const url = await listen((_request, response) => void response.end());
  const { host } = new URL(url);
  await read(`http://ada:hunter2@${host}/reset/secret-path?token=secret-query`);
  for (let i = 0; i < 250; i++) await read(url, { host: `host-${i}.example` });
  const names = [...(await drain()).keys()];
  expect(names.join('\n')).not.toMatch(/hunter2|ada|secret/);
  expect(names.filter((name) => name.startsWith('http_client_time_count')).length).toBe(201);
  expect(names).toContain('http_client_time_count (other) GET 200');
});
