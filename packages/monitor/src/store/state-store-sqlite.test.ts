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

test.each(['memory', 'file'])(
  'regression: a full disk is told with its code by every way to write, and is over by itself (%s)',
  async (place) => {
    const file = place === 'file' ? path.join(folder, 'state.db') : ':memory:';
    const state = await openSqliteStateStore({ path: file, clock: new FakeClock() });
    const row = (key: string): { key: string; value_json: string; updated_at_ms: number } => ({
      key,
      value_json: 'x'.repeat(100_000),
      updated_at_ms: 0,
    });
    await sql`PRAGMA max_page_count = 60`.execute(state.db);
    const unavailable = { code: 'state_unavailable', hint: expect.stringContaining('Make room') };
    await expect(
      state.db
        .insertInto('settings')
        .values([row('a'), row('b'), row('c')])
        .execute(),
    ).rejects.toMatchObject(unavailable);
    expect(state.problems).toEqual([expect.stringContaining('state cannot be written')]);
    const several = state.transaction(async (tx) => {
      for (const key of ['a', 'b', 'c']) await tx.insertInto('settings').values(row(key)).execute();
    });
    await expect(several).rejects.toMatchObject(unavailable);
    expect(await state.db.selectFrom('settings').select('key').where('key', '!=', 'schema_version').execute()).toEqual([]);
    await sql`PRAGMA max_page_count = 1000`.execute(state.db);
    await state.db.insertInto('settings').values(row('a')).execute();
    expect(state.problems).toEqual([]);
    await state[Symbol.asyncDispose]();
  },
);
