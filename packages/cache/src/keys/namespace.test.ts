import { expect, it } from 'vitest';
import { createEnhancedCache } from '../enhanced-cache.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';

it('keeps the keys of namespaces and versions apart', async () => {
  using cache = createEnhancedCache({ clock: new FakeClock() });
  const prices = cache.namespace('prices');
  const next = cache.namespace('prices', { version: 2 });
  await prices.set('k', 'old');
  await next.set('k', 'new');
  await cache.set('k', 'plain');
  expect([await prices.get('k'), await next.get('k'), await cache.get('k')]).toEqual(['old', 'new', 'plain']);
  expect(await cache.get('prices@2:k')).toBe('new');
  expect(await prices.clear()).toBe(2);
  expect([await next.has('k'), await cache.has('k')]).toEqual([false, true]);
});
it('does not show entries of the version before, nor keep a load that began under it', async () => {
  using cache = createEnhancedCache({ clock: new FakeClock() });
  const users = cache.namespace('users');
  await users.set('a', 1, { tags: ['user'] });
  let finish = (_value: number): void => {};
  const loading = users.getOrLoad('b', () => new Promise<number>((resolve) => (finish = resolve)));
  await settle();
  expect(await users.nextVersion()).toBe(2);
  finish(7);
  expect(await loading).toBe(7);
  expect([await users.get('a'), await users.get('b'), cache.stats().entry_count]).toEqual([undefined, undefined, 0]);
});
it('refuses names and versions that could collide', () => {
  using cache = createEnhancedCache({ clock: new FakeClock() });
  for (const name of ['', 'a@1', 'a:b', 'a/b']) expect(() => cache.namespace(name)).toThrow('allowed: 1 to 200 characters');
  for (const version of [0, 1.5, Number.NaN]) expect(() => cache.namespace('a', { version })).toThrow('allowed: a whole number');
});
