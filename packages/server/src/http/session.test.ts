import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN_TOKEN, TestApi } from '../testing/test-api.ts';

const HEALTH = '/api/v1/performance/health';
let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

async function signIn(token = ADMIN_TOKEN): Promise<string> {
  const { status, headers } = await api.call('POST', '/api/v1/session', { token: '', body: { token } });
  expect(status).toBe(200);
  return headers.get('set-cookie') ?? '';
}
const pairOf = (cookie: string): string => cookie.split(';', 1)[0] ?? '';

test('signing in sets a cookie that scripts cannot read and other sites cannot send, named after the port', async () => {
  const cookie = await signIn();
  expect(cookie).toMatch(/^bellwether_session_8000=/);
  for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(attribute);
  expect(cookie).not.toContain(ADMIN_TOKEN);
});

test('a wrong token opens no session', async () => {
  const answer = await api.call('POST', '/api/v1/session', { token: '', body: { token: 'wrong-token-0123456789' } });
  expect(answer.body).toMatchObject({ status: 401, code: 'token_invalid' });
  expect(answer.headers.get('set-cookie')).toBeNull();
});

test('a session reads, says whose it is, and signing out removes the cookie', async () => {
  const cookie = pairOf(await signIn());
  expect((await api.get(HEALTH, { token: '', headers: { cookie } })).status).toBe(200);
  const session = await api.get('/api/v1/session', { token: '', headers: { cookie } });
  expect(session.body.data).toMatchObject({ scope: 'admin', name: 'BELLWETHER_TOKEN', expires_at: '2026-01-08T00:00:00.000Z' });
  expect((await api.call('DELETE', '/api/v1/session', { token: '', headers: { cookie } })).headers.get('set-cookie')).toContain(
    'Max-Age=0',
  );
});

test('a session changes things only from our own page', async () => {
  const cookie = pairOf(await signIn());
  const stop = async (headers: Record<string, string>): Promise<number> =>
    (await api.call('POST', '/api/v1/performance/monitoring/stop', { token: '', headers: { cookie, ...headers } })).status;
  expect(await stop({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await stop({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await stop({ origin: 'http://localhost:9999' })).toBe(403);
  expect(await stop({ origin: 'null' })).toBe(403);
  expect(await stop({})).toBe(403);
  expect(await stop({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await stop({ origin: 'http://localhost:8000' })).toBe(200);
});

test('a session of a revoked token, a forged one and one that is over are refused', async () => {
  const { token, id } = (await api.call('POST', '/api/v1/tokens', { body: { name: 'page', scope: 'read' } })).body.data;
  const cookie = pairOf(await signIn(token));
  const status = async (value: string): Promise<number> => (await api.get(HEALTH, { token: '', headers: { cookie: value } })).status;
  expect(await status(cookie)).toBe(200);
  expect(await status(`${cookie}x`)).toBe(401);
  const [name, value = ''] = cookie.split('=');
  const [holder = '', expires = '', signature = ''] = value.split('.');
  expect(await status(`${name}=${holder}.${Number(expires) + 1}.${signature}`)).toBe(401);
  expect(await status(`${name}=${Buffer.from('environment').toString('base64url')}.${expires}.${signature}`)).toBe(401);
  await api.call('DELETE', `/api/v1/tokens/${id}`);
  expect(await status(cookie)).toBe(401);
  const late = pairOf(await signIn());
  api.clock.jumpTo(api.clock.nowMs() + 8 * 86_400_000);
  expect(await status(late)).toBe(401);
});
