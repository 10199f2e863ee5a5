import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_TOKEN, TestApi, type Answer } from '../testing/test-api.ts';
import { allRoutes } from './routes.ts';
import type { Route } from './route.ts';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.open({ limits: { requestsPerMinute: 1e9, pushesPerMinute: 1e9 } });
  await api.record('cpu_usage', 10);
  // Once primed, starting again needs no time to pass.
  const started = api.engine.startCollection();
  await api.clock.advance(1000);
  await started;
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const routes = allRoutes().filter((route) => !route.path.endsWith('/stream'));
const anyRoute = fc.constantFrom(...routes);
const nasty = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    'NaN',
    'Infinity',
    '1e999',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '%00',
    '{}',
    '[]',
    'null',
    'true',
    "' or 1=1 --",
    '\u0000',
    '𝒳',
    '1d',
    '2026-01-01T00:00:00Z',
    'up',
    '{__name__=~".+"}',
  ),
);
const anyQuery = fc.array(
  fc.tuple(
    fc.oneof(
      nasty,
      fc.constantFrom(
        'severity',
        'priority',
        'category',
        'limit',
        'offset',
        'tag',
        'from',
        'to',
        'step',
        'metric',
        'query',
        'time',
        'start',
        'end',
        'timeout',
        'match[]',
        'filter',
        'active',
        'before',
        'instance',
      ),
    ),
    nasty,
  ),
  { maxLength: 5 },
);
const anyBody = fc.oneof(
  fc.constant(undefined),
  fc.json(),
  nasty,
  fc.uint8Array({ maxLength: 64 }),
  fc.record(
    {
      tags: fc.jsonValue(),
      interval: fc.jsonValue(),
      matchers: fc.jsonValue(),
      ends_at: fc.jsonValue(),
      token: fc.jsonValue(),
      name: fc.jsonValue(),
      scope: fc.jsonValue(),
      cpu_usage: fc.jsonValue(),
      resourceMetrics: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);
const anyType = fc.constantFrom(
  'application/json',
  'application/x-protobuf',
  'application/x-www-form-urlencoded',
  'text/plain',
  '',
  'a;b;c',
);

function pathOf(route: Route, parameter: string): string {
  return route.path.replaceAll(/:\w+/g, encodeURIComponent(parameter.toWellFormed()));
}

async function send(
  route: Route,
  input: {
    readonly query: readonly (readonly [string, string])[];
    readonly parameter: string;
    readonly body: unknown;
    readonly type: string;
  },
): Promise<Answer> {
  const search = new URLSearchParams(input.query.map(([name, value]): [string, string] => [name, value])).toString();
  const body = route.method === 'GET' ? undefined : input.body;
  const plain = body === null ? 'null' : body;
  return await api.call(route.method, `${pathOf(route, input.parameter)}?${search}`, {
    body: plain,
    headers: { 'content-type': input.type },
  });
}

test('property: no request to any route ends in an unexpected failure, and every refusal says why', async () => {
  await fc.assert(
    fc.asyncProperty(anyRoute, anyQuery, nasty, anyBody, anyType, async (route, query, parameter, body, type) => {
      const answer = await send(route, { query, parameter, body, type });
      expect(answer.status, `${route.method} ${route.path}: ${answer.text}`).not.toBe(500);
      if (answer.status < 400) return;
      expect(answer.headers.get('content-type')).toMatch(/json/);
      expect(answer.body).toMatchObject({ code: expect.any(String), hint: expect.any(String) });
      expect(answer.text.length).toBeLessThan(20_000);
    }),
    { numRuns: 1500 },
  );
});

test('property: without a token only public routes do anything', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRoute,
      fc.constantFrom('', 'x', ADMIN_TOKEN.slice(0, -1), `${ADMIN_TOKEN}x`, ADMIN_TOKEN.toUpperCase()),
      async (route, token) => {
        const answer = await api.call(route.method, pathOf(route, 'x'), { token, address: String(token.length) });
        if (route.scope === 'public') expect(answer.status).not.toBe(500);
        else expect([401, 429]).toContain(answer.status);
      },
    ),
    { numRuns: 300 },
  );
});

test('after all that the server still answers rightly', async () => {
  expect((await api.get('/readyz')).text).toBe('ok\n');
  expect((await api.get('/api/v1/performance/metrics/summary')).body.data.health_score).toBeGreaterThanOrEqual(0);
});
