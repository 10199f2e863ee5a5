import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openSqliteStateStore } from '../../store/state-store-sqlite.ts';
import type { OutboxRow } from '../../store/state-tables.ts';
import { createChannels } from '../channels/channel-config.ts';
import { alertOf, notificationOf } from '../channel.contract.ts';
import { createDelivery } from '../create-delivery.ts';
import { DashboardChannel } from '../channels/dashboard.ts';

function rowOf(id: string, some: Partial<OutboxRow> = {}): OutboxRow {
  return {
    id,
    channel: 'page',
    group_key: 'group',
    payload_json: JSON.stringify(notificationOf({ id, alerts: [alertOf({ id })] })),
    status: 'waiting',
    attempts: 0,
    next_attempt_at_ms: 0,
    created_at_ms: 0,
    delivered_at_ms: null,
    last_error: null,
    ...some,
  };
}

test('what waits for a channel that is gone is a dead letter with the reason', async () => {
  const clock = new FakeClock();
  const state = await openSqliteStateStore({ path: ':memory:', clock });
  onTestFinished(() => state[Symbol.asyncDispose]());
  await state.db
    .insertInto('outbox')
    .values(rowOf('m1', { channel: 'fax' }))
    .execute();
  const delivery = createDelivery({ state, clock, channels: [] });
  onTestFinished(() => delivery[Symbol.asyncDispose]());
  await delivery.pump();
  expect(await delivery.recent(10)).toMatchObject([{ status: 'dead', channel: 'fax', lastError: 'The channel is no longer configured' }]);
});

test('what waited when the process ended is posted by the next one', async () => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const state = await openSqliteStateStore({ path: ':memory:', clock: systemClock });
  onTestFinished(() => state[Symbol.asyncDispose]());
  await state.db
    .insertInto('outbox')
    .values(rowOf('m1', { channel: 'hook', created_at_ms: systemClock.nowMs() }))
    .execute();
  const channels = createChannels([{ name: 'hook', kind: 'webhook', url }], {
    allowPrivateTargets: ['127.0.0.0/8'],
    env: {},
    clock: systemClock,
  });
  const delivery = createDelivery({ state, clock: systemClock, log: silentLogger, channels });
  onTestFinished(() => delivery[Symbol.asyncDispose]());
  await delivery.pump();
  expect(bodies.map((body) => (JSON.parse(body) as { readonly id: string }).id)).toEqual(['m1']);
  expect(await delivery.recent(1)).toMatchObject([{ status: 'delivered' }]);
  await new Promise((resolve) => server.close(resolve));
});

test('regression: a backlog larger than the variables of one statement is told', async () => {
  const clock = new FakeClock();
  const state = await openSqliteStateStore({ path: ':memory:', clock });
  onTestFinished(() => state[Symbol.asyncDispose]());
  await state.transaction(async (tx) => {
    for (let start = 0; start < 35_000; start += 1_000)
      await tx
        .insertInto('outbox')
        .values(Array.from({ length: 1_000 }, (_, i) => rowOf(`m${start + i}`, { created_at_ms: start + i })))
        .execute();
  });
  const channel = new DashboardChannel('page');
  const problems: string[] = [];
  const log = { ...silentLogger, error: (_: object, message: string) => void problems.push(message) };
  const delivery = createDelivery({ state, clock, log, channels: [channel] });
  onTestFinished(() => delivery[Symbol.asyncDispose]());
  await delivery.pump();
  expect(problems).toEqual([]);
  expect(channel.inbox()).toHaveLength(1);
  expect(channel.inbox()[0]?.alerts).toHaveLength(35_000);
});
