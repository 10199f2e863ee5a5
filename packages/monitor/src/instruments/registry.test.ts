import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { createRegistry } from './registry.ts';
import { Receiver, setup, valuesOf } from './testing/wire-receiver.ts';

describe('counters', () => {
  test('a counter is told as its total when that changed, and starts from 0 at the drain before it was made', async () => {
    const { clock, registry, drain } = setup();
    const startMs = clock.nowMs();
    const requests = registry.counter('requests_total');
    requests.add(2, { route: '/a' });
    expect(await drain()).toEqual([
      { key: 'requests_total|route|/a', atMs: startMs, value: 0 },
      { key: 'requests_total|route|/a', atMs: startMs + 1000, value: 2 },
    ]);
    requests.add(3, { route: '/a' });
    expect(valuesOf(await drain(), 'requests_total|route|/a')).toEqual([5]);
    expect(valuesOf(await drain(), 'requests_total|route|/a')).toEqual([]);
  });

  test('labels in another order, bound or given as numbers are the same series', async () => {
    const { registry, drain } = setup();
    const requests = registry.counter('requests_total');
    requests.add(1, { route: '/a', status: 200 });
    requests.add(1, { status: '200', route: '/a' });
    requests.with({ route: '/a', status: 200 }).add();
    requests.add(1, { route: '/a', status: '200', absent: '' });
    expect(valuesOf(await drain(), 'requests_total|route|/a|status|200')).toEqual([0, 4]);
  });

  test('negative and non-finite steps are dropped and counted', async () => {
    const { registry, drain } = setup();
    const requests = registry.counter('requests_total');
    const bound = requests.with({});
    for (const step of [-1, NaN, Infinity, -Infinity]) {
      requests.add(step);
      bound.add(step);
    }
    expect(registry.dropped('negative')).toBe(2);
    expect(registry.dropped('not_finite')).toBe(6);
    const samples = await drain();
    expect(valuesOf(samples, 'requests_total')).toEqual([0, 0]);
    expect(valuesOf(samples, 'bellwether_dropped_records_total|reason|not_finite')).toEqual([0, 6]);
  });
});

describe('gauges', () => {
  test('an interval gives the lowest, the highest and the newest value in the order they came', async () => {
    const { clock, registry, drain } = setup();
    const queue = registry.gauge('queue');
    for (const value of [5, 9, 1, 4]) {
      queue.set(value);
      await clock.advance(10);
    }
    expect(valuesOf(await drain(), 'queue')).toEqual([9, 1, 4]);
    expect(valuesOf(await drain(), 'queue')).toEqual([4]);
  });

  test('an up-down counter says what is there', async () => {
    const { registry, drain } = setup();
    const open = registry.upDownCounter('connections_open');
    open.add(1);
    open.add(1);
    open.with({}).add(-1);
    expect(valuesOf(await drain(), 'connections_open').at(-1)).toBe(1);
  });

  test('a custom metric is told once a record and not repeated', async () => {
    const { registry, drain } = setup();
    registry.recordCustom('api_requests', 150, 'count', { region: 'eu' });
    expect(valuesOf(await drain(), 'api_requests|region|eu')).toEqual([150]);
    expect(await drain()).toEqual([]);
  });

  test('a custom value under the name of a histogram of the catalogue is taken as that', async () => {
    const { registry, drain } = setup();
    registry.recordCustom('database_query_time', 12, 'ms', { query: 'SELECT ?', operation: 'select' });
    expect(valuesOf(await drain(), 'database_query_time_count|operation|select|query|SELECT ?')).toEqual([0, 1]);
  });

  test('the local summary shows what was recorded since the last drain', async () => {
    const { registry, drain } = setup();
    registry.recordCustom('latency', 10, 'ms', { route: '/a' });
    registry.recordCustom('latency', 30, 'ms', { route: '/b' });
    expect(registry.localSummary().get('latency')).toMatchObject({
      current: 30,
      average: 20,
      min: 10,
      max: 30,
      unit: 'ms',
      samples: 2,
      series: 2,
    });
    await drain();
    expect(registry.localSummary().get('latency')).toBeUndefined();
  });
});

describe('histograms', () => {
  test('a timer is told as a gauge and as cumulative count, sum and buckets at powers of two', async () => {
    const { registry, drain } = setup();
    const timer = registry.timer('work', { help: 'Work.' });
    for (const ms of [3, 4, 5]) timer.record(ms);
    const samples = await drain();
    expect(valuesOf(samples, 'work')).toEqual([3, 5]);
    expect(valuesOf(samples, 'work_count')).toEqual([0, 3]);
    expect(valuesOf(samples, 'work_sum')).toEqual([0, 12]);
    expect(valuesOf(samples, 'work_bucket|le|2')).toEqual([0, 0]);
    expect(valuesOf(samples, 'work_bucket|le|4')).toEqual([0, 2]);
    expect(valuesOf(samples, 'work_bucket|le|8')).toEqual([0, 3]);
    expect(valuesOf(samples, 'work_bucket|le|+Inf')).toEqual([0, 3]);
  });

  test('a bucket that comes later starts from what the bucket below it had', async () => {
    const { registry, drain } = setup();
    const timer = registry.timer('work');
    timer.record(1.5);
    timer.record(100);
    await drain();
    timer.record(10);
    const samples = await drain();
    expect(valuesOf(samples, 'work_bucket|le|16')).toEqual([1, 2]);
    expect(valuesOf(samples, 'work_bucket|le|128')).toEqual([3]);
  });

  test('a timer that reads the clock records what passed', async () => {
    const { clock, registry } = setup();
    const timer = registry.timer('work');
    const mark = timer.start();
    await clock.advance(25);
    expect(timer.stop(mark)).toBe(25);
    expect(registry.localSummary().get('work')?.current).toBe(25);
  });
});

describe('bad input', () => {
  test('nothing a caller gives throws; each is counted', () => {
    const { registry } = setup();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    registry.recordCustom('no spaces', 1);
    registry.recordCustom('', 1);
    registry.recordCustom('x'.repeat(1_000_000), 1);
    registry.recordCustom(undefined as never, 1);
    expect(registry.dropped('name')).toBe(4);
    registry.recordCustom('a', NaN);
    registry.recordCustom('a', '7' as never);
    expect(registry.dropped('not_finite')).toBe(2);
    registry.recordCustom('a', 1, 'count', { big: 'x'.repeat(1_000_000) });
    registry.recordCustom('a', 1, 'count', { odd: cycle as never });
    registry.recordCustom('a', 1, 'count', { odd: Symbol('s') as never });
    registry.recordCustom('a', 1, 'count', {
      get trap(): string {
        throw new Error('trap');
      },
    });
    expect(registry.dropped('label_value')).toBe(4);
    registry.recordCustom('a', 1, 'count', { 'not-a-name': 'x' });
    registry.recordCustom('a', 1, 'count', { __name__: 'x' });
    expect(registry.dropped('label_name')).toBe(2);
    registry.recordCustom('a', 1, 'count', Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`l${i}`, 'x'])));
    expect(registry.dropped('label_limit')).toBe(1);
    registry.counter('b').add(1);
    registry.gauge('b').set(1);
    expect(registry.dropped('kind_conflict')).toBe(1);
  });

  test('label sets beyond the limit go to the overflow series; known ones are untouched', async () => {
    const { registry, drain } = setup({ maxSeriesPerMetric: 2 });
    const counter = registry.counter('hits_total');
    for (const user of ['a', 'b', 'c', 'd', 'a']) counter.add(1, { user });
    const samples = await drain();
    expect(valuesOf(samples, 'hits_total|user|a').at(-1)).toBe(2);
    expect(valuesOf(samples, 'hits_total|overflow|true').at(-1)).toBe(2);
    expect(registry.dropped('series_limit')).toBe(2);
  });

  test('metrics beyond the limit are dropped', () => {
    const { registry } = setup({ maxMetrics: 1 });
    registry.recordCustom('one', 1);
    registry.recordCustom('two', 1);
    expect(registry.dropped('metric_limit')).toBe(1);
  });

  test('secrets never become labels, and values that are redacted alike share a series', async () => {
    const { registry, drain } = setup();
    const counter = registry.counter('logins_total');
    counter.add(1, { password: 'hunter2' });
    counter.add(1, { password: 'correct horse' });
    expect((await drain()).at(-1)).toMatchObject({ key: 'logins_total|password|[redacted]', value: 2 });
  });

  test('an observer that throws is counted and does not stop the drain', async () => {
    const { registry, drain } = setup();
    registry.onDrain(() => {
      throw new Error('broken');
    });
    const level = registry.gauge('level');
    const observed = registry.onDrain(() => level.set(7));
    expect(valuesOf(await drain(), 'level')).toEqual([7]);
    expect(registry.dropped('observer_failed')).toBe(1);
    observed[Symbol.dispose]();
  });
});

describe('times', () => {
  test('records within one millisecond keep their order', async () => {
    const { registry, drain } = setup();
    for (const value of [2, 1, 3, 2]) registry.recordCustom('burst', value);
    const samples = await drain();
    expect(samples.map((s) => s.value)).toEqual([1, 3, 2]);
    expect(samples.map((s) => s.atMs - (samples[0]?.atMs ?? 0))).toEqual([0, 1, 2]);
  });

  test('a clock set back by an hour drops samples and counts them until it has caught up', async () => {
    const { clock, registry, drain } = setup();
    registry.recordCustom('level', 1);
    await drain();
    const laterMs = clock.nowMs();
    clock.jumpTo(laterMs - 3_600_000);
    registry.recordCustom('level', 2);
    expect(await drain()).toEqual([]);
    expect(registry.dropped('clock_jump')).toBe(1);
    clock.jumpTo(laterMs);
    registry.recordCustom('level', 3);
    expect(valuesOf(await drain(), 'level')).toEqual([3]);
  });

  test('property: times of a series strictly increase whatever is recorded, and extremes and the newest value survive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 3 })), { maxLength: 8 }), { maxLength: 6 }),
        async (intervals) => {
          const clock = new FakeClock();
          const registry = createRegistry({ clock });
          const receiver = new Receiver();
          let newestMs = -Infinity;
          for (const records of intervals) {
            for (const [value, waitMs] of records) {
              clock.jumpTo(clock.nowMs() + waitMs);
              registry.recordCustom('level', value);
            }
            const samples = receiver.take(registry.drain(clock.nowMs()));
            const values = records.map(([value]) => value);
            expect(samples.at(-1)?.value).toBe(values.at(-1));
            expect(Math.min(...samples.map((s) => s.value))).toBe(Math.min(...values));
            expect(Math.max(...samples.map((s) => s.value))).toBe(Math.max(...values));
            for (const { atMs } of samples) {
              expect(atMs).toBeGreaterThan(newestMs);
              newestMs = atMs;
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
