import { expect, test } from 'vitest';
import { guessTemplate, RouteGuesser } from './route-name.ts';

test.each([
  ['/', '/'],
  ['/orders?x=1', '/orders'],
  ['/orders/123', '/orders/:id'],
  ['/orders/ORD-2024-001/items/', '/orders/:id/items'],
  ['/users/3fa85f64-5717-4562-b3fc-2c963f66afa6', '/users/:id'],
  ['/api/v1/performance/metrics/summary', '/api/v1/performance/metrics/summary'],
  ['/blobs/deadbeefdeadbeef', '/blobs/:id'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
  ['/mail/ann%40example.com', '/mail/:id'],
  ['/oauth2/login', '/oauth2/login'],
])('%s is %s', (url, template) => expect(guessTemplate(url)).toBe(template));

test('strangers cannot make up more routes than the limit', () => {
  const guesser = new RouteGuesser(10);
  const routes = new Set(
    Array.from({ length: 1000 }, (_, i) => guesser.guess(`/${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}`)),
  );
  expect(routes.size).toBe(11);
  expect(routes).toContain('(other)');
});
