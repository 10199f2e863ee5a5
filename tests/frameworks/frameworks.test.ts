import { spawnSync } from 'node:child_process';
import { connect } from 'node:http2';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasFrameworks, WatchedApp } from './watched-app.ts';

const LABELS = ['method', 'route', 'status'];
const EXPECTED = ['GET (unmatched) 404', 'GET /broken 500', 'GET /shops/:shop/orders/:order 200'];

function http2Get(url: string, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connect(url, () => {
      const stream = session.request({ ':path': address });
      stream
        .resume()
        .on('end', () => session.close(resolve))
        .on('error', reject)
        .end();
    });
    session.on('error', reject);
  });
}

describe.skipIf(!hasFrameworks).concurrent('a program watched from outside has its routes told by template', { timeout: 90_000 }, () => {
  test.each(['express.cjs', 'fastify.mjs', 'koa.mjs', 'koa.cjs', 'hono.mjs', 'nest.cjs', 'fastify-http2.mjs'])('%s', async (file) => {
    await using app = await WatchedApp.start(file);
    const get = file.includes('http2') ? (address: string) => http2Get(app.url, address) : (address: string) => app.get(address);
    for (const address of ['/shops/north/orders/1?token=secret', '/shops/south/orders/2', '/broken', '/wp-login.php']) await get(address);
    const found = await app.series('api_requests_total', LABELS, (series) => Object.keys(series).length >= 3);
    expect(Object.keys(found).toSorted(), app.output).toEqual(EXPECTED);
    expect(found['GET /shops/:shop/orders/:order 200']).toBe(2);
  });
});

describe.skipIf(!hasFrameworks)('Next.js', { timeout: 90_000 }, () => {
  beforeAll(() => {
    const folder = path.join(import.meta.dirname, 'next-app');
    const next = path.join(import.meta.dirname, 'node_modules/next/dist/bin/next');
    const built = spawnSync(process.execPath, [next, 'build'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NEXT_TELEMETRY_DISABLED: '1' },
    });
    if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  }, 180_000);

  test('a route handler is told by the pattern of its file', async () => {
    await using app = await WatchedApp.start('next.cjs', { env: { NEXT_TELEMETRY_DISABLED: '1' } });
    for (const address of ['/orders/1', '/orders/2', '/nothing/here']) await app.get(address);
    const found = await app.series('api_requests_total', LABELS, (series) => Object.keys(series).length >= 2);
    expect(found, app.output).toEqual({ 'GET /orders/[id] 200': 2, 'GET (unmatched) 404': 1 });
  });
});
