import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import type { EmbeddedStoreOptions } from './embedded-store-options.ts';
import { batchOf, contents, put, sampleStoreContract } from './sample-store.contract.ts';
import type { SampleStore, Selector } from './sample-store.ts';
import { SamplesDatabase } from './samples-database.ts';
import { openDatabase } from './sqlite.ts';

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

test('what a compaction frees goes back to the disk, though no sample comes any more', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = open({ path, clock });
  const startMs = clock.nowMs();
  const refs = Array.from({ length: 200 }, (_, i) => store.ref({ name: 'g', labels: { s: String(i) } }) as number);
  for (let i = 0; i < 1200; i++) {
    clock.jumpTo(startMs + i * 10_000);
    store.append(batchOf(refs.map((ref) => [ref, clock.nowMs(), (i * 7919 * (ref + 3)) % 1e6])));
  }
  await store.flush();
  const before = store.stats().bytesOnDisk;
  store.maintain(clock.nowMs());
  await clock.advance(60_000);
  store.maintain(clock.nowMs());
  expect(store.stats().bytesOnDisk).toBeLessThan(0.9 * before);
  const database = openDatabase(path);
  const pages = (pragma: string): number => Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  expect(pages('freelist_count')).toBeLessThanOrEqual(Math.max(16, pages('page_count') / 20));
  database.close();
});

test('samples older than the retention go, with the series that have nothing else, and come back as new', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = open({ path, clock, retention: { rawMs: 3_600_000, minuteMs: 0, hourMs: 0 } });
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

test('when the file is larger than allowed the oldest samples go, and no others', async () => {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  const store = openEmbeddedStore({ path: join(root, `${++files}.db`), clock, log: silentLogger, retention: { bytes: 400_000 } });
  const refs = Array.from({ length: 30 }, (_, s) => store.ref({ name: 'g', labels: { s: String(s) } }) as number);
  for (let i = 0; i < 1800; i++) {
    clock.jumpTo(startMs + i * 10_000);
    store.append(batchOf(refs.map((ref, s) => [ref, clock.nowMs(), Math.sin(i * s)])));
    if (i % 10 === 9) store.maintain(clock.nowMs());
  }
  const found = contents(store, G)['g{s="7"}'] ?? [];
  expect(found.length).toBeGreaterThan(100);
  expect(found.length).toBeLessThan(1700);
  expect(found.at(-1)).toEqual([startMs + 17_990_000, Math.sin(1799 * 7)]);
  expect(found).toHaveLength((startMs + 17_990_000 - (found[0]?.[0] ?? 0)) / 10_000 + 1);
  await store[Symbol.asyncDispose]();
});

test('a series that is slow does not keep the write-ahead batches of fast ones', async () => {
  const clock = new FakeClock();
  const startMs = clock.nowMs();
  const path = join(root, `${++files}.db`);
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  const refs = Array.from({ length: 300 }, (_, s) => store.ref({ name: 'g', labels: { s: String(s) } }) as number);
  for (let i = 0; i < 600; i++) {
    clock.jumpTo(startMs + i * 10_000);
    store.append(batchOf(refs.map((ref) => [ref, clock.nowMs(), Math.sin(i + ref)])));
    if (i % 90 === 0) put(store, { name: 'slow' }, [[clock.nowMs(), i]]);
    await store.flush();
    if (i % 10 === 9) store.maintain(clock.nowMs());
  }
  await store[Symbol.asyncDispose]();
  const database = new SamplesDatabase(path, () => undefined);
  const bytes = [...database.batches()].reduce((sum, { data }) => sum + data.length, 0);
  database.close();
  expect(bytes).toBeLessThan(1_300_000);
  const again = open({ path, clock });
  const slow = contents(again, [{ label: '__name__', op: '=', value: 'slow' }])['slow{}'];
  expect(slow).toEqual(Array.from({ length: 7 }, (_, i) => [startMs + i * 900_000, i * 90]));
  expect(again.stats().samples).toBe(300 * 600 + 7);
});

test('told to commit always, what append returns from is on disk', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = openEmbeddedStore({ path, clock, log: silentLogger, commit: 'always' });
  put(store, { name: 'g' }, [[clock.nowMs(), 5]]);
  const database = new SamplesDatabase(path, () => undefined);
  expect([...database.batches()]).toHaveLength(1);
  database.close();
  await store[Symbol.asyncDispose]();
});

test('a series beyond the limit is refused while known ones go on', async () => {
  const clock = new FakeClock();
  const store = open({ path: ':memory:', clock, limits: { maxSeries: 1, maxValueLength: 3 } });
  expect(store.ref({ name: 'long', labels: { a: 'four' } })).toBeUndefined();
  const ref = store.ref({ name: 'g', labels: {} });
  expect(ref).toBeDefined();
  expect(store.ref({ name: 'h', labels: {} })).toBeUndefined();
  expect(store.ref({ name: 'g', labels: {} })).toBe(ref);
  expect(store.stats().droppedSamples).toEqual({ series_limit: 2 });
});

/** Five hours of two series every 10 s, maintained as the engine would; one has a gap. */
async function fiveHours(store: SampleStore, clock: FakeClock): Promise<void> {
  const startMs = clock.nowMs();
  for (let i = 0; i < 1800; i++) {
    const atMs = startMs + i * 10_000;
    clock.jumpTo(atMs);
    put(store, { name: 'g', labels: { s: 'a' } }, [[atMs, ((i * 37) % 1009) / 10]]);
    if (i < 300 || i > 900) put(store, { name: 'g', labels: { s: 'b' } }, [[atMs, i === 1000 ? Number.NaN : i * 3]]);
    if (i % 10 === 9) store.maintain(atMs);
  }
  await store.flush();
}

test('joining chunks into long ones changes nothing that is read, before and after a restart', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const startMs = clock.nowMs();
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  await fiveHours(store, clock);
  const expected: Record<string, [number, number][]> = {
    'g{s="a"}': Array.from({ length: 1800 }, (_, i) => [startMs + i * 10_000, ((i * 37) % 1009) / 10]),
    'g{s="b"}': Array.from({ length: 1800 }, (_, i): [number, number] => [startMs + i * 10_000, i === 1000 ? Number.NaN : i * 3]).filter(
      (_, i) => i < 300 || i > 900,
    ),
  };
  expect(contents(store, G)).toEqual(expected);
  expect(store.stats().samples).toBe(1800 + 300 + 899);
  const window = [startMs + 1_234_000, startMs + 12_345_000] as const;
  const before = { window: contents(store, G, ...window), summary: [...(store.summarize?.(G, ...window) ?? [])] };
  expect(before.window['g{s="a"}']).toEqual(expected['g{s="a"}']?.filter(([atMs]) => atMs >= window[0] && atMs <= window[1]));
  await store[Symbol.asyncDispose]();
  const database = new SamplesDatabase(path, () => undefined);
  expect([...database.blocks.list()].length).toBeGreaterThan(0);
  database.close();
  const again = open({ path, clock });
  expect(contents(again, G)).toEqual(expected);
  expect(contents(again, G, ...window)).toEqual(before.window);
  expect([...(again.summarize?.(G, ...window) ?? [])]).toEqual(before.summary);
  expect(again.stats().samples).toBe(1800 + 300 + 899);
  expect(again.series([{ label: 's', op: '=', value: 'b' }], startMs + 3_100_000, startMs + 8_900_000)).toEqual([]);
});

test('a compaction that a kill cut short leaves every sample where it was', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  await fiveHours(store, clock);
  const before = contents(store, G);
  await store[Symbol.asyncDispose]();
  const database = new SamplesDatabase(path, () => undefined);
  database.blocks.insertChunk(99, 0, Uint8Array.of(1, 2, 3));
  database.close();
  const again = open({ path, clock });
  expect(contents(again, G)).toEqual(before);
  expect(again.stats().problems).toEqual([]);
});

test('a file whose long chunks are kept by block and series is brought into the form of today, and nothing is lost', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  await fiveHours(store, clock);
  const before = contents(store, G);
  await store[Symbol.asyncDispose]();
  const former = openDatabase(path);
  former.exec(`CREATE TABLE kept (block INTEGER NOT NULL, series INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (block, series)) WITHOUT ROWID;
    INSERT INTO kept SELECT id >> 32, id & 4294967295, data FROM chunks; DROP TABLE chunks; ALTER TABLE kept RENAME TO chunks`);
  former.close();
  expect(contents(open({ path, clock }), G)).toEqual(before);
});

test('a damaged long chunk is left out and reported, the rest is read', async () => {
  const clock = new FakeClock();
  const path = join(root, `${++files}.db`);
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  await fiveHours(store, clock);
  await store[Symbol.asyncDispose]();
  const database = new SamplesDatabase(path, () => undefined);
  const chunk = Uint8Array.from(database.blocks.chunk(1, 0) ?? []);
  chunk[30] = (chunk[30] ?? 0) ^ 4;
  database.blocks.insertChunk(1, 0, chunk);
  database.close();
  const again = open({ path, clock });
  const found = contents(again, G);
  expect(found['g{s="a"}']?.length).toBeLessThan(1800);
  expect(found['g{s="a"}']?.length).toBeGreaterThan(500);
  expect(found['g{s="b"}']).toHaveLength(1199);
  expect(again.stats().problems).toEqual(['A damaged chunk of g was left out of a query']);
});

test('property: any float comes back bit for bit from the write-ahead batches of a process that ended without a word', async () => {
  const bits = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 0x7ff0000000000000n, max: 0x7fffffffffffffffn }),
    fc.constantFrom(0x7ff0000000000002n, 0x8000000000000000n, 0x7ff0000000000000n, 0xfff0000000000000n, 0xfff8000000000001n, 1n),
    fc.double({ noNaN: true }).map((value) => new BigUint64Array(Float64Array.of(value).buffer)[0] ?? 0n),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bits, { minLength: 1, maxLength: 150 }), async (given) => {
      const clock = new FakeClock();
      const path = join(root, `${++files}.db`);
      await using store = openEmbeddedStore({ path, clock, log: silentLogger });
      const ref = store.ref({ name: 'g', labels: {} }) as number;
      const { length } = given;
      const timesMs = Float64Array.from(given, (_, i) => clock.nowMs() - 1000 + i);
      const values = new Float64Array(BigUint64Array.from(given).buffer);
      store.append({ length, refs: new Uint32Array(length).fill(ref), timesMs, values });
      await store.flush();
      await using other = openEmbeddedStore({ path, clock, log: silentLogger });
      const [view] = other.read(G, 0, Infinity);
      expect(view?.length).toBe(length);
      expect(new BigUint64Array(view?.values.buffer as ArrayBuffer, view?.values.byteOffset, length)).toEqual(BigUint64Array.from(given));
    }),
    { numRuns: 60 },
  );
});
