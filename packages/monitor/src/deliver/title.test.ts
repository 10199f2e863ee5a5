import { expect, test } from 'vitest';
import type { NotifiedAlert } from './channel.ts';
import { titleOf } from './title.ts';

const alert = (some: Partial<NotifiedAlert>): NotifiedAlert => ({
  id: 'a',
  metricName: 'Rule',
  labels: { job: 'shop', instance: 'shop-1' },
  severity: 'critical',
  message: 'it is broken',
  threshold: 0,
  currentValue: 0,
  status: 'firing',
  firedAtMs: 10_000,
  resolvedAtMs: undefined,
  ...some,
});

test('when several places suffer, the title says what began first', () => {
  const root = alert({ id: 'r', labels: { job: 'database' }, severity: 'high', message: 'db-1 does not answer', activeAtMs: 9000 });
  const alerts = [alert({}), root, alert({ id: 'b', labels: { job: 'cart', instance: 'cart-1' } })];
  expect(titleOf({ alerts, reason: 'new' }, 'many services')).toBe('3 alerts on many services: db-1 does not answer');
});

test('of one place the title says the worst', () => {
  const alerts = [alert({ id: 'first', severity: 'low', message: 'slow', activeAtMs: 9000 }), alert({})];
  expect(titleOf({ alerts, reason: 'new' }, 'shop-1')).toBe('2 alerts on shop-1: it is broken');
});
