import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { Clock } from '../base/clock.ts';
import type { Labels } from '../model/labels.ts';
import { openEmbeddedStore } from '../store/embedded-store.ts';
import type { SampleStore } from '../store/sample-store.ts';
import { createQueryEngine } from './create-query-engine.ts';
import type { QueryEngine } from './query-engine.ts';
import { windowStats } from './window-stats.ts';

const T0 = 1_700_000_000_000;
const S = 1000;
let clock: FakeClock;
let store: SampleStore;
let query: QueryEngine;

beforeEach(() => {
  clock = new FakeClock(T0 + 600 * S);
  store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger });
  query = createQueryEngine({ store, clock });
});
afterEach(async () => await store[Symbol.asyncDispose]());

/** A clock on which each look costs a ms. */
function clockThatRuns(): Clock {
  let elapsedMs = 0;
  return Object.assign(Object.create(clock) as Clock, { monotonicMs: () => elapsedMs++ });
}

/** A sample every 10 s from T0. */
function put(name: string, labels: Labels, values: readonly number[]): void {
  const ref = store.ref({ name, labels });
  if (ref === undefined) throw new Error('refused');
  const { length } = values;
  store.append({
    length,
    refs: new Uint32Array(length).fill(ref),
    timesMs: Float64Array.from(values, (_, i) => T0 + i * 10 * S),
    values: Float64Array.from(values),
  });
}

const counting = (perStep: number, count = 31): number[] => Array.from({ length: count }, (_, i) => i * perStep);

async function at300(expression: string): Promise<Record<string, number>> {
  const { value } = await query.instant(expression, T0 + 300 * S);
  if (value.type === 'scalar') return { '': value.value };
  if (value.type !== 'vector') throw new Error(value.type);
  return Object.fromEntries(
    value.samples.map((sample) => [
      Object.entries(sample.labels)
        .map(([name, text]) => `${name}=${text}`)
        .toSorted()
        .join(','),
      Math.round(sample.value * 1e6) / 1e6,
    ]),
  );
}

test.each([
  ['up', { '__name__=up,job=a': 1, '__name__=up,job=b': 0 }],
  ['up{job="a"}', { '__name__=up,job=a': 1 }],
  ['up{job=~"a|c"}', { '__name__=up,job=a': 1 }],
  ['up{job!~"a.*"}', { '__name__=up,job=b': 0 }],
  ['rate(hits[1m])', { 'job=a': 1, 'job=b': 2 }],
  ['increase(hits[100s])', { 'job=a': 100, 'job=b': 200 }],
  ['sum(rate(hits[1m]))', { '': 3 }],
  ['sum by (job) (hits)', { 'job=a': 300, 'job=b': 600 }],
  ['avg without (job) (hits)', { '': 450 }],
  ['max(hits) - min(hits)', { '': 300 }],
  ['hits / on (job) group_left up', { 'job=a': 300, 'job=b': Infinity }],
  ['hits > 400', { '__name__=hits,job=b': 600 }],
  ['hits > bool 400', { 'job=a': 0, 'job=b': 1 }],
  ['topk(1, hits)', { '__name__=hits,job=b': 600 }],
  ['avg_over_time(hits{job="a"}[30s])', { 'job=a': 290 }],
  ['count_over_time(hits{job="a"}[30s])', { 'job=a': 3 }],
  ['last_over_time(hits{job="a"}[30s])', { '__name__=hits,job=a': 300 }],
  ['quantile_over_time(0.5, hits{job="a"}[50s])', { 'job=a': 280 }],
  ['max_over_time(rate(hits{job="a"}[1m])[1m:10s])', { 'job=a': 1 }],
  ['hits offset 1m', { '__name__=hits,job=a': 240, '__name__=hits,job=b': 480 }],
  ['histogram_quantile(0.5, latency_bucket)', { '': 1.5 }],
  ['label_replace(up, "service", "svc-$1", "job", "(.*)")', { '__name__=up,job=a,service=svc-a': 1, '__name__=up,job=b,service=svc-b': 0 }],
  ['label_join(up{job="a"}, "both", "-", "job", "job")', { '__name__=up,both=a-a,job=a': 1 }],
  ['absent(nothing{job="x"})', { 'job=x': 1 }],
  ['absent(up)', {}],
  ['scalar(up{job="a"}) + 1', { '': 2 }],
  ['vector(3)', { '': 3 }],
  ['clamp_max(hits, 400)', { 'job=a': 300, 'job=b': 400 }],
  ['round(hits / 7, 0.1)', { 'job=a': 42.9, 'job=b': 85.7 }],
  ['-up', { 'job=a': -1, 'job=b': 0 }],
  ['up or nothing', { '__name__=up,job=a': 1, '__name__=up,job=b': 0 }],
  ['up unless on (job) hits{job="a"}', { '__name__=up,job=b': 0 }],
  ['1 + 2 * 3 ^ 2', { '': 19 }],
  ['timestamp(up{job="a"}) - time()', { 'job=a': 0 }],
  ['predict_linear(hits{job="a"}[2m], 60)', { 'job=a': 360 }],
])('%s', async (expression, expected) => {
  put(
    'up',
    { job: 'a' },
    Array.from({ length: 31 }, () => 1),
  );
  put(
    'up',
    { job: 'b' },
    Array.from({ length: 31 }, () => 0),
  );
  put('hits', { job: 'a' }, counting(10));
  put('hits', { job: 'b' }, counting(20));
  for (const [le, count] of [
    ['1', 2],
    ['2', 6],
    ['4', 8],
    ['+Inf', 8],
  ] as const)
    put(
      'latency_bucket',
      { le },
      Array.from({ length: 31 }, () => count),
    );
  const result = await at300(expression);
  // -0 and 0 are the same to people.
  expect(Object.fromEntries(Object.entries(result).map(([key, value]) => [key, value + 0]))).toEqual(expected);
});

test('a range query gives a value per step where there is one', async () => {
  put('hits', { job: 'a' }, counting(10, 7));
  const { value } = await query.range('hits', { fromMs: T0 - 20 * S, toMs: T0 + 40 * S, stepMs: 20 * S });
  expect(value).toEqual({
    type: 'matrix',
    series: [{ labels: { __name__: 'hits', job: 'a' }, timesMs: [T0, T0 + 20 * S, T0 + 40 * S], values: [0, 20, 40] }],
  });
});

test('ranges are open on the left, as in Prometheus 3', async () => {
  put('hits', {}, counting(1));
  expect(await at300('count_over_time(hits[20s])')).toEqual({ '': 2 });
});

test('an instant query of a range selector gives its samples', async () => {
  put('hits', {}, counting(1));
  const { value } = await query.instant('hits[20s]', T0 + 300 * S);
  expect(value).toEqual({
    type: 'matrix',
    series: [{ labels: { __name__: 'hits' }, timesMs: [T0 + 290 * S, T0 + 300 * S], values: [29, 30] }],
  });
});

test.each(['sum(', 'rate(up)', 'up[5m', 'nope(up)', '{}', 'up{job=~"("}', 'up + on', '', 'up == bool'])(
  '%s is refused with a position',
  async (expression) => {
    await expect(query.instant(expression, T0)).rejects.toMatchObject({ code: 'query_invalid', details: { position: expect.any(Number) } });
  },
);

test('a range of too many steps is refused before any work', async () => {
  await expect(query.range('up', { fromMs: 0, toMs: 1e9, stepMs: 1 })).rejects.toMatchObject({ code: 'query_too_large' });
});

test('a regular expression that would take a backtracking engine for ever is answered at once', async () => {
  put('up', { path: `${'a'.repeat(4000)}!` }, [1]);
  put('up', { path: 'aaa' }, [1]);
  const { value } = await query.instant('count(up{path=~"(a|aa)+|(a+)+"}) + count(up{path!~"(.*)*x(.*)*"})', T0);
  expect(value).toMatchObject({ samples: [{ value: 3 }] });
  const replaced = await query.instant('count(label_replace(up, "x", "$1", "path", "((a*)*)*b"))', T0);
  expect(replaced.value).toMatchObject({ samples: [{ value: 2 }] });
});

test('the longest text is read or refused in time that grows with its length', () => {
  for (const piece of ['"\\"', "'", '`', '1.', '0x', '(', '-', 'a+', '{a="', 'a[1m:', '#', '@'])
    expect(() => query.format(piece.repeat(100_000 / piece.length))).toThrow(/query_|character|deep/);
  expect(() => query.format('(((((((((('.repeat(9) + '1' + '))))))))))'.repeat(9))).not.toThrow();
});

test('a query that was given up stops, as does one that runs out of time, samples or memory', async () => {
  for (let i = 0; i < 100; i++) put('many', { i: String(i) }, counting(1));
  const controller = new AbortController();
  controller.abort();
  await expect(query.instant('many', T0, { signal: controller.signal })).rejects.toMatchObject({ code: 'query_canceled' });
  const limited = (limits: object): QueryEngine => createQueryEngine({ store, clock, limits });
  const end = T0 + 300 * S;
  await expect(limited({ maxSamples: 1000 }).instant('sum(many)', end)).rejects.toMatchObject({ code: 'query_too_large' });
  const range = { fromMs: T0, toMs: end, stepMs: S };
  await expect(limited({ maxValues: 5000 }).range('many * 2', range)).rejects.toMatchObject({ code: 'query_too_large' });
  const late = createQueryEngine({ store, clock: clockThatRuns() });
  await expect(late.instant('sum(many)', end, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'query_timeout' });
});

test('regression: a subquery looks at the time between its series, to give way and to stop', async () => {
  for (let i = 0; i < 100; i++) put('many', { i: String(i) }, counting(1));
  // Selecting the series looks at it a hundred times.
  const late = createQueryEngine({ store, clock: clockThatRuns() });
  await expect(late.instant('sum_over_time(many[5m:1s])', T0 + 300 * S, { timeoutMs: 150 })).rejects.toMatchObject({
    code: 'query_timeout',
  });
});

test('labels and their values come from series with samples in the window', async () => {
  put('up', { job: 'a' }, [1]);
  put('hits', { zone: 'z' }, [1]);
  expect(await query.labelNames([], T0, T0 + S)).toEqual(['__name__', 'job', 'zone']);
  expect(await query.labelValues('job', [], T0, T0 + S)).toEqual(['a']);
  expect(await query.series([query.parseSelector('{job=~".+"}')], T0, T0 + S)).toEqual([{ __name__: 'up', job: 'a' }]);
  expect(await query.labelValues('job', [], T0 + 400 * S, T0 + 500 * S)).toEqual([]);
});

test('an expression is printed back in one form', () => {
  expect(query.format('sum by(job)(rate(hits{a="b"}[5m]))>1')).toBe('sum by (job) (rate(hits{a="b"}[5m])) > 1');
});

test('window statistics hold all series of a metric together', () => {
  put('hits', { job: 'a' }, [1, 2, 3]);
  put('hits', { job: 'b' }, [10, 20]);
  expect(windowStats(store, [{ label: '__name__', op: '=', value: 'hits' }], T0, T0 + 60 * S).get('hits')).toEqual({
    current: 3,
    average: 7.2,
    min: 1,
    max: 20,
    atMs: T0 + 20 * S,
    samples: 5,
    series: 2,
  });
});
