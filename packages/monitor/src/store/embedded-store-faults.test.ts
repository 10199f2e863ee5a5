import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { CommitQueue } from './commit-queue.ts';
import { openDataDir } from './data-dir.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { contents, put } from './sample-store.contract.ts';
import type { SampleStore, Selector } from './sample-store.ts';
import { SamplesDatabase } from './samples-database.ts';
import { SealedRows } from './sealed-rows.ts';

const ALL: Selector = [{ label: '__name__', op: '=~', value: '.+' }];
const T0 = Date.UTC(2026, 0, 1);
/** With BELLWETHER_LONG=1 as many kills and wounds as the figures speak of; otherwise a few. */
const IS_LONG = Number(process.env['BELLWETHER_LONG'] ?? 0) > 0;
const CYCLES = IS_LONG ? 200 : 6;
const ROUNDS = IS_LONG ? 500 : 60;
const LONGEST_MS = IS_LONG ? 900_000 : 60_000;
let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'bellwether-faults-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function open(path: string, clock: FakeClock = new FakeClock(T0)): SampleStore {
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  onTestFinished(async () => await store[Symbol.asyncDispose]());
  return store;
}
async function filled(path: string): Promise<void> {
  const store = openEmbeddedStore({ path, clock: new FakeClock(T0), log: silentLogger });
  for (let s = 0; s < 20; s++) {
    put(
      store,
      { name: 'g', labels: { s: String(s) } },
      Array.from({ length: 500 }, (_, i) => [T0 - 500_000 + i * 1000, Math.round(1e4 * Math.sin(i + s)) / 100]),
    );
    await store.flush();
  }
  await store[Symbol.asyncDispose]();
}
const count = (store: SampleStore): number => Object.values(contents(store, ALL)).reduce((sum, samples) => sum + samples.length, 0);

/** A child that appends to two series, flushes, and prints how many samples were acknowledged, until it is killed. */
const WRITER = `
  import { openEmbeddedStore } from ${JSON.stringify(new URL('embedded-store.ts', import.meta.url).href)};
  import { systemClock } from ${JSON.stringify(new URL('../base/system-clock.ts', import.meta.url).href)};
  import { silentLogger } from ${JSON.stringify(new URL('../base/logger.ts', import.meta.url).href)};
  const store = openEmbeddedStore({ path: process.argv[2], clock: systemClock, log: silentLogger });
  const refs = Uint32Array.from([0, 1], (s) => store.ref({ name: 'g', labels: { s: String(s) } }));
  const startMs = Number(process.argv[4]);
  let n = Number(process.argv[3]);
  for (;;) {
    for (let k = 0; k < 7; k++, n++) store.append({ length: 2, refs, timesMs: new Float64Array(2).fill(startMs + n * 100), values: Float64Array.of(n, n / 10) });
    if (n % 91 === 0) store.maintain(Date.now());
    await store.flush();
    process.stdout.write(n + '\\n');
  }
`;

test(
  'a process killed at any moment loses nothing that was acknowledged, cycle after cycle',
  async () => {
    const path = join(dir, 'a.db');
    const script = join(dir, 'writer.ts');
    writeFileSync(script, WRITER);
    const startMs = Date.now() - 80_000_000;
    let acknowledged = 0;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', script, path, String(acknowledged), String(startMs)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let text = '';
      const ended = new Promise((resolve) => child.once('close', resolve));
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          text += String(chunk);
          if (text.split('\n').length > 10 + ((cycle * 9) % 60)) resolve();
        });
      });
      child.kill('SIGKILL');
      await ended;
      const complete = text.slice(0, text.lastIndexOf('\n')).split('\n');
      const before = Number(complete.at(-1));
      const store = openEmbeddedStore({ path, clock: new FakeClock(Date.now()), log: silentLogger });
      const found = contents(store, ALL);
      expect(store.stats().problems).toEqual([]);
      await store[Symbol.asyncDispose]();
      for (const s of [0, 1]) {
        const samples = found[`g{s="${s}"}`] ?? [];
        expect(samples.length).toBeGreaterThanOrEqual(before);
        expect(samples.slice(0, before)).toEqual(Array.from({ length: before }, (_, i) => [startMs + i * 100, s === 0 ? i : i / 10]));
      }
      acknowledged = Math.max(before, (found['g{s="0"}'] ?? []).length);
    }
  },
  LONGEST_MS,
);

test(
  'a store that was cut short or flipped anywhere always opens, says what is wrong and still takes samples',
  async () => {
    const path = join(dir, 'a.db');
    await filled(path);
    const whole = readFileSync(path);
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    let reported = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const hurt = join(dir, `${round}.db`);
      const bytes = Buffer.from(whole);
      if (round % 3 === 0) {
        writeFileSync(hurt, bytes);
        truncateSync(hurt, random(bytes.length));
      } else {
        for (let flips = 0; flips < 1 + (round % 5); flips++) {
          const at = random(bytes.length);
          bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at);
        }
        writeFileSync(hurt, bytes);
      }
      const store = openEmbeddedStore({ path: hurt, clock: new FakeClock(T0), log: silentLogger });
      const kept = count(store);
      expect(kept).toBeLessThanOrEqual(10_000);
      const { problems } = store.stats();
      if (problems.length > 0) reported++;
      expect(problems.length > 0 || kept === 10_000 || statSync(hurt).size < whole.length || round % 3 === 0).toBe(true);
      expect(put(store, { name: 'new' }, [[T0, 1]]).appended).toBe(1);
      await store.flush();
      await store[Symbol.asyncDispose]();
    }
    expect(reported).toBeGreaterThan(ROUNDS / 3);
  },
  LONGEST_MS,
);

test('a damaged file is kept aside and everything that can be read is carried over', async () => {
  const path = join(dir, 'a.db');
  await filled(path);
  const bytes = readFileSync(path);
  bytes.fill(0xff, bytes.length - 20_000, bytes.length - 8000);
  writeFileSync(path, bytes);
  const store = open(path);
  expect(store.stats().problems.length).toBeGreaterThan(0);
  expect(count(store)).toBeGreaterThan(2000);
  put(store, { name: 'new' }, [[T0, 1]]);
  await store.flush();
  expect(existsSync(path)).toBe(true);
});

test('a full disk makes flush fail, keeps the samples readable and is over by itself', async () => {
  const clock = new FakeClock(T0);
  const path = join(dir, 'a.db');
  const database = new SamplesDatabase(path, () => undefined);
  onTestFinished(() => database.close());
  let isFull = true;
  const commit = database.commit.bind(database);
  database.commit = (work) => {
    if (isFull) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    commit(work);
  };
  const queue = new CommitQueue({ database, rows: new SealedRows(), clock, log: silentLogger, intervalMs: 1000 });
  queue.addSample(0, T0, 1);
  await expect(queue.flush()).rejects.toMatchObject({ code: 'store_full' });
  expect(queue.problem).toContain('no room');
  expect(queue.waitingBytes).toBeGreaterThan(4);
  isFull = false;
  await clock.advance(1000);
  expect(queue.problem).toBeUndefined();
  expect([...database.batches()]).toHaveLength(1);
});

/** A small file system of its own; needs root. */
function mountSmall(where: string): boolean {
  mkdirSync(where);
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', where]).status === 0;
}

test('on a disk that is really full nothing acknowledged is lost, and writing goes on by itself when there is room', async (context) => {
  const small = join(dir, 'small');
  if (!mountSmall(small)) {
    console.warn('SKIPPED: no small file system can be mounted here');
    context.skip();
  }
  try {
    const { acknowledged, found } = await fillAndFree(small);
    const kept = new Map(found);
    expect(acknowledged.length).toBeGreaterThan(1000);
    expect(acknowledged.filter(([atMs, value]) => kept.get(atMs) !== value)).toEqual([]);
  } finally {
    spawnSync('umount', ['-l', small]);
  }
}, 30_000);

type Samples = readonly (readonly [atMs: number, value: number])[];

/** Writes until there is no room, makes room, writes on and opens again. */
async function fillAndFree(small: string): Promise<{ readonly acknowledged: Samples; readonly found: Samples }> {
  const clock = new FakeClock(T0);
  const path = join(small, 'a.db');
  const store = openEmbeddedStore({ path, clock, log: silentLogger });
  writeFileSync(join(small, 'ballast'), Buffer.alloc(1_500_000));
  const acknowledged: [number, number][] = [];
  const write = async (i: number): Promise<void> => {
    const samples = Array.from({ length: 200 }, (_, k): [number, number] => [T0 - 2e8 + (i * 200 + k) * 1000, Math.sin(i * 200 + k)]);
    put(store, { name: 'g' }, samples);
    await store.flush();
    acknowledged.push(...samples);
  };
  let i = 0;
  const refused = async (): Promise<unknown> => {
    for (;;) await write(i++);
  };
  await expect(refused()).rejects.toMatchObject({ code: 'store_full' });
  expect(store.stats().problems[0]).toContain('no room');
  expect(contents(store, ALL)['g{}']?.length).toBe(i * 200);
  rmSync(join(small, 'ballast'));
  await clock.advance(1000);
  expect(store.stats().problems).toEqual([]);
  await write(i++);
  await store[Symbol.asyncDispose]();
  const again = openEmbeddedStore({ path, clock, log: silentLogger });
  const found = contents(again, ALL)['g{}'] ?? [];
  expect(found).toHaveLength(i * 200);
  await again[Symbol.asyncDispose]();
  return { acknowledged, found };
}

test('a write that the database refuses makes flush fail, and the store goes on by itself', async () => {
  const path = join(dir, 'a.db');
  const clock = new FakeClock(T0);
  const store = open(path, clock);
  put(store, { name: 'g' }, [[T0 - 1000, 1]]);
  await store.flush();
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  put(store, { name: 'g' }, [[T0, 2]]);
  const failed = store.flush();
  await expect(failed).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(store.stats().problems).toHaveLength(1);
  other.exec('ROLLBACK');
  other.close();
  await clock.advance(1000);
  expect(store.stats().problems).toEqual([]);
}, 30_000);

test('a data directory is private and belongs to one process at a time', () => {
  const path = join(dir, 'data');
  const held = openDataDir(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(held.samplesPath).toBe(join(path, 'samples.db'));
  expect(() => openDataDir(path)).toThrow(expect.objectContaining({ code: 'data_dir_locked', details: { path, pid: process.pid } }));
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  openDataDir(path)[Symbol.dispose]();
});

test('a lock ends with the process that took it, however that ended', async () => {
  const path = join(dir, 'data');
  const source = `import { openDataDir } from ${JSON.stringify(new URL('data-dir.ts', import.meta.url).href)};
    openDataDir(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
  const script = join(dir, 'holder.ts');
  writeFileSync(script, source);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(() => openDataDir(path)).toThrow(expect.objectContaining({ code: 'data_dir_locked', details: { path, pid: child.pid } }));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await ended;
  openDataDir(path)[Symbol.dispose]();
});

test('a data directory that cannot be made is refused with what to do', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  expect(() => openDataDir(join(file, 'data'))).toThrow(expect.objectContaining({ code: 'data_dir_unwritable' }));
});
