import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres, startPostgres, type TestServer } from '../../../../../tests/servers/servers.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { createLeases } from '../leases.ts';
import { openSqliteStateStore } from '../state-store-sqlite.ts';
import type { StateStore } from '../state-store.ts';
import { freshDatabase } from '../testing/fresh-database.ts';
import { openPostgresStateStore } from './state-store-postgres.ts';

test('a server that is alone may do everything', async () => {
  await using state = await openSqliteStateStore({ path: ':memory:', clock: new FakeClock() });
  expect(await createLeases(state, { lastsMs: 1 }).holds('anything')).toBe(true);
});

describe.skipIf(!hasPostgres)('leases in a real PostgreSQL', () => {
  let server: TestServer;
  let one: StateStore;
  let other: StateStore;
  beforeAll(async () => {
    server = await startPostgres();
    const url = await freshDatabase(server);
    // Clocks of servers do not matter.
    one = await openPostgresStateStore({ url, clock: new FakeClock(0), server: 'one' });
    other = await openPostgresStateStore({ url, clock: new FakeClock(9e12), server: 'other' });
  }, 60_000);
  afterAll(async () => {
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const tokenOf = async (name: string): Promise<number> =>
    (await one.db.selectFrom('leases').select('token').where('name', '=', name).executeTakeFirstOrThrow()).token;

  test('of servers that ask together one gets it, and keeps it as long as it asks again', async () => {
    const [a, b] = [createLeases(one, { lastsMs: 60_000 }), createLeases(other, { lastsMs: 60_000 })];
    const got = await Promise.all([a.holds('x'), b.holds('x')]);
    expect(got.toSorted()).toEqual([false, true]);
    expect(await Promise.all([a.holds('x'), b.holds('x')])).toEqual(got);
    expect(await tokenOf('x')).toBe(1);
  });

  test('one that is released, or not renewed in time, passes to the next who asks, with a higher token', async () => {
    const [brief, b] = [createLeases(one, { lastsMs: 50 }), createLeases(other, { lastsMs: 60_000 })];
    expect(await brief.holds('y')).toBe(true);
    await expect.poll(() => b.holds('y'), { timeout: 5000 }).toBe(true);
    expect(await brief.holds('y')).toBe(false);
    expect(await tokenOf('y')).toBe(2);
    await b.release();
    expect(await brief.holds('y')).toBe(true);
  });
});
