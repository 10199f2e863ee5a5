import { expect, test } from 'vitest';
import { createDelivery } from './create-delivery.ts';
import { createPlan } from './plan-notifications.ts';
import { createRouting } from './routing/routing.ts';
import { bench, DOWN, FakeChannel, SENT } from './testing/delivery-bench.ts';

test('an alert and its end are told at once', async () => {
  const { tell, change, channel } = await bench();
  await tell(change('fired'));
  await tell(change('resolved'));
  expect(channel.sent.map(({ status, deliveredLate }) => [status, deliveredLate])).toEqual([
    ['firing', false],
    ['resolved', false],
  ]);
});

test.each([
  ['14 s', 14_000],
  ['5 min', 300_000],
  ['24 h', 86_400_000],
])('an incident that begins and ends inside an outage of %s is told once, late', async (_, outageMs) => {
  const { clock, tell, change, channel } = await bench();
  channel.answer = () => DOWN;
  const firedAtMs = clock.nowMs();
  await tell(change('fired', { firedAtMs }));
  await clock.advance(outageMs / 2);
  await tell(change('resolved', { firedAtMs }));
  await clock.advance(outageMs / 2);
  channel.answer = () => SENT;
  // The longest pause between attempts is five minutes and a fifth.
  await clock.advance(400_000);
  expect(channel.sent).toHaveLength(1);
  expect(channel.sent[0]).toMatchObject({ status: 'resolved', deliveredLate: true, alerts: [{ id: 'a1', status: 'resolved', firedAtMs }] });
});

test.each([
  ['14 s', 14_000],
  ['5 min', 300_000],
  ['24 h', 86_400_000],
])('what still fires after an outage of %s, and what came and went in it, is one late message', async (_, outageMs) => {
  const { clock, tell, change, channel } = await bench();
  channel.answer = () => DOWN;
  await tell(change('fired', { id: 'lasts' }));
  await tell(change('fired', { id: 'goes' }));
  await clock.advance(outageMs - 5000);
  await tell(change('resolved', { id: 'goes' }));
  await clock.advance(5000);
  channel.answer = () => SENT;
  await clock.advance(400_000);
  expect(channel.sent.map(({ deliveredLate, alerts }) => [deliveredLate, ...alerts.map(({ id, status }) => `${id} ${status}`)])).toEqual([
    [true, 'lasts firing', 'goes resolved'],
  ]);
});

test('after an outage of a day the latest state is told, once', async () => {
  const { clock, tell, change, channel } = await bench();
  channel.answer = () => DOWN;
  await tell(change('fired'));
  await clock.advance(86_400_000);
  channel.answer = () => SENT;
  await clock.advance(400_000);
  expect(channel.sent).toMatchObject([{ status: 'firing', deliveredLate: true }]);
  expect(channel.attempts.length).toBeLessThan(400);
});

test('the same news has the same id at every attempt', async () => {
  const { clock, tell, change, channel } = await bench();
  channel.answer = () => DOWN;
  await tell(change('fired'));
  await clock.advance(10_000);
  expect(channel.attempts.length).toBeGreaterThan(2);
  expect(new Set(channel.attempts.map(({ id }) => id)).size).toBe(1);
});

test('a restart between sending and remembering repeats the message under its id', async () => {
  const { clock, state, tell, change, channel, delivery, open } = await bench();
  channel.answer = () => new Promise(() => {});
  await Promise.all([tell(change('fired')), clock.advance(2000)]);
  channel.answer = () => SENT;
  const again = open();
  await again.pump();
  expect(channel.attempts.map(({ id }) => id)).toEqual(['message-1', 'message-1']);
  expect(await state.db.selectFrom('outbox').select('status').execute()).toEqual([{ status: 'delivered' }]);
  await delivery[Symbol.asyncDispose]();
});

test("a receiver's wish to wait is honoured", async () => {
  const { clock, tell, change, channel } = await bench();
  channel.answer = () => ({ status: 'failed', error: 'HTTP 429', permanent: false, retryAtMs: clock.nowMs() + 60_000 });
  await tell(change('fired'));
  await clock.advance(59_000);
  expect(channel.attempts).toHaveLength(1);
  channel.answer = () => SENT;
  await clock.advance(2000);
  expect(channel.sent).toHaveLength(1);
});

test('a receiver that never answers has failed after ten seconds and delays no other channel', async () => {
  const [slow, quick] = [new FakeChannel('slow'), new FakeChannel('quick')];
  slow.answer = (signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve({ status: 'failed', error: String(signal.reason), permanent: false }));
    });
  const { clock, tell, change, delivery } = await bench([slow, quick]);
  const told = tell(change('fired'));
  await clock.advance(1000);
  await told;
  expect(quick.sent).toHaveLength(1);
  await clock.advance(9500);
  const records = await delivery.recent(10);
  expect(records.find(({ channel }) => channel === 'slow')).toMatchObject({ attempts: 1, lastError: expect.stringContaining('10 s') });
});

test('what a receiver refuses for good is a dead letter that can be replayed', async () => {
  const { tell, change, channel, delivery } = await bench();
  channel.answer = () => ({ status: 'failed', error: 'HTTP 404', permanent: true });
  await tell(change('fired'));
  expect(await delivery.recent(5)).toMatchObject([{ status: 'dead', lastError: 'HTTP 404' }]);
  expect(await delivery.recent(5, 1)).toEqual([]);
  channel.answer = () => SENT;
  expect(await delivery.replay('pager')).toBe(1);
  expect(channel.sent).toHaveLength(1);
  await expect(delivery.replay('nobody')).rejects.toMatchObject({ code: 'state_not_found' });
});

test.each([5, 30, 60, 200, 600])(
  'forty flaps %d s apart make at most one message in ten, the first at once, and the last state arrives',
  async (gapSeconds) => {
    const { clock, tell, change, channel } = await bench();
    for (let flap = 0; flap < 40; flap++) {
      const id = `a${flap >> 1}`;
      await tell(change(flap % 2 === 0 ? 'fired' : 'resolved', { id }));
      if (flap === 0) expect(channel.sent).toHaveLength(1);
      await clock.advance(gapSeconds * 1000);
    }
    await clock.advance(7_200_000);
    expect(channel.sent.at(-1)).toMatchObject({ status: 'resolved' });
    if (gapSeconds <= 60) expect(channel.sent.length).toBeLessThanOrEqual(4);
    expect(channel.sent.flatMap(({ alerts }) => alerts).filter(({ status }) => status === 'resolved')).toHaveLength(20);
  },
);

test('a storm is a handful of messages, none of which loses an alert, the first at once', async () => {
  const { clock, tell, change, channel } = await bench();
  const told = new Set<string>();
  for (let service = 0; service < 20; service++) {
    const labels = { job: `service-${service}`, instance: `host-${service}` };
    await tell(...Array.from({ length: 50 }, (_, i) => change('fired', { id: `${service}-${i}`, metricName: `rule_${i}`, labels })));
    if (service === 0) expect(channel.sent).toHaveLength(1);
    await clock.advance(1000);
  }
  await clock.advance(580_000);
  for (const { alerts } of channel.sent) for (const { id } of alerts) told.add(id);
  expect(channel.sent.length).toBeLessThanOrEqual(10);
  expect(told.size).toBe(1000);
});

test('an escalation waits for nothing', async () => {
  const { clock, tell, change, channel } = await bench();
  for (let i = 0; i < 7; i++) {
    await tell(change(i % 2 === 0 ? 'fired' : 'resolved', { id: `a${i >> 1}`, severity: 'critical' }));
    await clock.advance(5000);
  }
  const before = channel.sent.length;
  await tell(change('escalated', { id: 'a3', severity: 'critical' }));
  expect(channel.sent.length).toBe(before + 1);
  expect(channel.sent.at(-1)?.reason).toBe('escalated');
});

test('a test message is marked and its outcome told', async () => {
  const { delivery, channel } = await bench();
  expect(await delivery.test('pager')).toEqual(SENT);
  expect(channel.sent).toMatchObject([{ reason: 'test' }]);
});

test('nothing is left ticking after disposal', async () => {
  const { clock, tell, change, channel, delivery } = await bench();
  channel.answer = () => DOWN;
  await tell(change('fired'));
  await delivery[Symbol.asyncDispose]();
  await delivery[Symbol.asyncDispose]();
  expect(clock.pendingTimers).toBe(0);
});

test('the fifth service that turns critical within seconds is told of within 20 s, together with what came meanwhile', async () => {
  const { clock, tell, change, channel } = await bench();
  for (let service = 0; service < 6; service++) {
    await tell(change('fired', { id: `a${service}`, severity: 'critical', labels: { instance: `host-${service}` } }));
    await clock.advance(1000);
  }
  expect(channel.sent).toHaveLength(4);
  await clock.advance(20_000);
  expect(channel.sent).toHaveLength(5);
  expect(
    channel.sent
      .at(-1)
      ?.alerts.map(({ id }) => id)
      .toSorted(),
  ).toEqual(['a4', 'a5']);
});

test('a channel that costs nobody attention is told at once, however often', async () => {
  const channel = new FakeChannel('page');
  channel.isQuiet = true;
  const { tell, change } = await bench([channel]);
  for (let service = 0; service < 12; service++)
    await tell(change('fired', { id: `a${service}`, labels: { instance: `host-${service}` } }));
  expect(channel.sent).toHaveLength(12);
});

test('a receiver that wants a second between messages gets one', async () => {
  const channel = new FakeChannel();
  channel.minimumGapMs = 1000;
  const { clock, tell, change } = await bench([channel]);
  await tell(change('fired', { labels: { instance: 'a' } }), change('fired', { id: 'a2', labels: { instance: 'b' } }));
  expect(channel.sent).toHaveLength(1);
  await clock.advance(999);
  expect(channel.sent).toHaveLength(1);
  await clock.advance(1);
  expect(channel.sent).toHaveLength(2);
});

test('what follows in a group refers to the message that opened it, until the group has ended', async () => {
  const { clock, tell, change, channel } = await bench();
  channel.answer = () => ({ status: 'sent', detail: 'ok', reference: `ref-${channel.attempts.length}` });
  await tell(change('fired'));
  await clock.advance(1000);
  await tell(change('changed', { severity: 'critical' }));
  await clock.advance(1000);
  await tell(change('resolved', { severity: 'critical' }));
  await clock.advance(600_000);
  await tell(change('fired', { id: 'a2' }));
  await clock.advance(3_700_000);
  expect(channel.sent.map(({ reference }) => reference)).toEqual([undefined, 'ref-1', 'ref-2', undefined]);
});

test('a stored message that cannot be read is a dead letter and holds up nothing', async () => {
  const { state, delivery, tell, change, channel } = await bench();
  await tell(change('fired', { id: 'a1', labels: { instance: 'a' } }));
  await state.db
    .insertInto('outbox')
    .values({
      ...(await state.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow()),
      id: 'broken',
      group_key: 'g',
      payload_json: '{',
      status: 'waiting',
    })
    .execute();
  await tell(change('fired', { id: 'a2', labels: { instance: 'b' } }));
  expect(channel.sent.map(({ alerts }) => alerts[0]?.id)).toEqual(['a1', 'a2']);
  expect((await delivery.recent(10)).find(({ id }) => id === 'broken')).toMatchObject({
    status: 'dead',
    lastError: 'The stored message cannot be read',
    title: 'A message that cannot be read',
  });
});

test('an escalation that an outage held up is not told once the end was', async () => {
  const { clock, tell, change, channel } = await bench();
  await tell(change('fired', { severity: 'critical' }));
  channel.answer = () => DOWN;
  await tell(change('escalated', { severity: 'critical' }));
  await clock.advance(300_000);
  await tell(change('resolved', { severity: 'critical' }));
  await clock.advance(1000);
  channel.answer = ({ aborted }) => (aborted ? DOWN : SENT);
  await clock.advance(1_200_000);
  expect(channel.sent.at(-1)).toMatchObject({ status: 'resolved' });
});

test('a message whose fate a kill left unknown leaves again as it was, before anything newer', async () => {
  const { clock, state, tell, change, channel, open } = await bench();
  channel.answer = () => new Promise(() => {});
  await Promise.all([tell(change('fired', { id: 'a1' })), clock.advance(2000)]);
  channel.answer = () => SENT;
  await state.db
    .insertInto('outbox')
    .values({ ...(await state.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow()), id: 'newer', sent_as: null })
    .execute();
  await open().pump();
  expect(channel.sent.map(({ id }) => id)[0]).toBe('message-1');
  expect(channel.sent[0]?.alerts.map(({ id }) => id)).toEqual(['a1']);
});

test('a channel that stays goes on with what it is sending while others come and go', async () => {
  const [stays, leaves, comes] = [new FakeChannel('stays'), new FakeChannel('leaves'), new FakeChannel('comes')];
  const { state, clock, ids, change } = await bench([]);
  const delivery = createDelivery({ state, clock, ids, channels: [stays, leaves] });
  const arrived = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  stays.answer = async (signal) => {
    arrived.resolve();
    await taken.promise;
    return signal.aborted ? DOWN : SENT;
  };
  const plan = createPlan({ settings: () => ({ channels: [stays, leaves], routing: createRouting() }), clock, ids });
  for (const { row } of plan([change('fired')])) await state.db.insertInto('outbox').values(row).execute();
  const pumping = delivery.pump();
  await arrived.promise;
  const replacing = delivery.replace([stays, comes], createRouting(), ['leaves']);
  taken.resolve();
  await Promise.all([pumping, replacing]);
  expect([stays.attempts.length, stays.sent.length]).toEqual([1, 1]);
  expect(delivery.channels.map(({ name }) => name)).toEqual(['stays', 'comes']);
});

test('regression: news that another message of the group has told meanwhile is not told again', async () => {
  const { clock, tell, change, channel } = await bench();
  await tell(change('fired', { severity: 'medium' }));
  channel.answer = () => DOWN;
  await tell(change('changed', { severity: 'critical' }), change('escalated', { severity: 'critical' }));
  await tell(change('escalated', { severity: 'critical' }));
  channel.answer = () => SENT;
  await clock.advance(10_000);
  expect(channel.sent.map(({ reason }) => reason)).toEqual(['new', 'escalated']);
});

test('regression: what is after a long outage as it was told before is not told again', async () => {
  const { clock, tell, change, channel } = await bench();
  await tell(change('fired', { severity: 'critical' }));
  await clock.advance(60_000);
  channel.answer = () => DOWN;
  await tell(change('changed', { severity: 'medium' }));
  await clock.advance(50_000_000);
  await tell(change('changed', { severity: 'critical' }));
  channel.answer = () => SENT;
  await clock.advance(400_000);
  expect(channel.sent.map(({ reason }) => reason)).toEqual(['new']);
});
