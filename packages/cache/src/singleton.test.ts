import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

it('importing never throws; the first use of a badly configured cache does, naming the variable', async () => {
  vi.stubEnv('CACHE_MAX_SIZE', 'many');
  const { enhancedCache } = await import('./index.ts');
  expect(() => enhancedCache.getSync('k')).toThrow('CACHE_MAX_SIZE is "many"; allowed: a whole number of entries from 1 to 16777215.');
});
it('is one cache of the process, listed as default, configured by the environment', async () => {
  vi.stubEnv('CACHE_MAX_SIZE', '7');
  const { enhancedCache } = await import('./index.ts');
  enhancedCache.setSync('k', 1);
  const caches = (globalThis as { [key: symbol]: unknown })[Symbol.for('bellwether.caches')] as Map<string, typeof enhancedCache>;
  expect(caches.get('default')?.stats()).toMatchObject({ max_size: 7, entry_count: 1 });
  expect(enhancedCache.name).toBe('default');
  enhancedCache.dispose();
  expect(caches.has('default')).toBe(false);
});
