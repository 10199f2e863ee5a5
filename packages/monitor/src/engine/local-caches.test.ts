import { expect, test } from 'vitest';
import { sumStatistics } from './local-caches.ts';

const PLAIN = { hits: 30, misses: 10, evictions: 1, hit_rate: 75, total_size: 100, entry_count: 5, max_size: 10, utilization: 50 };

test('no cache at all gives zeros, and nothing beyond the contract', () => {
  expect(sumStatistics([])).toEqual({
    hits: 0,
    misses: 0,
    evictions: 0,
    hit_rate: 0,
    total_size: 0,
    entry_count: 0,
    max_size: 0,
    utilization: 0,
  });
});

test('what caches tell beyond the contract is added, whichever of them tell it; rates are made anew', () => {
  const times = (fast: number, slow: number): object => ({
    sum: fast + slow,
    count: fast + slow,
    buckets: [
      { le: 0.1, count: fast },
      { le: null, count: slow },
    ],
  });
  const first = { ...PLAIN, expirations: 4, loads: 3, load_seconds: times(2, 1), tier: { hits: 9 } };
  const second = { ...PLAIN, hits: 10, misses: 50, loads: 2, load_seconds: times(1, 1) };
  const sum = sumStatistics([first, second, PLAIN] as never);
  expect(sum).toEqual({
    hits: 70,
    misses: 70,
    evictions: 3,
    hit_rate: 50,
    total_size: 300,
    entry_count: 15,
    max_size: 30,
    utilization: 50,
    expirations: 4,
    loads: 5,
    load_seconds: times(3, 2),
  });
});
