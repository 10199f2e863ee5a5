import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { systemClock } from '../base/system-clock.ts';
import { createRegistry } from '../instruments/registry.ts';
import { createRuntimeObservers } from './runtime.ts';

test('a blocked loop, the heap and garbage collections are seen', async () => {
  const registry = createRegistry({ clock: systemClock });
  using observers = createRuntimeObservers({ registry, clock: systemClock });
  await systemClock.sleep(60);
  for (const startMs = systemClock.monotonicMs(); systemClock.monotonicMs() - startMs < 120;);
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  await systemClock.sleep(60);
  observers.sample(systemClock.nowMs());
  const summary = registry.localSummary();
  const current = (name: string): number => summary.get(name)?.current ?? NaN;
  expect(current('nodejs_eventloop_delay_max_seconds')).toBeGreaterThan(0.08);
  expect(current('nodejs_eventloop_delay_p50_seconds')).toBeLessThan(0.08);
  expect(current('nodejs_eventloop_utilization')).toBeGreaterThan(0.2);
  expect(current('nodejs_eventloop_utilization')).toBeLessThanOrEqual(1);
  expect(current('process_heap_used_bytes')).toBeGreaterThan(1_000_000);
  expect(current('nodejs_heap_limit_bytes')).toBeGreaterThan(current('process_heap_used_bytes'));
  expect(current('heap_usage')).toBeGreaterThan(0);
  expect(current('nodejs_gc_pause_max_seconds')).toBeGreaterThan(0);
  const names = registry.drain(systemClock.nowMs())?.newSeries.map(({ name, labels }) => [name, ...Object.values(labels)].join(' '));
  expect(names).toContain('nodejs_gc_pause_seconds_total major');
});
