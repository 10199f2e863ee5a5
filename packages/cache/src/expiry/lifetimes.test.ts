import { describe, expect, it } from 'vitest';
import { createEnhancedCache } from '../enhanced-cache.ts';
import { FakeClock } from '../testing/fake-clock.ts';

describe('sliding expiry', () => {
  it('begins an entry’s lifetime anew with each read that hits, and with nothing else', async () => {
    const clock = new FakeClock(0, 1);
    using cache = createEnhancedCache({ sliding: true, clock, cleanupInterval: null });
    cache.setSync('read', 1, { ttl: 10 });
    cache.setSync('looked at', 1, { ttl: 10 });
    for (let step = 0; step < 5; step++) {
      await clock.advance(6000);
      expect(cache.getSync('read')).toBe(1);
      if (step === 0) expect(cache.hasSync('looked at')).toBe(true);
    }
    expect(cache.hasSync('looked at')).toBe(false);
    await clock.advance(10_000);
    expect(await cache.cleanup()).toBeGreaterThan(0);
    expect(cache.getSync('read')).toBeUndefined();
  });
  it('leaves entries that never expire alone', async () => {
    const clock = new FakeClock(0, 1);
    using cache = createEnhancedCache({ sliding: true, clock, cleanupInterval: null });
    cache.setSync('brief', 1, { ttl: 1 });
    cache.setSync('for ever', 1, { ttl: null });
    expect(cache.getSync('for ever')).toBe(1);
    await clock.advance(1e9);
    expect(cache.getSync('for ever')).toBe(1);
  });
});

it('property: jitter takes at most its part off a lifetime, and not the same off all', async () => {
  const clock = new FakeClock(0, 4);
  using cache = createEnhancedCache({ jitter: 0.2, maxSize: 1000, clock, cleanupInterval: null });
  for (let number = 0; number < 1000; number++) cache.setSync(`k${number}`, 1, { ttl: 100 });
  const left = cache.entryPage({ offset: 0, limit: 1000 }).entries.map(({ ttlSeconds }) => ttlSeconds as number);
  expect(Math.min(...left)).toBeGreaterThanOrEqual(80);
  expect(Math.max(...left)).toBeLessThanOrEqual(100);
  await clock.advance(90_000);
  expect(cache.entryPage({ offset: 0, limit: 1 }).total).toBeGreaterThan(400);
  expect(cache.entryPage({ offset: 0, limit: 1 }).total).toBeLessThan(600);
});
it('says what jitter and sliding may be', () => {
  for (const options of [{ jitter: -0.1 }, { jitter: 1.5 }, { jitter: NaN }, { sliding: 'yes' as never }])
    expect(() => createEnhancedCache(options)).toThrow(/allowed/);
});
