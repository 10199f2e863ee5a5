import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { openEmbeddedStore, type EmbeddedStoreOptions } from './embedded-store.ts';
import { contents, put, sampleStoreContract } from './sample-store.contract.ts';
import type { SampleStore, Selector } from './sample-store.ts';

const root = mkdtempSync(join(tmpdir(), 'bellwether-store-'));
let files = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A store that the test's end closes. */
function open(options: Omit<EmbeddedStoreOptions, 'log'>): SampleStore {
  const store = openEmbeddedStore({ ...options, log: silentLogger });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}
const G: Selector = [{ label: '__name__', op: '=', value: 'g' }];

sampleStoreContract('the embedded store in memory', async () => {
  const clock = new FakeClock();
  return { clock, store: openEmbeddedStore({ path: ':memory:', clock, log: silentLogger }) };
});

sampleStoreContract('the embedded store on disk', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const open = (): SampleStore => openEmbeddedStore({ path, clock, log: silentLogger });
  const store = open();
  return {
    clock,
    store,
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      return open();
    },
  };
});

test('an appended sample is on disk a second later without a flush', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = open({ path, clock });
  put(store, { name: 'g' }, [[clock.nowMs(), 1]]);
  await clock.advance(1000);
  const other = open({ path, clock });
  expect(Object.keys(contents(other, G))).toEqual(['g{}']);
});

test('batches are removed once their samples are sealed, and nothing is lost by it', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const startMs = clock.nowMs();
  {
    const store = openEmbeddedStore({ path, clock, log: silentLogger });
    for (let i = 0; i < 250; i++) {
      clock.jumpTo(startMs + i * 10_000);
      put(store, { name: 'g' }, [[startMs + i * 10_000, i]]);
      await store.flush();
      if (i % 50 === 49) store.maintain(clock.nowMs());
    }
    await store[Symbol.asyncDispose]();
  }
  const store = open({ path, clock });
  expect(contents(store, G)['g{}']).toEqual(Array.from({ length: 250 }, (_, i) => [startMs + i * 10_000, i]));
});

test('samples older than the retention go, with the series that have nothing else, and come back as new', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = open({ path, clock, retentionMs: 3_600_000 });
  put(
    store,
    { name: 'g' },
    Array.from({ length: 120 }, (_, i) => [clock.nowMs() - 120_000 + i * 1000, i]),
  );
  await store.flush();
  clock.jumpTo(clock.nowMs() + 2 * 3_600_000);
  store.maintain(clock.nowMs());
  expect(contents(store, G)).toEqual({});
  expect(store.stats().samples).toBe(0);
  put(store, { name: 'g' }, [[clock.nowMs(), 7]]);
  await store.flush();
  const other = open({ path, clock });
  expect(contents(other, G)).toEqual({ 'g{}': [[clock.nowMs(), 7]] });
});

test('a series beyond the limit is refused while known ones go on', async () => {
  const clock = new FakeClock();
  const store = open({ path: ':memory:', clock, limits: { maxSeries: 1, maxValueLength: 3 } });
  expect(store.ref({ name: 'long', labels: { a: 'four' } })).toBeUndefined();
  const ref = store.ref({ name: 'g', labels: {} });
  expect(ref).toBeDefined();
  expect(store.ref({ name: 'h', labels: {} })).toBeUndefined();
  expect(store.ref({ name: 'g', labels: {} })).toBe(ref);
});
