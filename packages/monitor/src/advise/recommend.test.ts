import { expect, it } from 'vitest';
import { findBottlenecks } from '../diagnose/find-bottlenecks.ts';
import { healthyReading } from '../diagnose/healthy-reading.ts';
import { DEFAULT_THRESHOLDS } from '../rules/thresholds.ts';
import { recommend } from './recommend.ts';
import type { Recommendation } from './advisor.ts';

/** A service with everything wrong at once. */
const BROKEN = healthyReading({
  gauges: new Map([
    ['cpu_usage', 95],
    ['memory_usage', 92],
    ['process_cpu_usage', 90],
    ['nodejs_eventloop_delay_p99_seconds', 0.4],
    ['nodejs_heap_limit_bytes', 512 * 2 ** 20],
    ['process_uptime_seconds', 900],
  ]),
  routes: [{ method: 'GET', route: '/markets/:id', calls: 100, totalMs: 150_000, p95Ms: 2500, errors: 20, callsBySlice: [] }],
  statements: [
    {
      query: 'SELECT * FROM trades WHERE market_id = ? ORDER BY created_at',
      operation: 'select',
      calls: 100,
      totalMs: 60_000,
      p95Ms: 900,
      callsBySlice: [],
    },
    { query: 'SELECT name FROM users WHERE id = ?', operation: 'select', calls: 5000, totalMs: 20_000, p95Ms: 6, callsBySlice: [] },
  ],
  hosts: [{ host: 'prices.example', calls: 100, totalMs: 140_000, p95Ms: 1900 }],
  caches: [
    { cache: 'small', hits: 100, misses: 900, evictions: 850, writes: 900, overwrites: 20, entries: 50, maxEntries: 50 },
    { cache: 'rushed', hits: 900, misses: 300, evictions: 0, writes: 300, overwrites: 280, entries: 50, maxEntries: 500 },
    { cache: 'brief', hits: 300, misses: 700, evictions: 0, writes: 700, overwrites: 0, entries: 50, maxEntries: 500 },
  ],
  volumes: [{ mount: '/data', totalBytes: 100, used: { timesMs: [0], values: [97] } }],
  heapFloor: {
    timesMs: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => i * 4000),
    values: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => (60 + 12 * i) * 2 ** 20),
  },
});
const all = (): Recommendation[] => findBottlenecks(BROKEN, DEFAULT_THRESHOLDS).flatMap((finding) => recommend(finding, 0) ?? []);

it('a service with everything wrong gets advice of every kind', () => {
  expect(all().map(({ title }) => title)).toMatchInlineSnapshot(`
    [
      "CPU of host is 95 % busy",
      "Memory of host is 92 % used",
      "The heap of this process grows without coming back",
      "Volume /data is 97 % full",
      "GET /markets/:id is slow: p95 2.5 s",
      "Query without a fitting index: SELECT * FROM trades WHERE market_id = ? ORDER BY created_at",
      "N+1 queries: 50 calls a request of SELECT name FROM users WHERE id = ?",
      "Synchronous work blocks the event loop for 400 ms",
      "Cache "small" is too small: 10 % hits",
      "Cache "brief" answers only 30 % of its look-ups",
      "Cache "rushed" is stampeded: 93 % of its loads are repeats",
      "20 % of the calls of GET /markets/:id fail",
      "Calls to prices.example take 1.4 s",
    ]
  `);
});

it('every recommendation names its resource, evidence, steps and how to verify it', () => {
  for (const advice of all()) {
    expect(`${advice.title} ${advice.description} ${advice.implementation.join(' ')}`).toContain(
      advice.resource === 'heap' ? 'heap' : advice.resource,
    );
    expect(advice.evidence.length).toBeGreaterThan(0);
    expect(advice.implementation.length).toBeGreaterThan(2);
    for (const sentence of [advice.description, advice.impact, advice.verification]) expect(sentence).toMatch(/^[A-Z0-9/`\w].*\.$/);
  }
});

it('a missing index is proposed by table and columns', () => {
  const database = all().find(({ category, title }) => category === 'database' && title.startsWith('Query without'));
  expect(database?.implementation.join('\n')).toContain('CREATE INDEX ON trades (market_id, created_at)');
});

it('advice is silent when its cautious gain is under three percent', () => {
  const host = { host: 'rare.example', calls: 4, totalMs: 4000, p95Ms: 1000 };
  const [finding] = findBottlenecks(
    healthyReading({
      hosts: [host],
      routes: [{ method: 'GET', route: '/', calls: 9000, totalMs: 90_000, p95Ms: 20, errors: 0, callsBySlice: [] }],
    }),
    DEFAULT_THRESHOLDS,
  );
  expect(finding?.kind).toBe('slow-host');
  expect(finding && recommend(finding, 0)).toBeUndefined();
});

it('the same problem keeps its id, another instance has its own', () => {
  const ids = (labels: Record<string, string>): string[] =>
    findBottlenecks({ ...BROKEN, labels }, DEFAULT_THRESHOLDS).map((finding) => recommend(finding, 0)?.id ?? '');
  expect(ids({})).toEqual(ids({}));
  expect(new Set([...ids({}), ...ids({ instance: 'b' })]).size).toBe(2 * ids({}).length);
});
