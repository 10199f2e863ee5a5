import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { createRegistry, type Registry } from '../../instruments/registry.ts';
import { exemptDatabase, observeSqlite } from './sqlite.ts';

let registry: Registry;
let clock: FakeClock;
let instrument: Disposable;

beforeEach(() => {
  clock = new FakeClock();
  registry = createRegistry({ clock });
  instrument = observeSqlite(registry, { clock });
});
afterEach(() => instrument[Symbol.dispose]());

/** Total of a metric by query, at the next drain. */
async function totals(name: string): Promise<Record<string, number>> {
  await clock.advance(1000);
  const batch = registry.drain(clock.nowMs());
  const found: Record<string, number> = {};
  for (const [i, slot] of (batch?.slots ?? []).entries()) {
    const series = batch?.newSeries[slot];
    if (series?.name === name) found[series.labels['query'] ?? ''] = batch?.values[i] as number;
  }
  return found;
}

test('statements are counted by fingerprint with their rows', async () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (a INTEGER)');
  database.prepare('INSERT INTO t VALUES (1), (2)').run();
  expect(database.prepare('SELECT a FROM t WHERE a > 0').all()).toHaveLength(2);
  expect(database.prepare('SELECT a FROM t WHERE a = ?').get(1)).toEqual({ a: 1 });
  expect([...database.prepare('SELECT a FROM t ORDER BY a').iterate()]).toHaveLength(2);
  database.close();
  expect(await totals('database_rows_total')).toEqual({
    'INSERT INTO t VALUES (?)': 2,
    'SELECT a FROM t WHERE a > ?': 2,
    'SELECT a FROM t WHERE a = ?': 1,
    'SELECT a FROM t ORDER BY a': 2,
  });
});

test('a failing statement is counted and its error thrown on', async () => {
  const database = new DatabaseSync(':memory:');
  expect(() => database.exec('SELECT * FROM nowhere')).toThrow('no such table');
  expect(await totals('database_errors_total')).toEqual({ 'SELECT * FROM nowhere': 1 });
});

test('an exempt database is not measured', async () => {
  const database = new DatabaseSync(':memory:');
  exemptDatabase(database);
  database.exec('SELECT 1');
  database.prepare('SELECT 2').get();
  expect(await totals('database_query_time_count')).toEqual({});
});

test('after disposal nothing is measured and the methods are as they were', async () => {
  instrument[Symbol.dispose]();
  new DatabaseSync(':memory:').exec('SELECT 1');
  expect(await totals('database_query_time_count')).toEqual({});
  expect(DatabaseSync.prototype.exec.name).toBe('exec');
});
