import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { createRegistry } from '../instruments/registry.ts';
import { listenTo } from './listen.ts';

test('what a listener throws is counted and reaches nobody', async () => {
  const registry = createRegistry({ clock: new FakeClock() });
  const heard: unknown[] = [];
  const listening = listenTo(registry, {
    'bellwether.test': (message: unknown) => {
      heard.push(message);
      throw new Error('ours');
    },
  });
  channel('bellwether.test').publish('first');
  // An error of a subscriber would surface here, as an uncaught exception of the process.
  await new Promise((resolve) => process.nextTick(resolve));
  listening[Symbol.dispose]();
  channel('bellwether.test').publish('second');
  expect(heard).toEqual(['first']);
  expect(registry.dropped('observer_failed')).toBe(1);
  expect(channel('bellwether.test').hasSubscribers).toBe(false);
});
