import { expect, test } from 'vitest';
import { BellwetherError } from '../../base/errors.ts';
import type { Channel, Notification } from '../channel.ts';
import { FakeChannel } from '../testing/delivery-bench.ts';
import { UnmadeChannel } from './unmade-channel.ts';

const MESSAGE: Notification = {
  id: '1',
  groupKey: 'g',
  title: 't',
  severity: 'low',
  status: 'firing',
  reason: 'new',
  alerts: [],
  createdAtMs: 0,
  deliveredLate: false,
};

test('a channel that cannot be made fails like a receiver that is away, and sends once it can', async () => {
  const real = new FakeChannel('hook');
  let isThere = false;
  const make = (): Channel => {
    if (isThere) return real;
    throw new BellwetherError('config_invalid', 'the variable is not set');
  };
  await using channel = new UnmadeChannel({ name: 'hook', kind: 'webhook' }, make, new Error('at first'));
  expect(channel.problem?.message).toBe('at first');
  const { signal } = new AbortController();
  expect(await channel.send(MESSAGE, signal)).toEqual({ status: 'failed', error: 'the variable is not set', permanent: false });
  isThere = true;
  expect(await channel.send(MESSAGE, signal)).toMatchObject({ status: 'sent' });
  expect(channel.problem).toBeUndefined();
  expect(real.sent).toEqual([MESSAGE]);
});
