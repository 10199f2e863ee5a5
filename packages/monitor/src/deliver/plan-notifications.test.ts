import { expect, test } from 'vitest';
import type { ActiveAlert, AlertChange } from '../alerts/alerting.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { countingIds } from '../base/ids.ts';
import type { Notification } from './channel.ts';
import { OWN_CHANNELS } from '../alerts/escalation/ladder.ts';
import { createRouting } from './routing/routing.ts';
import { createPlan } from './plan-notifications.ts';
import type { PlanTarget } from './stages/stage.ts';

function change(kind: AlertChange['kind'], alert: Partial<ActiveAlert> = {}, some: Partial<AlertChange> = {}): AlertChange {
  return {
    kind,
    atMs: 5_000,
    wasNotified: kind !== 'fired',
    alert: {
      id: 'cpu',
      metricName: 'cpu_usage',
      labels: { instance: 'shop-1' },
      threshold: 90,
      currentValue: 93,
      severity: 'critical',
      message: 'CPU usage is 93.0%, exceeding threshold of 90.0',
      cause: 'static',
      firedAtMs: 1_000,
      updatedAtMs: 1_000,
      acknowledgedBy: undefined,
      silenced: false,
      silencedBy: [],
      escalationLevel: 0,
      ...alert,
    },
    ...some,
  };
}
const MEMORY: Partial<ActiveAlert> = { id: 'memory', metricName: 'memory_usage', severity: 'medium', message: 'Memory usage is 81.0%' };

/** By a step that tells those of the alert. */
const ESCALATED: Partial<ActiveAlert> = {
  escalationLevel: 1,
  climb: { told: [OWN_CHANNELS], atMs: 900_000, last: [OWN_CHANNELS] },
};

function planner(channels: readonly PlanTarget[] = [{ name: 'hook', kind: 'webhook' }]) {
  const routing = createRouting();
  const plan = createPlan({ settings: () => ({ channels, routing }), clock: new FakeClock(), ids: countingIds('row') });
  return (...changes: readonly AlertChange[]) =>
    plan(changes).map(({ row, alertIds }) => ({ ...row, alertIds, message: JSON.parse(row.payload_json) as Notification }));
}

test('what one service suffers at once is one message with the worst first', () => {
  const [row, ...others] = planner()(change('fired', MEMORY), change('fired'));
  expect(others).toEqual([]);
  expect(row?.message.title).toBe('2 alerts on shop-1: CPU usage is 93.0%, exceeding threshold of 90.0');
  expect(row).toMatchObject({
    status: 'waiting',
    attempts: 0,
    alertIds: ['memory', 'cpu'],
    message: { severity: 'critical', reason: 'new' },
  });
  expect(row?.message.id).toBe(row?.id);
});

test('two services are two messages', () => {
  const rows = planner()(change('fired'), change('fired', { ...MEMORY, labels: { instance: 'shop-2' } }));
  expect(rows.map(({ message }) => message.alerts.length)).toEqual([1, 1]);
  expect(new Set(rows.map((row) => row.group_key)).size).toBe(2);
  expect(rows[1]?.message.origin).toEqual({ receiver: 'hook', labels: { instance: 'shop-2' } });
});

test('an end follows its firing under the same key', () => {
  const plan = planner();
  const [fired] = plan(change('fired'));
  const [resolved] = plan(change('resolved'));
  expect(resolved?.group_key).toBe(fired?.group_key);
  expect(resolved?.message).toMatchObject({ status: 'resolved', alerts: [{ resolvedAtMs: 5_000, status: 'resolved' }] });
  expect(resolved?.message.title).toBe('Resolved after 4 s: alert on shop-1: CPU usage is 93.0%, exceeding threshold of 90.0');
});

test('an escalation has a key of its own, so that nothing holds it up', () => {
  const plan = planner();
  const [fired] = plan(change('fired'));
  const [escalated] = plan(change('escalated', ESCALATED));
  expect(escalated?.group_key).not.toBe(fired?.group_key);
  expect(escalated?.message.reason).toBe('escalated');
});

test('a silenced alert is not told, nor the end of one that nobody heard of', () => {
  expect(planner()(change('fired', { silenced: true }))).toEqual([]);
  expect(planner()(change('resolved', {}, { wasNotified: false }))).toEqual([]);
});

test('of two changes of one alert the later counts', () => {
  const [row] = planner()(change('fired'), change('changed', { severity: 'medium' }));
  expect(row?.message.alerts.map(({ severity }) => severity)).toEqual(['medium']);
});

test('a channel hears only what is severe enough for it, and how that goes on', () => {
  const plan = planner([
    { name: 'all', kind: 'dashboard' },
    { name: 'pager', kind: 'webhook', minimumSeverity: 'high' },
  ]);
  const channelsOf = (...changes: readonly AlertChange[]): string[] => plan(...changes).map((row) => row.channel);
  expect(channelsOf(change('fired', MEMORY))).toEqual(['all']);
  expect(channelsOf(change('fired'))).toEqual(['all', 'pager']);
  expect(channelsOf(change('changed', { severity: 'medium' }))).toEqual(['all', 'pager']);
  expect(channelsOf(change('resolved', { severity: 'medium' }))).toEqual(['all', 'pager']);
  expect(channelsOf(change('resolved', MEMORY))).toEqual(['all']);
});

test('a channel for escalations hears of escalated alerts and their end alone', () => {
  const plan = planner([{ name: 'boss', kind: 'email', escalationOnly: true }]);
  expect(plan(change('fired'), change('fired', MEMORY))).toEqual([]);
  expect(plan(change('escalated', ESCALATED))).toHaveLength(1);
  expect(plan(change('resolved', ESCALATED), change('resolved', MEMORY))[0]?.alertIds).toEqual(['cpu']);
});

test('a storm over ten thousand services is a handful of messages that name every alert', () => {
  const storm = Array.from({ length: 10_000 }, (_, i) =>
    change('fired', { id: `a${i}`, labels: { instance: `shop-${i}`, job: `job-${i % 5}` } }),
  );
  const rows = planner()(...storm);
  expect(rows.length).toBeLessThanOrEqual(10);
  expect(rows.flatMap((row) => row.alertIds)).toHaveLength(10_000);
});

test('without channels nothing is planned', () => {
  expect(planner([])(change('fired'))).toEqual([]);
});

test('servers that share their state group and name their own hosts apart', () => {
  const settings = { channels: [{ name: 'hook', kind: 'webhook' as const }], routing: createRouting() };
  const plans = ['one', 'other'].map((name) =>
    createPlan({ settings: () => settings, home: { id: name, name }, clock: new FakeClock(), ids: countingIds(name) }),
  );
  const rows = plans.flatMap((plan) => plan([change('fired', { labels: {} })]).map(({ row }) => row));
  expect(new Set(rows.map((row) => row.group_key)).size).toBe(2);
  expect(rows.map((row) => (JSON.parse(row.payload_json) as Notification).title)).toEqual([
    '1 alert on one: CPU usage is 93.0%, exceeding threshold of 90.0',
    '1 alert on other: CPU usage is 93.0%, exceeding threshold of 90.0',
  ]);
  const pushed = plans.flatMap((plan) => plan([change('fired')]).map(({ row }) => row.group_key));
  expect(new Set(pushed).size).toBe(1);
});

test('that a channel fails is told on the others', () => {
  const plan = planner([
    { name: 'ops', kind: 'webhook' },
    { name: 'mail', kind: 'email' },
  ]);
  const failing = change('fired', { metricName: 'channel_failing', labels: { channel: 'ops' } });
  expect(plan(failing).map(({ channel }) => channel)).toEqual(['mail']);
});

test('a step of the ladder tells the channels it names, whatever their routes, and they hear the end, too', () => {
  const plan = planner([
    { name: 'team', kind: 'webhook' },
    { name: 'boss', kind: 'webhook', escalationOnly: true },
  ]);
  const climb = { told: ['boss'], atMs: 1000, last: ['boss'] };
  const told = (...changes: readonly AlertChange[]): readonly string[] => plan(...changes).map(({ channel }) => channel);
  expect(told(change('fired'))).toEqual(['team']);
  expect(told(change('escalated', { escalationLevel: 1, climb }))).toEqual(['boss']);
  expect(told(change('resolved', { escalationLevel: 1, climb }))).toEqual(['team', 'boss']);
});
