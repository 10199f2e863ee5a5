import * as successor from '@prometheus-io/client';
import * as original from 'prom-client';
import { expect, test } from 'vitest';
import { setup, valuesOf } from '../../instruments/testing/wire-receiver.ts';
import { collectDefaultMetrics, Counter, Registry } from './index.ts';
import { adoptPromClient } from './feed.ts';
import { ownMetrics } from './own-metrics.ts';

test.each([
  ['prom-client', original],
  ['@prometheus-io/client', successor as unknown as typeof original],
])('a registry of %s is taken over with its labels and buckets, until disposed', async (_name, client) => {
  const { registry, drain } = setup();
  const theirs = new client.Registry();
  const counter = new client.Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['market'], registers: [theirs] });
  const histogram = new client.Histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [1, 2], registers: [theirs] });
  new client.Gauge({ name: 'process_resident_memory_bytes', help: 'Ours.', registers: [theirs] }).set(1);
  counter.inc({ market: 'eu' }, 5);
  histogram.observe(1.5);
  const adopted = adoptPromClient(registry, theirs);
  const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  await settled();
  const first = await drain();
  expect(valuesOf(first, 'orders_total|market|eu')).toEqual([5]);
  expect(valuesOf(first, 'wait_seconds_bucket|le|1')).toEqual([0]);
  expect(valuesOf(first, 'wait_seconds_bucket|le|2')).toEqual([1]);
  expect(valuesOf(first, 'wait_seconds_bucket|le|+Inf')).toEqual([1]);
  expect(valuesOf(first, 'wait_seconds_sum')).toEqual([1.5]);
  expect(first.some(({ key }) => key.startsWith('process_resident'))).toBe(false);
  counter.inc({ market: 'eu' }, 2);
  counter.inc({ market: 'us' }, 3);
  // prom-client hands out the very objects it counts in, so a total may be told a drain earlier than a new series.
  await settled();
  const later = await drain();
  await settled();
  later.push(...(await drain()));
  expect(valuesOf(later, 'orders_total|market|eu').at(-1)).toBe(7);
  expect(valuesOf(later, 'orders_total|market|us')).toEqual([0, 3]);
  adopted[Symbol.dispose]();
  counter.inc({ market: 'eu' });
  await drain();
  expect(await drain()).toEqual([]);
});

test('one that fails is counted and asked again', async () => {
  const { registry, drain } = setup();
  let asked = 0;
  adoptPromClient(registry, {
    getMetricsAsJSON: () => {
      asked++;
      return Promise.reject(new Error('broken'));
    },
  });
  await Promise.resolve();
  for (let i = 0; i < 3; i++) {
    await drain();
    await new Promise(setImmediate);
  }
  expect(asked).toBe(4);
  expect(registry.dropped('observer_failed')).toBe(3);
});

test('the shim’s registries are told together, each metric once, without the defaults', async () => {
  const [one, two] = [new Registry(), new Registry()];
  new Counter({ name: 'shared_total', help: 'S.', registers: [one, two] }).inc();
  collectDefaultMetrics({ register: two, prefix: 'twice_' });
  const names = (await ownMetrics.getMetricsAsJSON()).map(({ name }) => name);
  expect(names.filter((name) => name === 'shared_total')).toHaveLength(1);
  expect(names.some((name) => name.startsWith('twice_'))).toBe(false);
});
