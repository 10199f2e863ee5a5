import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createEngine,
  createLocalCaches,
  DEFAULT_THRESHOLDS,
  silentLogger,
  systemClock,
  type RunningEngine,
} from '@bellwether/monitor/engine';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHandler, toNodeHandler } from './mount.ts';
import { serveEngine, type ServedEngine, type ServeOptions } from './serve-engine.ts';

const TOKEN = 'listener-test-token-0123456789';
const HEALTH = '/api/v1/performance/health';
let dataDir: string;
let engine: RunningEngine;
let resources: AsyncDisposableStack;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  dataDir = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  engine = resources.use(
    await createEngine({
      clock: systemClock,
      log: silentLogger,
      dataDir: ':memory:',
      intervalMs: 60_000,
      thresholds: DEFAULT_THRESHOLDS,
      caches: createLocalCaches(systemClock),
      collectHost: false,
    }),
  );
});
afterEach(async () => {
  await resources.disposeAsync();
});

async function serve(options: Partial<ServeOptions> = {}): Promise<ServedEngine> {
  const served = await serveEngine(engine, { host: '127.0.0.1', port: 0, dataDir, token: TOKEN, log: silentLogger, ...options });
  resources.defer(() => served.close());
  return served;
}
const bearer = (token = TOKEN): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe('the address', () => {
  test('a port in use is one line that names it', async () => {
    const { url } = await serve();
    await expect(serve({ port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(new RegExp(`^Port ${new URL(url).port} [^\\n]*BELLWETHER_PORT[^\\n]*$`)),
    });
  });

  test('beyond loopback a token from outside is needed', async () => {
    await expect(serve({ host: '0.0.0.0', token: undefined })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('BELLWETHER_TOKEN'),
    });
    expect((await fetch(`${(await serve({ host: '0.0.0.0' })).url}${HEALTH}`, bearer())).status).toBe(200);
  });

  test('a name that points here from elsewhere is refused', async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`GET ${HEALTH} HTTP/1.1\r\nHost: attacker.example\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString())).on('end', () => resolve(text));
    });
    expect(answer).toContain('421');
    expect(answer).toContain('host_refused');
  });
});

describe('the first token', () => {
  test('is told once, kept in a private file until its first use, and goes on working', async () => {
    const { url, tokenNotice } = await serve({ token: undefined });
    const file = path.join(dataDir, 'token');
    const token = readFileSync(file, 'utf8').trim();
    expect(tokenNotice).toContain(token);
    expect(token.length).toBeGreaterThanOrEqual(24);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await fetch(url + HEALTH, bearer('wrong-token-0123456789'))).status).toBe(401);
    expect(existsSync(file)).toBe(true);
    expect((await fetch(url + HEALTH, bearer(token))).status).toBe(200);
    expect(existsSync(file)).toBe(false);
    expect((await fetch(url + HEALTH, bearer(token))).status).toBe(200);
  });

  test('is not made again at the next start, nor told again', async () => {
    const first = await serve({ token: undefined });
    const token = readFileSync(path.join(dataDir, 'token'), 'utf8').trim();
    await first.close();
    const waiting = await serve({ token: undefined });
    expect(waiting.tokenNotice).not.toContain(token);
    expect(waiting.tokenNotice).toContain(path.join(dataDir, 'token'));
    await fetch(waiting.url + HEALTH, bearer(token));
    await waiting.close();
    expect((await serve({ token: undefined })).tokenNotice).toBeUndefined();
  });

  test('is not made when one is given from outside', async () => {
    expect((await serve()).tokenNotice).toBeUndefined();
    expect(existsSync(path.join(dataDir, 'token'))).toBe(false);
  });
});

describe('on a socket', () => {
  test('a body over the limit is answered, not cut off', async () => {
    const { url } = await serve();
    const body = JSON.stringify({ tags: ['x'.repeat(3_000_000)] });
    const response = await fetch(`${url}/api/v1/performance/cache/clear`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'body_too_large' });
  });

  test('closing ends live views at once and is done although a client holds on', async () => {
    const served = await serve();
    const stream = await fetch(`${served.url}/api/v1/performance/stream`, bearer());
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const idle = connect(Number(new URL(served.url).port), '127.0.0.1');
    idle.on('error', () => {});
    const beganMs = performance.now();
    await served.close();
    expect(performance.now() - beganMs).toBeLessThan(4000);
    while (!(await reader.read()).done);
    await served.close();
  });

  test('bytes that are no HTTP do no harm', async () => {
    const { url } = await serve();
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('\x16\x03\x01\x02\x00nonsense\r\n\r\n'));
      socket.on('close', () => resolve()).on('error', () => {});
      socket.resume();
    });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });
});

describe('mounted in an application', () => {
  test('it answers below its path only, and says its own paths', async () => {
    using mounted = await createHandler(engine, { base: '/monitor/', dataDir, token: TOKEN, log: silentLogger });
    const ask = (pathname: string, init: RequestInit = bearer()): Promise<Response> =>
      mounted.handler(new Request(`http://shop.example${pathname}`, init));
    expect((await ask(`/monitor${HEALTH}`)).status).toBe(200);
    expect((await ask(`/monitor${HEALTH}`, {})).status).toBe(401);
    expect((await ask('/monitor?a=1')).headers.get('location')).toBe('/monitor/?a=1');
    expect(await (await ask('/monitor/api/v1/nothing')).json()).toMatchObject({ type: '/monitor/api/docs#problem-route_unknown' });
    const session = await ask('/monitor/api/v1/session', {
      method: 'POST',
      body: JSON.stringify({ token: TOKEN }),
      headers: { 'content-type': 'application/json' },
    });
    expect(session.headers.get('set-cookie')).toContain('Path=/monitor/');
  });

  test('it serves a plain Node server, also behind a router that cuts the path off', async () => {
    using mounted = await createHandler(engine, { base: '/monitor', dataDir, token: TOKEN, log: silentLogger });
    const handle = toNodeHandler(mounted.handler);
    const server = createServer((request, response) => {
      Object.assign(request, { originalUrl: request.url, url: request.url?.replace('/monitor', '') });
      void handle(request, response);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${port}/monitor${HEALTH}`, bearer())).status).toBe(200);
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
});
