import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TestApi } from '../testing/test-api.ts';

const parent = mkdtempSync(path.join(tmpdir(), 'bellwether-page-'));
const webRoot = path.join(parent, 'web');
mkdirSync(path.join(webRoot, 'assets'), { recursive: true });
writeFileSync(path.join(webRoot, 'index.html'), `<!doctype html><title>Bellwether</title>${'<p>padding</p>'.repeat(50)}`);
writeFileSync(path.join(webRoot, 'assets/app-1a2b.js'), 'export {};');
writeFileSync(path.join(parent, 'secret.js'), 'secret');
afterAll(() => rmSync(parent, { recursive: true }));

test('the page needs no token, its hashed files are cached for ever, the page itself never', async () => {
  await using api = await TestApi.open({ webRoot });
  const page = await api.get('/', { token: '' });
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.text).toContain('Bellwether');
  expect((await api.get('/assets/app-1a2b.js', { token: '' })).headers.get('cache-control')).toContain('immutable');
});

test('it is compressed for whoever asks, unless that makes it longer', async () => {
  await using api = await TestApi.open({ webRoot });
  const zipped = async (file: string, accept: string): Promise<string | null> =>
    (await api.get(file, { headers: { 'accept-encoding': accept } })).headers.get('content-encoding');
  expect(await zipped('/', 'br, gzip')).toBe('gzip');
  expect(await zipped('/', 'gzip;q=0, br')).toBeNull();
  expect(await zipped('/', '')).toBeNull();
  expect(await zipped('/assets/app-1a2b.js', 'gzip')).toBeNull();
});

test.each([
  '/../secret.js',
  '/%2e%2e/secret.js',
  '/assets/..%2f..%2fsecret.js',
  '/assets/%5c..%5csecret.js',
  '//secret.js',
  '/index.html%00.js',
])('nothing outside the page is reached by %s', async (file) => {
  await using api = await TestApi.open({ webRoot });
  const answer = await api.get(file);
  expect(answer.status).toBe(404);
  expect(answer.text).not.toContain('secret;');
});

test('without a build there is no page and everything else works', async () => {
  await using api = await TestApi.open();
  expect((await api.get('/')).body.code).toBe('route_unknown');
});
