import { expect, it } from 'vitest';
import { parseCacheEnvironment } from './environment.ts';

it('has the defaults of the contract', () => {
  expect(parseCacheEnvironment({ CACHE_MAX_SIZE: '' })).toEqual({ maxSize: 2000, defaultTtl: 3600, cleanupInterval: 300 });
});
it('reads the variables', () => {
  const env = { CACHE_MAX_SIZE: '10', CACHE_DEFAULT_TTL: '0.5', CACHE_CLEANUP_INTERVAL: ' 60 ' };
  expect(parseCacheEnvironment(env)).toEqual({ maxSize: 10, defaultTtl: 0.5, cleanupInterval: 60 });
});
it.each([
  ['CACHE_MAX_SIZE', '0', 'a whole number of entries from 1 to 16777215'],
  ['CACHE_MAX_SIZE', '1.5', 'a whole number'],
  ['CACHE_MAX_SIZE', 'many', 'a whole number'],
  ['CACHE_DEFAULT_TTL', '-1', 'seconds above 0'],
  ['CACHE_DEFAULT_TTL', '1h', 'seconds above 0'],
  ['CACHE_CLEANUP_INTERVAL', 'Infinity', 'seconds above 0'],
])('refuses %s=%s in one line that says what is allowed', (name, value, allowed) => {
  const message = expect.stringMatching(new RegExp(`^${name} is "${value.replace('.', '\\.')}"; allowed: ${allowed}[^\\n]*$`)) as string;
  expect(() => parseCacheEnvironment({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'cache_config_invalid', message }) as Error,
  );
});
it('makes a second tier from BELLWETHER_CACHE_URL, and opens nothing', () => {
  const { tier } = parseCacheEnvironment({ BELLWETHER_CACHE_URL: ' rediss://u:p@cache.example:6380/2?prefix=shop ' });
  expect(tier?.stats()).toMatchObject({ state: 'connecting', failures: 0 });
});
it.each([
  'http://cache',
  'cache:6379',
  'redis://',
  'redis://:secret@cache/zero',
  'redis://:secret@cache?prefix=a{b}',
  'redis://:secret@cache?prefx=shop',
])('refuses BELLWETHER_CACHE_URL=%s without repeating it', (url) => {
  const message = expect.stringMatching(
    /^BELLWETHER_CACHE_URL \(not shown\) is not valid; allowed: redis:\/\/(?!.*secret)[^\n]*$/,
  ) as string;
  expect(() => parseCacheEnvironment({ BELLWETHER_CACHE_URL: url })).toThrow(
    expect.objectContaining({ code: 'cache_config_invalid', message }) as Error,
  );
});
