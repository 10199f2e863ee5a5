import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isDamage, isDiskFull, openDatabase } from './sqlite.ts';

let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'bellwether-sqlite-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a new database and its log can be read by their owner alone', () => {
  const path = join(dir, 'a.db');
  const database = openDatabase(path);
  database.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
  database.close();
});

test('every commit of a database is synced', () => {
  const database = openDatabase(join(dir, 'a.db'));
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  database.close();
});

test('a database is marked so that SQL instrumentation leaves it alone', () => {
  const database = openDatabase(':memory:');
  expect(Reflect.get(database, Symbol.for('bellwether.exempt'))).toBe(true);
  database.close();
});

test('opening a database prints no experimental warning and leaves other warnings alone', () => {
  const before = process.emitWarning;
  const warnings: string[] = [];
  process.emitWarning = (warning: string | Error): void => void warnings.push(String(warning));
  const spy = process.emitWarning;
  try {
    openDatabase(':memory:').close();
    expect(process.emitWarning).toBe(spy);
    process.emitWarning('mine');
  } finally {
    process.emitWarning = before;
  }
  expect(warnings).toEqual(['mine']);
});

test('a file that is no database is reported as damage, not as a full disk', () => {
  const path = join(dir, 'a.db');
  writeFileSync(path, 'not a database at all, but long enough to be looked at as one. '.repeat(100));
  let thrown: unknown;
  try {
    openDatabase(path);
  } catch (error) {
    thrown = error;
  }
  expect(isDamage(thrown)).toBe(true);
  expect(isDiskFull(thrown)).toBe(false);
});

test('a database that reached its size limit is reported as a full disk', () => {
  const database = openDatabase(':memory:');
  database.exec('CREATE TABLE t (x); PRAGMA max_page_count = 4');
  let thrown: unknown;
  try {
    database.prepare('INSERT INTO t VALUES (zeroblob(1000000))').run();
  } catch (error) {
    thrown = error;
  }
  expect(isDiskFull(thrown)).toBe(true);
  database.close();
});
