import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, TestApi } from '../testing/test-api.ts';

const BASE = '/api/v1/performance';
let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

describe('who may do what', () => {
  test.each([
    ['no token', '', 'token_missing'],
    ['an unknown token', 'an-unknown-token-0123456789', 'token_invalid'],
  ])('%s is answered 401 with a challenge', async (_, token, code) => {
    const answer = await api.get(`${BASE}/health`, { token });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.body).toMatchObject({ status: 401, code, title: expect.any(String), hint: expect.any(String) });
  });

  test('a token in the address is no token', async () => {
    expect((await api.get(`${BASE}/health?token=${ADMIN_TOKEN}`, { token: '' })).status).toBe(401);
  });

  test('reading needs the scope read, changing admin, pushing ingest', async () => {
    const read = await api.newToken('read');
    const ingest = await api.newToken('ingest');
    expect((await api.get(`${BASE}/health`, { token: read })).status).toBe(200);
    expect((await api.get(`${BASE}/health`, { token: ingest })).status).toBe(403);
    expect((await api.call('POST', `${BASE}/cache/clear`, { token: read })).body).toMatchObject({
      status: 403,
      code: 'scope_insufficient',
    });
    expect((await api.call('POST', '/v1/metrics', { token: read, body: {} })).status).toBe(403);
    expect((await api.call('POST', '/v1/metrics', { token: ingest, body: {} })).status).toBe(200);
    expect((await api.call('POST', `${BASE}/cache/clear`)).status).toBe(200);
  });

  test('a revoked token stops working', async () => {
    const made = await api.call('POST', '/api/v1/tokens', { body: { name: 'ci', scope: 'read' } });
    expect(made.status).toBe(201);
    const { token, id } = made.body.data;
    expect((await api.get(`${BASE}/health`, { token })).status).toBe(200);
    expect((await api.call('DELETE', `/api/v1/tokens/${id}`)).status).toBe(200);
    expect((await api.get(`${BASE}/health`, { token })).status).toBe(401);
    expect((await api.call('DELETE', `/api/v1/tokens/${id}`)).status).toBe(404);
  });

  test('no answer but the one that makes a token holds its text or hash', async () => {
    const token = await api.newToken('read');
    const listed = await api.get('/api/v1/tokens');
    expect(listed.body.data.tokens.map((one: { scope: string }) => one.scope)).toContain('read');
    expect(listed.text).not.toContain(token);
    expect(listed.text).not.toMatch(/[0-9a-f]{64}/);
    expect(JSON.stringify(await api.engine.state.db.selectFrom('tokens').selectAll().execute())).not.toContain(token);
  });

  test('changes and refusals leave one audit line each, without secrets', async () => {
    const read = await api.newToken('read');
    await api.call('POST', `${BASE}/monitoring/stop`);
    await api.call('POST', `${BASE}/monitoring/stop`, { token: read });
    await api.get(`${BASE}/health`, { token: 'an-unknown-token-0123456789' });
    const { entries } = (await api.get('/api/v1/audit')).body.data;
    const lines = entries.map((entry: Record<string, string>) => [entry['actor'], entry['action'], entry['outcome']].join(' | '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'BELLWETHER_TOKEN | monitoring.stop | done',
        'a read token | monitoring.stop | scope_insufficient',
        `192.0.2.1 | GET ${BASE}/health | token_invalid`,
      ]),
    );
    expect(JSON.stringify(entries)).not.toContain(read);
    expect(JSON.stringify(entries)).not.toContain('an-unknown-token');
  });

  test('equal refusals within a minute are one audit line', async () => {
    for (let i = 0; i < 20; i++) await api.get(`${BASE}/health`, { token: 'an-unknown-token-0123456789' });
    expect((await api.get('/api/v1/audit')).body.data.count).toBe(1);
  });
});

describe('limits', () => {
  test('a token over its rate is answered 429 with Retry-After, another token is not', async () => {
    await using small = await TestApi.open({ limits: { requestsPerMinute: 2 } });
    const other = await small.newToken('read');
    await small.get(`${BASE}/health`);
    await small.get(`${BASE}/health`);
    const refused = await small.get(`${BASE}/health`);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body.code).toBe('rate_limited');
    expect((await small.get(`${BASE}/health`, { token: other })).status).toBe(200);
  });

  test('wrong tokens from one address are answered 429 after some, and do not lock out the right one', async () => {
    await using small = await TestApi.open({ limits: { failedLoginsPerMinute: 3 } });
    const wrong = { token: 'wrong-token-0123456789' };
    for (let i = 0; i < 3; i++) expect((await small.get(`${BASE}/health`, wrong)).status).toBe(401);
    expect((await small.get(`${BASE}/health`, wrong)).status).toBe(429);
    expect((await small.call('POST', '/api/v1/session', { token: '', body: wrong })).status).toBe(429);
    expect((await small.get(`${BASE}/health`, { ...wrong, address: '192.0.2.9' })).status).toBe(401);
    expect((await small.get(`${BASE}/health`)).status).toBe(200);
  });

  test('a body over 1 MiB is refused by what it says and by what it sends', async () => {
    const big = JSON.stringify({ tags: ['x'.repeat(1_100_000)] });
    expect((await api.call('POST', `${BASE}/cache/clear`, { body: big })).body.code).toBe('body_too_large');
    const chunk = new Uint8Array(64 * 1024).fill(32);
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    expect((await api.call('POST', `${BASE}/cache/clear`, { body: endless })).status).toBe(413);
    expect(sent).toBeLessThan(2 * 1024 ** 2);
  });
});

describe('bad requests', () => {
  test('an unknown route is 404, a wrong method 405 with Allow', async () => {
    expect((await api.get(`${BASE}/nothing`)).body).toMatchObject({ status: 404, code: 'route_unknown' });
    const wrong = await api.call('DELETE', `${BASE}/health`);
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, HEAD');
    expect((await api.call('PATCH', `${BASE}/thresholds`)).headers.get('allow')).toBe('GET, HEAD, PUT');
  });

  test.each([
    ['alerts?severity=urgent', ['low', 'medium', 'high', 'critical']],
    ['recommendations?priority=extreme', ['low', 'medium', 'high', 'critical']],
    ['recommendations?category=astrology', ['database', 'cache', 'cpu']],
  ])('%s names the allowed values', async (path, allowed) => {
    const { status, body } = await api.get(`${BASE}/${path}`);
    expect(status).toBe(400);
    for (const value of allowed) expect(body.detail).toContain(value);
    expect(body.detail).not.toContain('use one of: ,');
    expect(body.code).toBe('parameter_invalid');
  });

  test('a misspelt parameter or field is answered with the right one', async () => {
    expect((await api.get(`${BASE}/alerts?sevrity=high`)).body).toMatchObject({
      code: 'parameter_unknown',
      detail: expect.stringContaining('did you mean "severity"?'),
    });
    expect((await api.call('POST', `${BASE}/cache/clear`, { body: { tag: ['a'] } })).body).toMatchObject({
      code: 'body_invalid',
      detail: expect.stringContaining('did you mean "tags"?'),
    });
  });

  test.each([
    ['malformed JSON', '{"tags":', 'body_malformed'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'body_malformed'],
    ['a wrong type', { tags: 'user' }, 'body_invalid'],
    ['a list for an object', [], 'body_invalid'],
    ['null', 'null', 'body_invalid'],
  ])('%s is refused', async (_, body, code) => {
    const answer = await api.call('POST', `${BASE}/cache/clear`, { body });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe(code);
  });

  test('an unknown media type is 415', async () => {
    const answer = await api.call('POST', `${BASE}/cache/clear`, {
      body: 'tags=user',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.body).toMatchObject({ status: 415, code: 'media_type_unsupported' });
  });

  test('a failure nobody expected tells nothing of itself', async () => {
    api.engine.caches.stats = () => Promise.reject(new Error('secret detail at /home/somebody'));
    const answer = await api.get(`${BASE}/cache/stats`);
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret detail');
    expect(answer.text).not.toMatch(/\.ts:|\bat /);
  });

  test('a host name that is not ours is refused when served on loopback', async () => {
    await using local = await TestApi.open({ allowedHosts: ['bell.internal'] });
    for (const host of ['localhost:8000', '127.0.0.1:8000', '[::1]:8000', 'bell.internal'])
      expect((await local.get('/livez', { headers: { host } })).status, host).toBe(200);
    for (const host of ['attacker.example', 'localhost.attacker.example', '127.0.0.1.attacker.example'])
      expect((await local.get('/livez', { headers: { host } })).body.code, host).toBe('host_refused');
  });
});

test('every answer carries the headers that keep browsers safe', async () => {
  for (const path of ['/livez', `${BASE}/health`, '/nothing', '/api/docs']) {
    const { headers } = await api.get(path);
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy'), path).toBe('no-referrer');
  }
});

test('HEAD is answered as GET without a body', async () => {
  const answer = await api.call('HEAD', `${BASE}/health`);
  expect(answer.status).toBe(200);
  expect(answer.text).toBe('');
});

test('the probes need no token and tell nothing', async () => {
  for (const path of ['/livez', '/readyz']) {
    const { status, text } = await api.get(path, { token: '' });
    expect(status).toBe(200);
    expect(text).toBe('ok\n');
  }
});
