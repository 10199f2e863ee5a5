import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres, startPostgres, type TestServer } from '../../../../../tests/servers/servers.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { Outbox } from '../../deliver/outbox/outbox.ts';
import { freshDatabase } from '../testing/fresh-database.ts';
import { openTestState, usePostgres } from '../testing/open-test-state.ts';

describe.skipIf(!hasPostgres)('on a real PostgreSQL', async () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());
  usePostgres(() => freshDatabase(server));
  await import('../../alerts/create-alerting.test.ts');
  await import('../../engine/notifying.test.ts');
  // That of delivery moves its clock without waiting for a database that is elsewhere; its statements are run here.
  test('the statements of the outbox do on PostgreSQL what they do on SQLite', async () => {
    await using state = await openTestState(new FakeClock(1000));
    const outbox = new Outbox(state);
    const row = (id: string, channel: string, at: number) =>
      ({
        id,
        channel,
        group_key: 'g',
        payload_json: '{',
        status: 'waiting',
        attempts: 0,
        next_attempt_at_ms: at,
        created_at_ms: at,
        delivered_at_ms: null,
        last_error: null,
      }) as const;
    await state.db
      .insertInto('outbox')
      .values([row('1', 'a', 1), row('2', 'a', 2), row('3', 'b', 3)])
      .execute();
    const waiting = await outbox.waiting('a');
    expect(waiting.map(({ id }) => id)).toEqual(['1', '2']);
    await outbox.markFailed(waiting, { attempts: 1, error: 'busy', nextAttemptAtMs: 5.4, permanent: false });
    await outbox.markSending(waiting);
    await outbox.markDelivered(waiting, { nowMs: 9, reference: 'thread' });
    expect(await outbox.reference('a', 'g')).toBe('thread');
    expect(await outbox.told('a', ['g'], 0)).toEqual([]);
    await outbox.load(await outbox.waiting('b'));
    expect((await outbox.recent(10)).map(({ id, status, lastError }) => [id, status, lastError])).toEqual([
      ['3', 'dead', 'The stored message cannot be read'],
      ['2', 'delivered', undefined],
      ['1', 'superseded', undefined],
    ]);
    expect(await outbox.replay('b', 10)).toBe(1);
    await outbox.buryOrphans(['a']);
    expect((await outbox.recent(1))[0]).toMatchObject({ status: 'dead', lastError: 'The channel is no longer configured' });
  });
});
