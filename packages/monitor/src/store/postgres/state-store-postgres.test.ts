import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hasPostgres, startPostgres, type TestServer } from '../../../../../tests/servers/servers.ts';
import { messageOf } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { stateStoreContract } from '../state-store.contract.ts';
import type { StateStore } from '../state-store.ts';
import { openPostgresStateStore } from './state-store-postgres.ts';
import { freshDatabase } from '../testing/fresh-database.ts';

if (!hasPostgres) console.warn('SKIPPED: no PostgreSQL to keep state in. Install Debian’s package postgresql.');

describe.skipIf(!hasPostgres)('state in a real PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  const open = async (url: string, name = 'a'): Promise<StateStore> =>
    openPostgresStateStore({ url, clock: new FakeClock(), server: name });

  stateStoreContract('postgresql', async () => open(await freshDatabase(server)));

  test('servers that start together make the tables once', async () => {
    const url = await freshDatabase(server);
    const stores = await Promise.all(['a', 'b', 'c'].map((name) => open(url, name)));
    await stores[0]?.db.insertInto('settings').values({ key: 'k', value_json: '1', updated_at_ms: 0 }).execute();
    expect(await stores[2]?.db.selectFrom('settings').select('value_json').where('key', '=', 'k').execute()).toEqual([{ value_json: '1' }]);
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
  });

  test('regression: a connection that is ended between two statements of a transaction fails it, and nothing else', async () => {
    const url = await freshDatabase(server);
    await using one = await open(url, 'one');
    await using other = await open(url, 'other');
    const failed = one.transaction(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await sql`select pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(other.db);
      // Its last words have arrived once another statement of this process has been answered.
      await sql`select pg_sleep(0.2)`.execute(other.db);
      await tx.selectFrom('settings').selectAll().execute();
    });
    await expect(failed).rejects.toMatchObject({ code: 'state_unavailable' });
    expect(await one.db.selectFrom('settings').select('key').execute()).not.toEqual([]);
    expect(one.problems).toEqual([]);
  });

  test('transactions of two servers do not interleave', async () => {
    const url = await freshDatabase(server);
    await using one = await open(url, 'one');
    await using other = await open(url, 'other');
    await one.db.insertInto('settings').values({ key: 'n', value_json: '0', updated_at_ms: 0 }).execute();
    const increment = (state: StateStore): Promise<void> =>
      state.transaction(async (tx) => {
        const { value_json } = await tx.selectFrom('settings').select('value_json').where('key', '=', 'n').executeTakeFirstOrThrow();
        await tx
          .updateTable('settings')
          .set({ value_json: String(Number(value_json) + 1) })
          .where('key', '=', 'n')
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => increment(i % 2 === 0 ? one : other)));
    expect((await one.db.selectFrom('settings').select('value_json').where('key', '=', 'n').executeTakeFirstOrThrow()).value_json).toBe(
      '20',
    );
  });

  test('a row that another server has just written is a conflict', async () => {
    await using state = await open(await freshDatabase(server));
    const insert = (): Promise<unknown> =>
      state.db.insertInto('settings').values({ key: 'k', value_json: '1', updated_at_ms: 0 }).execute();
    await insert();
    await expect(insert()).rejects.toMatchObject({ code: 'state_conflict' });
    expect(state.problems).toEqual([]);
  });

  test('a server that is gone is said, and its return ends it', async () => {
    await using own = await startPostgres();
    await using state = await open(`${own.url.replace('//', '//postgres@')}/postgres`);
    const read = (): Promise<unknown> => state.db.selectFrom('settings').selectAll().execute();
    await read();
    await own.program.kill();
    // What served the connection may outlive the server by a moment.
    await vi.waitFor(() => expect(read()).rejects.toMatchObject({ code: 'state_unavailable' }), 10_000);
    await expect(state.transaction(async () => {})).rejects.toMatchObject({ code: 'state_unavailable' });
    expect(state.problems[0]).toContain('PostgreSQL cannot be used');
    await own.program.start();
    await read();
    await state.transaction(async () => {});
    expect(state.problems).toEqual([]);
  }, 30_000);

  test('a server that cannot be reached stops the start in one line that names the variable and no password', async () => {
    const failure = await open('postgresql://postgres:hunter2@127.0.0.1:1/x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'state_unavailable' });
    expect(messageOf(failure)).toContain('BELLWETHER_STATE_URL');
    expect(messageOf(failure)).not.toMatch(/hunter2|\n/);
  });
});
