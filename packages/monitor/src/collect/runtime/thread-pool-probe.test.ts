import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { createRegistry } from '../../instruments/registry.ts';
import { ThreadPoolProbe } from './thread-pool-probe.ts';

test('a task that was done is told once with its time, a stuck one with the time so far', async () => {
  const clock = new FakeClock();
  const gauge = createRegistry({ clock }).gauge('nodejs_threadpool_wait_seconds');
  const told: number[] = [];
  gauge.set = (value) => void told.push(value);
  const tasks: (() => void)[] = [];
  const probe = new ThreadPoolProbe(gauge, clock, (done) => void tasks.push(done));
  probe.sample();
  await clock.advance(20);
  tasks[0]?.();
  await clock.advance(980);
  probe.sample();
  for (let second = 0; second < 2; second++) {
    await clock.advance(1000);
    probe.sample();
  }
  expect(tasks).toHaveLength(2);
  expect(told).toEqual([0, 0.02, 1, 2]);
});
