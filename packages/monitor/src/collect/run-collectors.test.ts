import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Collector } from './collector.ts';
import { CollectorRunner } from './run-collectors.ts';

function recordingLog(lines: string[]): Logger {
  const line =
    (level: string) =>
    (_fields: object, message: string): void =>
      void lines.push(`${level}: ${message}`);
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

test('a collector that fails is reported once, tried again ever later, and reported again when it works', async () => {
  let isBroken = true;
  const rounds: number[] = [];
  const flaky: Collector = {
    name: 'flaky',
    collect: (into, nowMs) => {
      rounds.push(nowMs);
      if (isBroken) throw new Error('no such device');
      into.gauge('load_average_1m', 1);
    },
    [Symbol.dispose]: () => {},
  };
  const steady: Collector = { name: 'steady', collect: async (into) => into.gauge('load_average_5m', 5), [Symbol.dispose]: () => {} };
  const lines: string[] = [];
  const seen: string[] = [];
  const runner = new CollectorRunner([flaky, steady], { clock: new FakeClock(), log: recordingLog(lines) });
  const round = (nowMs: number): Promise<void> => runner.run({ add: (name, value) => void seen.push(`${name}=${value}`) }, nowMs);
  for (let at = 1; at <= 16; at++) {
    if (at === 12) isBroken = false;
    await round(at);
  }
  expect(rounds).toEqual([1, 2, 4, 8, 16]);
  expect(lines).toEqual(['warn: A collector failed; it is tried again later, the others go on', 'info: A collector works again']);
  expect(seen.filter((line) => line === 'load_average_5m=5')).toHaveLength(16);
  expect(seen.at(-3)).toBe('load_average_1m=1');
  expect(seen.at(-2)).toBe('bellwether_collector_failures_total=4');
});

test('values that are not finite are left out', async () => {
  const odd: Collector = {
    name: 'odd',
    collect: (into) => {
      into.gauge('load_average_1m', NaN);
      into.counter('disk_reads_total', undefined);
    },
    [Symbol.dispose]: () => {},
  };
  const seen: string[] = [];
  await new CollectorRunner([odd], { clock: new FakeClock(), log: recordingLog([]) }).run({ add: (name) => void seen.push(name) }, 0);
  expect(seen).toEqual([]);
});

test('one that never answers is given up after two seconds, and the others go on', async () => {
  const stuck: Collector = { name: 'stuck', collect: () => new Promise(() => {}), [Symbol.dispose]: () => {} };
  const steady: Collector = { name: 'steady', collect: (into) => into.gauge('load_average_5m', 5), [Symbol.dispose]: () => {} };
  const lines: string[] = [];
  const seen: string[] = [];
  const clock = new FakeClock();
  const runner = new CollectorRunner([stuck, steady], { clock, log: recordingLog(lines) });
  const round = runner.run({ add: (name, value) => void seen.push(`${name}=${value}`) }, clock.nowMs());
  await clock.advance(2000);
  await round;
  expect(seen).toEqual(['bellwether_collector_failures_total=1', 'load_average_5m=5']);
  expect(lines).toEqual(['warn: A collector failed; it is tried again later, the others go on']);
  expect(clock.pendingTimers).toBe(0);
});
