import { expect, test } from 'vitest';
import { parseTimeInterval } from '../../model/time-interval.ts';
import { bench, DOWN, FakeChannel, SENT } from '../testing/delivery-bench.ts';
import { parseMatchers } from './parse-matchers.ts';
import type { Route } from './route-tree.ts';
import { DEFAULT_ROUTE } from './routing.ts';

const MINUTE = 60_000;
const PACED: Route = {
  ...DEFAULT_ROUTE,
  receiver: 'pager',
  grouping: { kind: 'labels', by: ['job'], waitMs: 30_000, intervalMs: 5 * MINUTE, repeatMs: 240 * MINUTE },
};

test('a route with times of its own waits for the rest of a group, then tells news at its interval, and repeats what lasts', async () => {
  const { clock, tell, change, channel } = await bench([new FakeChannel()], { root: PACED });
  await tell(change('fired', { id: 'a', labels: { job: 'shop' } }));
  await clock.advance(10_000);
  await tell(change('fired', { id: 'b', labels: { job: 'shop' } }));
  expect(channel.sent).toHaveLength(0);
  await clock.advance(20_000);
  expect(channel.sent.map(({ alerts }) => alerts.length)).toEqual([2]);
  await tell(change('resolved', { id: 'b', labels: { job: 'shop' } }));
  await clock.advance(4 * MINUTE);
  expect(channel.sent).toHaveLength(1);
  await clock.advance(MINUTE);
  expect(channel.sent.at(-1)?.alerts.map(({ id, status }) => [id, status])).toEqual([
    ['a', 'firing'],
    ['b', 'resolved'],
  ]);
  await clock.advance(239 * MINUTE);
  expect(channel.sent).toHaveLength(2);
  await clock.advance(MINUTE);
  expect(channel.sent.at(-1)).toMatchObject({ reason: 'repeat', deliveredLate: false, alerts: [{ id: 'a', status: 'firing' }] });
  await clock.advance(240 * MINUTE);
  expect(channel.sent).toHaveLength(4);
  expect(new Set(channel.sent.map(({ id }) => id)).size).toBe(4);
});

test('what has ended is repeated no more, and a new alert of the group waits anew', async () => {
  const { clock, tell, change, channel, state } = await bench([new FakeChannel()], { root: PACED });
  await tell(change('fired', { id: 'a', labels: { job: 'shop' } }));
  await clock.advance(30_000);
  await tell(change('resolved', { id: 'a', labels: { job: 'shop' } }));
  await clock.advance(1000 * MINUTE);
  expect(channel.sent.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  expect(await state.db.selectFrom('outbox').select('id').where('status', '=', 'waiting').execute()).toEqual([]);
  await tell(change('fired', { id: 'b', labels: { job: 'shop' } }));
  await clock.advance(29_000);
  expect(channel.sent).toHaveLength(2);
  await clock.advance(1000);
  expect(channel.sent).toHaveLength(3);
});

test('a repetition survives a restart', async () => {
  const { clock, tell, change, channel, delivery, open } = await bench([new FakeChannel()], { root: PACED });
  await tell(change('fired', { labels: { job: 'shop' } }));
  await clock.advance(30_000);
  await delivery[Symbol.asyncDispose]();
  await clock.advance(300 * MINUTE);
  await open().pump();
  expect(channel.sent.map(({ reason }) => reason)).toEqual(['new', 'repeat']);
});

test('a repetition that meets an outage gives way to what happened meanwhile', async () => {
  const { clock, tell, change, channel } = await bench([new FakeChannel()], { root: PACED });
  await tell(change('fired', { labels: { job: 'shop' } }));
  await clock.advance(30_000);
  channel.answer = () => DOWN;
  await clock.advance(241 * MINUTE);
  await tell(change('resolved', { labels: { job: 'shop' } }));
  channel.answer = () => SENT;
  await clock.advance(20 * MINUTE);
  expect(channel.sent.map(({ reason, status }) => [reason, status])).toEqual([
    ['new', 'firing'],
    ['resolved', 'resolved'],
  ]);
});

test('routes carry alerts to their receivers, which may be several channels', async () => {
  const [web, phone, other] = [new FakeChannel('web'), new FakeChannel('phone'), new FakeChannel('other')];
  const root: Route = {
    ...DEFAULT_ROUTE,
    receiver: 'other',
    routes: [{ ...DEFAULT_ROUTE, id: '0.0', receiver: 'team', matchers: parseMatchers('job="web"') }],
  };
  const { tell, change } = await bench([web, phone, other], { root, receivers: new Map([['team', ['web', 'phone']]]) });
  await tell(change('fired', { id: 'a', labels: { job: 'web' } }), change('fired', { id: 'b', labels: { job: 'db' } }));
  expect([web, phone, other].map(({ sent }) => sent.flatMap(({ alerts }) => alerts.map(({ id }) => id)))).toEqual([['a'], ['a'], ['b']]);
});

const NIGHT = [parseTimeInterval({ times: [{ start_time: '00:00', end_time: '06:00' }] })];
const MIDNIGHT = Date.UTC(2026, 0, 2);

test('quiet hours hold back what is not critical, tell at their end what still lasts, and forget what came and went', async () => {
  const { clock, tell, change, channel } = await bench([new FakeChannel()], { quietHours: new Map([['pager', NIGHT]]) });
  clock.jumpTo(MIDNIGHT - MINUTE);
  await tell(change('fired', { id: 'before', labels: { instance: 'x' } }));
  await clock.advance(2 * MINUTE);
  await tell(change('fired', { id: 'lasts', labels: { instance: 'a' } }), change('fired', { id: 'passes', labels: { instance: 'b' } }));
  await tell(change('fired', { id: 'critical', severity: 'critical', labels: { instance: 'c' } }));
  await clock.advance(MINUTE);
  await tell(
    change('resolved', { id: 'passes', labels: { instance: 'b' } }),
    change('resolved', { id: 'before', labels: { instance: 'x' } }),
  );
  const told = (): unknown => channel.sent.flatMap(({ alerts }) => alerts.map(({ id, status }) => `${id} ${status}`));
  expect(told()).toEqual(['before firing', 'critical firing']);
  await clock.advance(6 * 60 * MINUTE);
  expect((told() as string[]).toSorted()).toEqual(['before firing', 'before resolved', 'critical firing', 'lasts firing']);
});

test('an escalation breaks quiet hours', async () => {
  const { clock, tell, change, channel } = await bench([new FakeChannel()], { quietHours: new Map([['pager', NIGHT]]) });
  clock.jumpTo(MIDNIGHT + MINUTE);
  await tell(change('fired'));
  await tell(change('escalated'));
  expect(channel.sent.map(({ reason }) => reason)).toEqual(['escalated']);
});

test('a route speaks only within its active times and outside its mute times', async () => {
  const root: Route = { ...DEFAULT_ROUTE, id: '0', receiver: 'pager', activeTimes: ['night'] };
  const { clock, tell, change, channel } = await bench([new FakeChannel()], { root, intervals: new Map([['night', NIGHT]]) });
  clock.jumpTo(MIDNIGHT - 10 * MINUTE);
  await tell(change('fired', { severity: 'critical' }));
  await clock.advance(9 * MINUTE);
  expect(channel.sent).toHaveLength(0);
  await clock.advance(2 * MINUTE);
  expect(channel.sent).toHaveLength(1);
});

test('regression: a message of a group that a death interrupted leaves again with all that it said, the rest of the group too', async () => {
  const { clock, tell, change, channel, delivery, open } = await bench([new FakeChannel()], { root: PACED });
  await tell(change('fired', { id: 'a', labels: { job: 'shop' } }));
  await clock.advance(30_000);
  await tell(change('fired', { id: 'b', labels: { job: 'shop' } }));
  channel.answer = () => new Promise(() => {});
  await clock.advance(5 * MINUTE);
  await delivery[Symbol.asyncDispose]();
  channel.answer = () => SENT;
  await open().pump();
  const [, before, after] = channel.attempts;
  expect(before?.alerts.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(after).toMatchObject({ id: before?.id, alerts: before?.alerts });
});

const BY_SEVERITY: Route = {
  ...PACED,
  grouping: { kind: 'labels', by: ['severity'], waitMs: 0, intervalMs: MINUTE, repeatMs: 60 * MINUTE },
};
const CRITICAL_ONLY: Route = {
  ...DEFAULT_ROUTE,
  id: '0.0',
  receiver: 'pager',
  matchers: parseMatchers('severity="critical"'),
};

test.each([
  ['leaves its group', BY_SEVERITY],
  ['leaves its route', { ...DEFAULT_ROUTE, receiver: 'chat', routes: [CRITICAL_ONLY] }],
])('regression: an alert that %s by its severity ends there, and is repeated no more', async (_, root) => {
  const [pager, chat] = [new FakeChannel('pager'), new FakeChannel('chat')];
  const { clock, tell, change } = await bench([pager, chat], { root });
  await tell(change('fired', { severity: 'critical' }));
  await clock.advance(10 * MINUTE);
  await tell({ ...change('changed', { severity: 'medium' }), toldSeverity: 'critical' });
  await clock.advance(10 * MINUTE);
  await tell({ ...change('resolved', { severity: 'medium' }), toldSeverity: 'medium' });
  await clock.advance(300 * MINUTE);
  const told = [...pager.sent, ...chat.sent].flatMap(({ alerts }) => alerts.map(({ severity, status }) => `${severity} ${status}`));
  expect(told.toSorted()).toEqual(['critical firing', 'critical resolved', 'medium firing', 'medium resolved']);
});
