import { expect, test } from 'vitest';
import { REDACTED, redactLabels, redactText } from './redact-labels.ts';

test.each([
  'password',
  'db_password',
  'userPassword',
  'api_key',
  'apiKey',
  'token',
  'access_token',
  'Authorization',
  'cookie',
  'session_id',
  'email',
  'card_number',
])('a label named %s is a secret whatever its value', (name) => expect(redactLabels({ [name]: 'plain' })).toEqual({ [name]: REDACTED }));

test.each([
  ['postgres://app:s3cret@db.internal:5432/orders', `postgres://${REDACTED}@db.internal:5432/orders`],
  ['redis://:hunter2@cache:6379', `redis://${REDACTED}@cache:6379`],
  ['Server=db;User Id=app;Password=s3cret;', `Server=db;User Id=app;Password=${REDACTED};`],
  ['/login?user=a&token=abcdef', `/login?user=a&token=${REDACTED}`],
  ['Bearer abcdefghijkl', `Bearer ${REDACTED}`],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', REDACTED],
  ['mail to ann.b+c@example.co.uk now', `mail to ${REDACTED} now`],
  ['card 4111 1111 1111 1111', `card ${REDACTED}`],
  ['ghp_abcdefghijklmnop1234', REDACTED],
])('%s is cleaned', (text, clean) => expect(redactText(text)).toBe(clean));

test.each([
  '/orders/:id',
  'GET',
  '200',
  'SELECT * FROM users WHERE token = ? AND id = $1',
  'ord-2024-000123',
  '4111 1111 1111 1112',
  '2026-01-01T00:00:00Z',
  'key_metrics_overview',
])('%s is left alone', (text) => expect(redactText(text)).toBe(text));

test('labels without secrets come back as they are', () => {
  const labels = { route: '/orders/:id', method: 'GET' };
  expect(redactLabels(labels)).toBe(labels);
});

test('a text made to be slow is not', () => {
  const started = performance.now();
  for (const part of ['a@', 'token=', 'eyJ', '1 ', 'a.', '://:']) redactText(part.repeat(1024 / part.length));
  expect(performance.now() - started).toBeLessThan(500);
});
