import { describe, expect, test } from 'vitest';
import { lintName } from './lint-name.ts';
import { observeCounter, observeGauge } from './observable.ts';
import { setup, valuesOf } from './testing/wire-receiver.ts';

describe('idle series', () => {
  test('a counter nobody touches is told every ten seconds, and from where it was when it goes on', async () => {
    const { clock, registry, drain } = setup();
    const requests = registry.counter('requests_total');
    requests.add(5);
    await drain();
    let told = 0;
    for (let second = 0; second < 30; second++) told += (await drain()).length;
    expect(told).toBe(3);
    requests.add(2);
    const atMs = clock.nowMs();
    expect(await drain()).toEqual([
      { key: 'requests_total', atMs, value: 5 },
      { key: 'requests_total', atMs: atMs + 1000, value: 7 },
    ]);
  });

  test('a histogram nobody touches too', async () => {
    const { registry, drain } = setup();
    registry.timer('work').record(3);
    await drain();
    const samples = [];
    for (let second = 0; second < 10; second++) samples.push(...(await drain()));
    expect(valuesOf(samples, 'work_count')).toEqual([1]);
    expect(valuesOf(samples, 'work_bucket|le|4')).toEqual([1]);
    registry.timer('work').record(3);
    const next = await drain();
    expect(valuesOf(next, 'work_count').at(-1)).toBe(2);
    expect(valuesOf(next, 'work_sum').at(-1)).toBe(6);
  });

  test('labels nobody uses any more are given up and make room; bound ones and the series without labels stay', async () => {
    const { registry, drain } = setup({ expireAfterMs: 60_000, maxSeriesPerMetric: 2 });
    const hits = registry.counter('hits_total');
    hits.add(1);
    hits.add(1, { user: 'a' });
    const bound = hits.with({ user: 'b' });
    bound.add(1);
    for (let round = 0; round < 4; round++) await drain(30_000);
    hits.add(1, { user: 'c' });
    bound.add(1);
    hits.add(1);
    const samples = await drain();
    expect(valuesOf(samples, 'hits_total|user|a')).toEqual([]);
    expect(valuesOf(samples, 'hits_total|user|c')).toEqual([0, 1]);
    expect(valuesOf(samples, 'hits_total|user|b').at(-1)).toBe(2);
    expect(valuesOf(samples, 'hits_total').at(-1)).toBe(2);
    expect(registry.dropped('series_limit')).toBe(0);
  });

  test.each(['counter', 'gauge', 'timer', 'rate'] as const)('a %s that was given up begins anew under the same labels', async (kind) => {
    const { registry, drain } = setup({ expireAfterMs: 60_000 });
    const instrument = registry[kind]('thing_total');
    const record = (): void => ('add' in instrument ? instrument.add(7, { a: 1, b: 'x' }) : instrument.record(7, { a: 1, b: 'x' }));
    record();
    for (let round = 0; round < 4; round++) await drain(30_000);
    expect((await drain()).filter(({ key }) => key.startsWith('thing_total'))).toEqual([]);
    record();
    const samples = await drain();
    if (kind === 'timer') expect(valuesOf(samples, 'thing_total_count|a|1|b|x')).toEqual([0, 1]);
    else expect(valuesOf(samples, 'thing_total|a|1|b|x').at(-1)).toBe(7);
  });
});

describe('pulled readings', () => {
  test('an observable gauge and counter are read at each drain until disposed', async () => {
    const { registry, drain } = setup();
    let length = 3;
    let total = 10;
    const gauge = observeGauge(registry, 'queue_length', { read: (observe) => observe(length, { queue: 'mail' }) });
    const counter = observeCounter(registry, 'jobs_total', { read: (observe) => observe(total) });
    let samples = await drain();
    expect(valuesOf(samples, 'queue_length|queue|mail')).toEqual([3]);
    expect(valuesOf(samples, 'jobs_total')).toEqual([0, 10]);
    [length, total] = [4, 4];
    samples = await drain();
    expect(valuesOf(samples, 'queue_length|queue|mail')).toEqual([4]);
    expect(valuesOf(samples, 'jobs_total')).toEqual([14]);
    gauge[Symbol.dispose]();
    counter[Symbol.dispose]();
    length = 9;
    expect(valuesOf(await drain(), 'queue_length|queue|mail')).toEqual([4]);
  });

  test('one that fails, at once or later, is counted', async () => {
    const { registry, drain } = setup();
    observeGauge(registry, 'broken', { read: () => Promise.reject(new Error('broken')) });
    observeGauge(registry, 'broken_too', {
      read: () => {
        throw new Error('broken');
      },
    });
    await drain();
    await Promise.resolve();
    expect(registry.dropped('observer_failed')).toBe(2);
  });

  test('a foreign registry’s series stand beside ours; later ones begin at 0, those that go are not told again', async () => {
    const { registry, drain } = setup();
    const meta = { kind: 'counter', unit: '', help: '' } as const;
    let samples = [{ series: { name: 'foreign_total', labels: { a: '1' }, meta }, value: 100 }];
    registry.adopt(() => samples);
    expect(valuesOf(await drain(), 'foreign_total|a|1')).toEqual([100]);
    samples = [
      { series: { name: 'foreign_total', labels: { a: '1' }, meta }, value: 101 },
      { series: { name: 'foreign_total', labels: { a: '2' }, meta }, value: 5 },
      { series: { name: 'foreign_total', labels: { a: '3' }, meta }, value: NaN },
      { series: { name: 'not a name', labels: {} as never, meta }, value: 1 },
    ];
    const told = await drain();
    expect(valuesOf(told, 'foreign_total|a|1')).toEqual([101]);
    expect(valuesOf(told, 'foreign_total|a|2')).toEqual([0, 5]);
    expect(valuesOf(told, 'foreign_total|a|3')).toEqual([]);
    expect(registry.dropped('name')).toBe(1);
    samples = [];
    for (let second = 0; second < 20; second++) expect(valuesOf(await drain(), 'foreign_total|a|1')).toEqual([]);
  });
});

test('a rate is told as events a second, 0 in an interval without any', async () => {
  const { registry, drain } = setup();
  const orders = registry.rate('orders_per_second');
  orders.add(3);
  orders.with({}).add();
  expect(valuesOf(await drain(2000), 'orders_per_second')).toEqual([2]);
  expect(valuesOf(await drain(), 'orders_per_second')).toEqual([0]);
});

describe('values of any type', () => {
  test.each([['7'], [7n], [null], [{}], [[3]], [true], [Symbol('s')], [() => 1]])(
    '%o is no number: dropped, counted, never thrown',
    (value) => {
      const { registry } = setup();
      registry.counter('c_total').add(value as never);
      registry
        .counter('c_total')
        .with({})
        .add(value as never);
      registry.gauge('g').set(value as never);
      registry.gauge('g').add(value as never);
      registry
        .gauge('g')
        .with({})
        .set(value as never);
      registry.histogram('h').record(value as never);
      registry
        .histogram('h')
        .with({})
        .record(value as never);
      registry.rate('r').add(value as never);
      expect(registry.dropped('not_finite')).toBe(8);
    },
  );

  test.each([[null], [7], ['text'], [[1, 2]], [Symbol('s')], [() => 1]])('%o as labels never throws', (labels) => {
    const { registry } = setup();
    registry.counter('c_total').add(1, labels as never);
    registry
      .gauge('g')
      .with(labels as never)
      .set(1);
    registry.histogram('h').record(1, labels as never);
    registry.recordCustom('custom', 1, 'count', labels as never);
    expect(registry.drain(Date.UTC(2027, 0, 1))).toBeDefined();
  });

  test('a million label sets stay within the limit, and a big one is refused', async () => {
    const { registry, drain } = setup({ maxSeriesPerMetric: 100 });
    const counter = registry.counter('hits_total');
    for (let i = 0; i < 1_000_000; i++) counter.add(1, { user: i });
    const samples = await drain();
    expect(samples.filter(({ key }) => key.startsWith('hits_total'))).toHaveLength(202);
    expect(valuesOf(samples, 'hits_total|overflow|true').at(-1)).toBe(999_900);
    counter.add(1, { user: 'x'.repeat(1_000_000) });
    expect(registry.dropped('label_value')).toBe(1);
  });
});

describe('names', () => {
  test.each([
    ['orders', 'counter', 'a counter ends in "_total"'],
    ['orders_total', 'gauge', 'only a counter ends in "_total"'],
    ['orders_count', 'gauge', '"_bucket", "_count" and "_sum" are the parts of histograms'],
    ['openOrders', 'gauge', 'words are separated by "_", not by capitals'],
    ['job:orders', 'gauge', '":" is for recording rules'],
    ['wait_milliseconds', 'histogram', 'use the base unit "seconds" instead of "milliseconds"'],
  ] as const)('%s as a %s: %s', (name, kind, fault) => expect(lintName(name, kind)).toEqual([fault]));

  test('what follows the conventions, and the contract’s names, have no fault', () => {
    expect(lintName('orders_total', 'counter')).toEqual([]);
    expect(lintName('wait_seconds', 'histogram')).toEqual([]);
    expect(lintName('api_response_time', 'histogram')).toEqual([]);
  });

  test('a fault is told once, and recorded all the same', async () => {
    const told: string[] = [];
    const { registry, drain } = setup({ onLint: (message) => told.push(message) });
    registry.counter('orders').add(1);
    registry.counter('orders').add(1);
    registry.recordCustom('camelCase', 1);
    expect(told).toEqual(['Metric "orders": a counter ends in "_total".']);
    expect(valuesOf(await drain(), 'orders').at(-1)).toBe(2);
  });
});
