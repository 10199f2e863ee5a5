import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeClock } from '../base/fake-clock.ts';
import type { Labels } from '../model/labels.ts';
import type { AppendResult, SampleBatch } from '../model/sample-batch.ts';
import type { SampleStore, Selector } from './sample-store.ts';

/** What the suite runs against. `clock` is the one the store was given. */
export interface StoreUnderTest {
  readonly store: SampleStore;
  readonly clock: FakeClock;
  /** Ends the store and opens it again on what it kept; absent for stores that forget. */
  reopen?(): Promise<SampleStore>;
}

export function batchOf(samples: readonly (readonly [ref: number, atMs: number, value: number])[]): SampleBatch {
  return {
    length: samples.length,
    refs: Uint32Array.from(samples, ([ref]) => ref),
    timesMs: Float64Array.from(samples, ([, atMs]) => atMs),
    values: Float64Array.from(samples, ([, , value]) => value),
  };
}

/** Appends `[atMs, value]` pairs to one series, making it when new. */
export function put(
  store: SampleStore,
  series: { readonly name: string; readonly labels?: Labels },
  samples: readonly (readonly [number, number])[],
): AppendResult {
  const ref = store.ref({ name: series.name, labels: series.labels ?? {} });
  if (ref === undefined) throw new Error(`${series.name} was refused`);
  return store.append(batchOf(samples.map(([atMs, value]) => [ref, atMs, value])));
}

/** Series as plain data: `name{labels}` → pairs. */
export function contents(store: SampleStore, selector: Selector, fromMs = 0, toMs = Infinity): Record<string, [number, number][]> {
  const found: Record<string, [number, number][]> = {};
  for (const view of store.read(selector, fromMs, toMs)) {
    const labels = Object.entries(view.labels).map(([name, value]) => `${name}="${value}"`);
    found[`${view.name}{${labels.sort().join(',')}}`] = Array.from({ length: view.length }, (_, i) => [
      view.timesMs[i] ?? 0,
      view.values[i] ?? 0,
    ]);
  }
  return found;
}

const named = (value: string): Selector => [{ label: '__name__', op: '=', value }];

/** The promises of `SampleStore`, for every implementation. */
export function sampleStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a SampleStore`, () => {
    let under: StoreUnderTest;
    let store: SampleStore;
    let nowMs = 0;
    beforeEach(async () => {
      under = await open();
      store = under.store;
      nowMs = under.clock.nowMs();
    });
    afterEach(() => store[Symbol.asyncDispose]());

    test('contract: samples can be read as soon as they are appended', () => {
      expect(
        put(store, { name: 'up', labels: { job: 'api' } }, [
          [nowMs - 10, 1],
          [nowMs, 0],
        ]),
      ).toEqual({ appended: 2, dropped: {} });
      expect(contents(store, named('up'))).toEqual({
        'up{job="api"}': [
          [nowMs - 10, 1],
          [nowMs, 0],
        ],
      });
    });

    test('contract: a window includes both its ends and read() returns samples oldest first', () => {
      put(
        store,
        { name: 'g' },
        Array.from({ length: 500 }, (_, i) => [nowMs - 500_000 + i * 1000, i]),
      );
      const window = contents(store, named('g'), nowMs - 490_000, nowMs - 100_000)['g{}'] ?? [];
      expect(window).toHaveLength(391);
      expect(window[0]).toEqual([nowMs - 490_000, 10]);
      expect(window.at(-1)).toEqual([nowMs - 100_000, 400]);
    });

    test('contract: the order in which labels are given does not make another series', () => {
      const one = store.ref({ name: 'm', labels: { a: '1', b: '2' } });
      expect(store.ref({ name: 'm', labels: { b: '2', a: '1' } })).toBe(one);
      expect(store.ref({ name: 'm', labels: { a: '1', b: '2', c: '' } })).toBe(one);
      expect(store.ref({ name: 'm', labels: { a: '1', b: '3' } })).not.toBe(one);
    });

    test('contract: samples of one instant are taken once, the first value stays', () => {
      put(store, { name: 'g' }, [[nowMs, 1]]);
      expect(put(store, { name: 'g' }, [[nowMs, 2]])).toEqual({ appended: 0, dropped: { duplicate: 1 } });
      expect(contents(store, named('g'))).toEqual({ 'g{}': [[nowMs, 1]] });
      expect(store.stats().droppedSamples).toEqual({ duplicate: 1 });
    });

    test('contract: a sample that comes late is dropped and counted, or stands in its place', () => {
      put(store, { name: 'g' }, [
        [nowMs - 20_000, 1],
        [nowMs, 3],
      ]);
      const late = put(store, { name: 'g' }, [
        [nowMs - 10_000, 2],
        [nowMs - 10_000, 7],
      ]);
      const times = (contents(store, named('g'))['g{}'] ?? []).map(([, value]) => value);
      if (store.acceptsOutOfOrder) {
        expect(late).toEqual({ appended: 1, dropped: { duplicate: 1 } });
        expect(times).toEqual([1, 2, 3]);
      } else {
        expect(late).toEqual({ appended: 0, dropped: { out_of_order: 2 } });
        expect(times).toEqual([1, 3]);
      }
    });

    test('contract: samples without a series, without a time or from the far future are dropped and counted', () => {
      const ref = store.ref({ name: 'g', labels: {} }) as number;
      const result = store.append(
        batchOf([
          [999_999, nowMs, 1],
          [ref, Number.NaN, 1],
          [ref, nowMs + 86_400_000, 1],
          [ref, nowMs, 7],
        ]),
      );
      expect(result).toEqual({ appended: 1, dropped: { invalid: 2, too_new: 1 } });
    });

    test('contract: matchers select by value, absence and anchored pattern', () => {
      for (const [job, zone] of [
        ['api', 'a'],
        ['api-v2', 'b'],
        ['db', ''],
      ] as const)
        put(store, { name: 'up', labels: { job, zone } }, [[nowMs, 1]]);
      const jobs = (selector: Selector): string[] =>
        store
          .series([...named('up'), ...selector], 0, Infinity)
          .map(({ labels }) => labels['job'] ?? '')
          .sort();
      expect(jobs([{ label: 'job', op: '=', value: 'api' }])).toEqual(['api']);
      expect(jobs([{ label: 'job', op: '!=', value: 'api' }])).toEqual(['api-v2', 'db']);
      expect(jobs([{ label: 'job', op: '=~', value: 'ap' }])).toEqual([]);
      expect(jobs([{ label: 'job', op: '=~', value: 'api.*' }])).toEqual(['api', 'api-v2']);
      expect(jobs([{ label: 'job', op: '=~', value: 'db|api' }])).toEqual(['api', 'db']);
      expect(jobs([{ label: 'job', op: '=~', value: '[ad](pi|b)' }])).toEqual(['api', 'db']);
      expect(jobs([{ label: 'job', op: '!~', value: 'api.+' }])).toEqual(['api', 'db']);
      expect(jobs([{ label: 'zone', op: '=', value: '' }])).toEqual(['db']);
      expect(jobs([{ label: 'zone', op: '=~', value: '|a' }])).toEqual(['api', 'db']);
      expect(jobs([{ label: 'nope', op: '=~', value: '.+' }])).toEqual([]);
    });

    test('contract: series() lists only those with samples in the window, with their metadata', () => {
      store.ref({ name: 'g', labels: {}, meta: { kind: 'gauge', unit: 'percent', help: 'How full.' } });
      put(store, { name: 'g' }, [[nowMs - 5000, 1]]);
      expect(store.series(named('g'), nowMs - 6000, nowMs)).toEqual([
        { name: 'g', labels: {}, meta: { kind: 'gauge', unit: 'percent', help: 'How full.' } },
      ]);
      expect(store.series(named('g'), nowMs - 4000, nowMs)).toEqual([]);
      expect(store.metadata().get('g')?.unit).toBe('percent');
    });

    test('contract: newest() has the last sample of each series within the window', () => {
      put(store, { name: 'a', labels: { job: 'x' } }, [
        [nowMs - 3000, 1],
        [nowMs - 1000, 2],
      ]);
      put(store, { name: 'a', labels: { job: 'y' } }, [[nowMs - 9000, 3]]);
      const newest = (toMs: number): unknown[] =>
        Array.from((store.newest ?? store.read).call(store, named('a'), nowMs - 5000, toMs), ({ labels, length, timesMs, values }) => [
          labels['job'],
          timesMs[length - 1],
          values[length - 1],
        ]);
      expect(newest(nowMs)).toEqual([['x', nowMs - 1000, 2]]);
      expect(newest(nowMs - 2000)).toEqual([['x', nowMs - 3000, 1]]);
    });

    test('contract: names() lists every metric once', () => {
      put(store, { name: 'a', labels: { job: 'x' } }, [[nowMs, 1]]);
      put(store, { name: 'a', labels: { job: 'y' } }, [[nowMs, 1]]);
      put(store, { name: 'b' }, [[nowMs, 1]]);
      expect([...(store.names?.() ?? ['a', 'b'])].sort()).toEqual(['a', 'b']);
    });

    test('contract: values come back to the bit, whatever they are', () => {
      const values = new Float64Array(
        new BigUint64Array([0x7ff0000000000002n, 0x8000000000000000n, 0x7ff8000000001234n, 0x7ff0000000000000n, 0x433fffffffffffffn, 1n])
          .buffer,
      );
      const ref = store.ref({ name: 'odd', labels: {} }) as number;
      const length = 300;
      const timesMs = Float64Array.from({ length }, (_, i) => nowMs - 300_000 + i * 1000);
      const all = new Float64Array(length);
      for (let i = 0; i < length; i++) all.set(values.subarray(i % 6, (i % 6) + 1), i);
      store.append({ length, refs: new Uint32Array(length).fill(ref), timesMs, values: all });
      const [view] = store.read(named('odd'), 0, Infinity);
      const bits = new BigUint64Array(view?.values.buffer as ArrayBuffer, view?.values.byteOffset, length);
      expect(bits).toEqual(new BigUint64Array(all.buffer));
    });

    test('contract: summaries agree with the samples, whatever the window cuts', () => {
      put(
        store,
        { name: 'g' },
        Array.from({ length: 500 }, (_, i) => [nowMs - 500_000 + i * 1000, i === 130 ? Number.NaN : (i * 37) % 101]),
      );
      for (const [from, to] of [
        [0, Infinity],
        [nowMs - 495_000, nowMs - 3000],
        [nowMs - 380_000, nowMs - 379_000],
        [nowMs - 400_000, nowMs - 20_000],
      ] as const) {
        const all = contents(store, named('g'), from, to)['g{}'] ?? [];
        const values = all.filter(([, value]) => Number.isFinite(value));
        const [summary] = store.summarize?.(named('g'), from, to) ?? [];
        if (summary === undefined) continue;
        expect(summary).toEqual({
          name: 'g',
          labels: {},
          samples: values.length,
          notFinite: all.length - values.length,
          sum: values.reduce((sum, [, value]) => sum + value, 0),
          min: Math.min(...values.map(([, value]) => value)),
          max: Math.max(...values.map(([, value]) => value)),
          last: values.at(-1)?.[1],
          lastAtMs: values.at(-1)?.[0],
        });
      }
      expect(store.summarize === undefined || [...store.summarize(named('nothing'), 0, Infinity)].length === 0).toBe(true);
    });

    test('contract: flush resolves for all that call it together', async () => {
      put(store, { name: 'g' }, [[nowMs, 1]]);
      await expect(Promise.all([store.flush(), store.flush(), store.flush()])).resolves.toHaveLength(3);
    });

    test('contract: what flush acknowledged is there after a restart, in the same series', async () => {
      if (under.reopen === undefined) return;
      for (let i = 0; i < 1000; i += 10) {
        put(
          store,
          { name: 'g', labels: { x: 'y' } },
          Array.from({ length: 10 }, (_, j) => [nowMs - 1_000_000 + (i + j) * 1000, (i + j) / 10]),
        );
        await store.flush();
      }
      const before = contents(store, named('g'));
      store = await under.reopen();
      expect(contents(store, named('g'))).toEqual(before);
      expect(before['g{x="y"}']).toHaveLength(1000);
      expect(put(store, { name: 'g', labels: { x: 'y' } }, [[nowMs, 5]]).appended).toBe(1);
      expect(Object.keys(contents(store, named('g')))).toHaveLength(1);
      expect(store.stats().problems).toEqual([]);
    });
  });
}
