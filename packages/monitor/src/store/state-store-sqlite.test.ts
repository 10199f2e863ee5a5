import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { stateStoreContract } from './state-store.contract.ts';
import { openSqliteStateStore } from './state-store-sqlite.ts';

stateStoreContract('sqlite in memory', () => openSqliteStateStore({ path: ':memory:', clock: new FakeClock() }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bellwether-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

stateStoreContract('sqlite in a file', () => openSqliteStateStore({ path: path.join(folder, 'state.db'), clock: new FakeClock() }));

test('what was written is there after opening again', async () => {
  const options = { path: path.join(folder, 'state.db'), clock: new FakeClock() };
  const first = await openSqliteStateStore(options);
  await first.db.insertInto('settings').values({ key: 'k', value_json: '"v"', updated_at_ms: 0 }).execute();
  await first[Symbol.asyncDispose]();
  const second = await openSqliteStateStore(options);
  expect(await second.db.selectFrom('settings').select('value_json').where('key', '=', 'k').execute()).toEqual([{ value_json: '"v"' }]);
  expect(second.problems).toEqual([]);
  await second[Symbol.asyncDispose]();
});

test('a damaged file is set aside and said, and state starts empty', async () => {
  const file = path.join(folder, 'state.db');
  writeFileSync(file, 'this is not a database, whatever its name says '.repeat(200));
  const state = await openSqliteStateStore({ path: file, clock: new FakeClock(5) });
  expect(state.problems).toHaveLength(1);
  expect(readdirSync(folder)).toContain('state.db.damaged-5');
  expect(await state.db.selectFrom('tokens').selectAll().execute()).toEqual([]);
  await state[Symbol.asyncDispose]();
});

const BULKY = { key: 'bulky', value_json: 'x'.repeat(1_000_000), updated_at_ms: 0 };

test('regression: a full disk refuses a transaction and a single statement by the same code, is told, and is forgotten when a write is taken', async () => {
  await using state = await openSqliteStateStore({ path: path.join(folder, 'state.db'), clock: new FakeClock() });
  const { rows } = await sql<{ readonly page_count: number }>`pragma page_count`.execute(state.db);
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 1)}`.execute(state.db);
  const insert = (db: Pick<typeof state.db, 'insertInto'>) => db.insertInto('settings').values(BULKY).execute();
  await expect(insert(state.db)).rejects.toMatchObject({ code: 'state_unavailable', hint: expect.stringContaining('Make room') });
  await expect(state.transaction(insert)).rejects.toMatchObject({ code: 'state_unavailable' });
  expect(state.problems).toEqual(['State cannot be written: database or disk is full']);
  await state.transaction((tx) => tx.selectFrom('settings').select('key').execute());
  expect(state.problems).toHaveLength(1);
  await sql`pragma max_page_count = 100000`.execute(state.db);
  await state.transaction(insert);
  expect(state.problems).toEqual([]);
});
