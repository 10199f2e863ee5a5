import { expect, test } from 'vitest';
import type { PushedAlert } from '../alerts/pushed/pushed-alerts.ts';
import { OwnAlerts, type OwnCondition } from './own-alerts.ts';

const FINE: OwnCondition = { channels: [{ name: 'ops', kind: 'webhook', failures: 2 }], heartbeats: [], problems: [] };

function pushes() {
  const pushed: (readonly PushedAlert[])[] = [];
  const own = new OwnAlerts(async (alerts) => void pushed.push(alerts));
  return { own, pushed };
}

test('a channel that fails again and again is told once, kept alive, and ended when it works', async () => {
  const { own, pushed } = pushes();
  const failing = { ...FINE, channels: [{ name: 'ops', kind: 'webhook' as const, failures: 3 }] };
  await own.look(FINE, 0);
  await own.look(failing, 1000);
  await own.look(failing, 30_000);
  await own.look(failing, 61_000);
  await own.look(FINE, 70_000);
  await own.look(FINE, 80_000);
  expect(pushed.map((alerts) => alerts.map(({ labels, startsAtMs, endsAtMs }) => [labels['channel'], startsAtMs, endsAtMs]))).toEqual([
    [['ops', 1000, undefined]],
    [['ops', 1000, undefined]],
    [['ops', 1000, 70_000]],
  ]);
});

test('missing heartbeats and problems of the store are alerts in words', async () => {
  const { own, pushed } = pushes();
  const heartbeats = [{ name: 'backup', withinMs: 60_000, lastAtMs: undefined, overdueMs: 5 }];
  await own.look({ channels: [], heartbeats, problems: ['the disk is full'] }, 0);
  expect(pushed[0]?.map(({ annotations }) => annotations['summary'])).toEqual([
    'No sign of life from backup within 60 s',
    'The monitor is impaired: the disk is full',
  ]);
});

test('what could not be pushed is pushed at the next look', async () => {
  let attempts = 0;
  const own = new OwnAlerts(async () => {
    if (++attempts === 1) throw new Error('the disk is full');
  });
  const condition = { ...FINE, problems: ['the disk is full'] };
  await expect(own.look(condition, 0)).rejects.toThrow('full');
  await own.look(condition, 1000);
  await own.look(condition, 2000);
  expect(attempts).toBe(2);
});
