import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_THRESHOLDS } from '../rules/thresholds.ts';
import { findBottlenecks } from './find-bottlenecks.ts';
import type { Finding } from './finding.ts';
import { healthyReading, LIST_CALLS, ORDER_CALLS } from './healthy-reading.ts';
import { GAUGES, type GaugeName, type InstanceReading } from './reading.ts';

const find = (changes: Partial<InstanceReading>): readonly Finding[] => findBottlenecks(healthyReading(changes), DEFAULT_THRESHOLDS);
const kinds = (changes: Partial<InstanceReading>): string[] => find(changes).map((finding) => finding.kind);
const gauges = (changes: Partial<Record<GaugeName, number>>): Partial<InstanceReading> => ({
  gauges: new Map([...healthyReading().gauges, ...(Object.entries(changes) as [GaugeName, number][])]),
});
const [list, order] = healthyReading().routes as [InstanceReading['routes'][number], InstanceReading['routes'][number]];
const [byId] = healthyReading().statements as [InstanceReading['statements'][number]];
const [cache] = healthyReading().caches as [InstanceReading['caches'][number]];
const leak = (perSecondMiB: number): InstanceReading['heapFloor'] => ({
  timesMs: Array.from({ length: 12 }, (_, i) => i * 3000),
  values: Array.from({ length: 12 }, (_, i) => (60 + perSecondMiB * i * 3) * 2 ** 20),
});

describe('a healthy service', () => {
  it('gives no finding', () => expect(kinds({})).toEqual([]));
  it('gives none without any traffic or metrics', () => {
    const nothing = { gauges: new Map(), routes: [], statements: [], hosts: [], caches: [], volumes: [] };
    expect(kinds({ ...nothing, heapFloor: { timesMs: [], values: [] } })).toEqual([]);
  });
});

describe('host resources', () => {
  it('CPU beyond its warning is found, and beyond its critical limit is critical', () => {
    expect(find(gauges({ cpu_usage: 75 }))).toMatchObject([{ kind: 'high-cpu', severity: 'high' }]);
    expect(find(gauges({ cpu_usage: 95 }))).toMatchObject([{ kind: 'high-cpu', severity: 'critical' }]);
  });
  it('CPU of other processes on a host of many processors is told apart from its own', () => {
    const [finding] = find(gauges({ cpu_usage: 80, cpu_limit_cores: 8, process_cpu_usage: 64 }));
    expect(finding).toMatchObject({ detail: { ownShareRatio: 0.1 } });
  });
  it('configured thresholds decide, a single number too', () => {
    expect(findBottlenecks(healthyReading(), { ...DEFAULT_THRESHOLDS, cpu_usage: 30 })).toMatchObject([
      { kind: 'high-cpu', severity: 'critical' },
    ]);
  });
  it('memory beyond its warning is found', () => expect(kinds(gauges({ memory_usage: 88 }))).toEqual(['high-memory']));
  it('a heap whose floor rises is found with the time to its limit', () => {
    const [finding] = find({ heapFloor: leak(3) });
    expect(finding).toMatchObject({ kind: 'heap-growth', severity: 'critical' });
    expect((finding as Extract<Finding, { kind: 'heap-growth' }>).detail.secondsToLimit).toBeCloseTo((512 - 60 - 99) / 3, 0);
  });
  it('a heap that grows while the process warms up is not a leak', () =>
    expect(kinds({ heapFloor: leak(3), ...gauges({ process_uptime_seconds: 20 }) })).toEqual([]));
  it('a heap that has just been collected is not growing', () => {
    const { timesMs, values } = leak(3);
    expect(kinds({ heapFloor: { timesMs, values: [...values.slice(0, -1), 60 * 2 ** 20] } })).toEqual([]);
  });
  it('a floor that rises below earlier peaks is a saw between two collections', () =>
    expect(kinds({ heapFloor: leak(3), heapPeakBefore: 200 * 2 ** 20 })).toEqual([]));
  it('a slow drift that would take hours is left alone', () => expect(kinds({ heapFloor: leak(0.05) })).toEqual([]));
  it('a nearly full volume is found by its level', () => {
    const volumes = [{ mount: '/data', totalBytes: 100, used: { timesMs: [0], values: [90] } }];
    expect(find({ volumes })).toMatchObject([
      { kind: 'disk-filling', resource: '/data', severity: 'high', detail: { secondsToFull: undefined } },
    ]);
  });
  it('a trend is not drawn on for much longer than it is', () => {
    const used = { timesMs: [0, 150_000, 300_000, 450_000, 600_000], values: [50e9, 50.1e9, 50.2e9, 50.3e9, 50.4e9] };
    expect(kinds({ volumes: [{ mount: '/', totalBytes: 100e9, used }] })).toEqual([]);
  });
  it('a volume that fills and is emptied again has no trend', () => {
    const used = { timesMs: [0, 150_000, 300_000, 450_000, 600_000, 750_000], values: [50e9, 56e9, 50e9, 56e9, 50e9, 56e9] };
    expect(kinds({ volumes: [{ mount: '/', totalBytes: 100e9, used }] })).toEqual([]);
  });
  it('a half-full volume that fills quickly is found by its trend', () => {
    const used = { timesMs: [0, 150_000, 300_000, 450_000, 600_000], values: [50e9, 51.5e9, 53e9, 54.5e9, 56e9] };
    const [finding] = find({ volumes: [{ mount: '/', totalBytes: 100e9, used }] });
    expect(finding).toMatchObject({ kind: 'disk-filling', severity: 'critical', detail: { secondsToFull: 4400 } });
  });
});

describe('requests', () => {
  it('a route whose p95 exceeds the warning is found by method and template', () => {
    const slow = { ...order, totalMs: 30_000, p95Ms: 1800 };
    expect(find({ routes: [list, slow] })).toMatchObject([{ kind: 'slow-route', resource: 'POST /orders', detail: { meanMs: 300 } }]);
  });
  it('without buckets the mean decides', () =>
    expect(kinds({ routes: [list, { ...order, totalMs: 200_000, p95Ms: undefined }] })).toEqual(['slow-route']));
  it('one slow call is no slow route', () =>
    expect(kinds({ routes: [{ ...order, calls: 1, totalMs: 9000, p95Ms: 9000, errors: 0 }] })).toEqual([]));
  it('a route that fails for a share beyond the warning is found', () =>
    expect(find({ routes: [list, { ...order, errors: 30 }] })).toMatchObject([
      { kind: 'error-burst', resource: 'POST /orders', severity: 'critical', detail: { errorRatio: 0.3 } },
    ]));
  it('a host that takes half of what a response may take is found', () =>
    expect(find({ hosts: [{ host: 'slow.example', calls: 40, totalMs: 32_000, p95Ms: 900 }] })).toMatchObject([
      { kind: 'slow-host', resource: 'slow.example' },
    ]));
  it('a late event loop delays every answer by itself: that is not the host', () => {
    const hosts = [{ host: 'prices.example', calls: 40, totalMs: 16_000, p95Ms: 700 }];
    expect(kinds({ hosts, ...gauges({ nodejs_eventloop_delay_p99_seconds: 0.3, process_cpu_usage: 45 }) })).toEqual(['blocked-loop']);
  });
  it('a late event loop with a process at work is blocked', () =>
    expect(kinds(gauges({ nodejs_eventloop_delay_p99_seconds: 0.3, process_cpu_usage: 45 }))).toEqual(['blocked-loop']));
  it('a stall that comes with the calls of one route names it', () => {
    const loopBusyBySlice = ORDER_CALLS.map((calls) => 0.02 + 0.1 * calls);
    expect(find({ ...gauges({ nodejs_eventloop_delay_p99_seconds: 0.5, process_cpu_usage: 45 }), loopBusyBySlice })).toMatchObject([
      { kind: 'blocked-loop', detail: { route: 'POST /orders' } },
    ]);
  });
  it('a late event loop of an idle process is a busy host, not blocking work', () =>
    expect(kinds(gauges({ nodejs_eventloop_delay_p99_seconds: 0.3, process_cpu_usage: 4 }))).toEqual([]));
});

describe('statements', () => {
  it('a SELECT that dominates the database looks like a scan', () => {
    const scan = {
      query: 'SELECT * FROM trades WHERE market_id = ?',
      operation: 'select',
      calls: 300,
      totalMs: 9000,
      p95Ms: 40,
      callsBySlice: LIST_CALLS,
    };
    expect(find({ statements: [byId, scan] })).toMatchObject([
      { kind: 'slow-statement', severity: 'high', detail: { scan: true, meanMs: 30, route: 'GET /markets' } },
    ]);
  });
  it('a dominant statement of quick calls is what a database is for', () => {
    const busy = { ...byId, calls: 4000, totalMs: 4000 };
    expect(kinds({ statements: [busy], routes: [{ ...list, calls: 4000 }] })).toEqual([]);
  });
  it('a statement slower than the configured limit is found whatever its share', () => {
    const slow = { query: 'UPDATE users SET seen = ?', operation: 'update', calls: 10, totalMs: 6000, p95Ms: 700, callsBySlice: [] };
    expect(find({ statements: [byId, slow] })).toMatchObject([{ kind: 'slow-statement', detail: { scan: false } }]);
  });
  it('a statement that runs many times a request is an N+1', () =>
    expect(find({ statements: [{ ...byId, calls: 6000, callsBySlice: ORDER_CALLS.map((calls) => 60 * calls) }] })).toMatchObject([
      { kind: 'n-plus-one', resource: byId.query, detail: { callsPerRequest: 12, route: 'POST /orders' } },
    ]));
  it('many calls in one slice are a burst, not an N+1', () =>
    expect(kinds({ statements: [{ ...byId, calls: 6000, callsBySlice: [3000, 0, 0, 0, 0, 0, 0, 0, 0, 0] }] })).toEqual([]));
  it('a batch of inserts is not', () => expect(kinds({ statements: [{ ...byId, operation: 'insert', calls: 6000 }] })).toEqual([]));
});

describe('caches', () => {
  it('a full cache that evicts as often as it misses is too small', () =>
    expect(find({ caches: [{ ...cache, hits: 300, misses: 700, evictions: 650, entries: 50, maxEntries: 50 }] })).toMatchObject([
      { kind: 'low-hit-rate', resource: 'default', severity: 'high', detail: { tooSmall: true, hitRatio: 0.3 } },
    ]));
  it('a cache with room that misses needs better keys', () =>
    expect(find({ caches: [{ ...cache, hits: 600, misses: 400 }] })).toMatchObject([
      { kind: 'low-hit-rate', severity: 'medium', detail: { tooSmall: false } },
    ]));
  it('a few look-ups prove nothing', () => expect(kinds({ caches: [{ ...cache, hits: 5, misses: 20 }] })).toEqual([]));
  it('misses that mostly write what is there already are a stampede', () =>
    expect(find({ caches: [{ ...cache, hits: 900, misses: 300, writes: 300, overwrites: 250 }] })).toMatchObject([
      { kind: 'cache-stampede', detail: { repeatedRatio: 250 / 300 } },
    ]));
  it('an application that refreshes its entries without misses is none', () =>
    expect(kinds({ caches: [{ ...cache, hits: 900, misses: 15, writes: 800, overwrites: 790 }] })).toEqual([]));
});

it('every finding carries a fact with the expression that shows it, of its own instance only', () => {
  const routes = [{ ...order, totalMs: 30_000, p95Ms: 1800, errors: 50 }];
  for (const finding of find({ routes, labels: { instance: 'a"b', job: 'market' } })) {
    for (const fact of finding.facts) expect(fact.expression).toContain(String.raw`instance="a\"b",job="market"`);
  }
  for (const finding of find({ routes })) for (const fact of finding.facts) expect(fact.expression).toContain('instance=""');
});

it('property: no reading of finite numbers makes a detector throw or give a share outside 0 to 1', () => {
  const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
  const timer = fc.record({ calls: amount, totalMs: amount, p95Ms: fc.option(amount, { nil: undefined }) });
  const reading = fc.record({
    gauges: fc.array(fc.tuple(fc.constantFrom(...GAUGES), amount)).map((entries) => new Map(entries)),
    routes: fc.array(
      timer.map((t) => ({ ...t, method: 'GET', route: '/', errors: t.calls / 2, callsBySlice: [t.calls, t.totalMs] })),
      { maxLength: 3 },
    ),
    statements: fc.array(
      timer.map((t) => ({ ...t, query: 'SELECT 1', operation: 'select', callsBySlice: [t.totalMs, t.calls] })),
      { maxLength: 3 },
    ),
    hosts: fc.array(
      timer.map((t) => ({ ...t, host: 'h' })),
      { maxLength: 3 },
    ),
  });
  const shares = (changes: Partial<InstanceReading>): unknown[] =>
    find(changes).flatMap(({ detail }) => Object.entries(detail).flatMap(([name, value]) => (name.startsWith('shareOf') ? [value] : [])));
  fc.assert(fc.property(reading, (changes) => shares(changes).every((share) => typeof share === 'number' && share >= 0 && share <= 1)));
  expect(find({ routes: [{ ...order, totalMs: 30_000, p95Ms: 1800 }] })).not.toEqual([]);
});
