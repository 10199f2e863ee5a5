import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import { WorkLoop } from './work-loop.ts';

function loopOf(clock: FakeClock, work: (nowMs: number) => Promise<void>, periodMs = () => 1000): WorkLoop {
  return new WorkLoop({ clock, log: silentLogger, periodMs, work, name: 'test' });
}

test('rounds start a period apart', async () => {
  const clock = new FakeClock(0);
  const startedAt: number[] = [];
  const loop = loopOf(clock, async (nowMs) => void startedAt.push(nowMs));
  loop.start();
  await clock.advance(3500);
  expect(startedAt).toEqual([1000, 2000, 3000]);
  await loop.stop();
});

test('a round that outlasts the period delays the next and never overlaps it', async () => {
  const clock = new FakeClock(0);
  let inside = 0;
  let most = 0;
  const loop = loopOf(clock, async () => {
    most = Math.max(most, ++inside);
    await clock.sleep(2500);
    inside--;
  });
  loop.start();
  await clock.advance(20_000);
  expect(most).toBe(1);
  const stopping = loop.stop();
  await clock.advance(5000);
  await stopping;
});

test('a failing round does not end the loop', async () => {
  const clock = new FakeClock(0);
  let rounds = 0;
  const loop = loopOf(clock, async () => {
    rounds++;
    throw new Error('disk on fire');
  });
  loop.start();
  await clock.advance(5000);
  expect(rounds).toBe(5);
  await loop.stop();
});

test('a shorter period takes effect at once after reschedule', async () => {
  const clock = new FakeClock(0);
  let periodMs = 30_000;
  let rounds = 0;
  const loop = loopOf(
    clock,
    async () => void rounds++,
    () => periodMs,
  );
  loop.start();
  await clock.advance(5000);
  periodMs = 2000;
  loop.reschedule();
  await clock.advance(10);
  expect(rounds).toBe(1);
  await loop.stop();
});

test('nothing stays behind after stop', async () => {
  const clock = new FakeClock(0);
  const loop = loopOf(clock, async () => {});
  loop.start();
  await clock.advance(1500);
  await loop.stop();
  await loop.stop();
  expect(clock.pendingTimers).toBe(0);
});

test('runNow runs at once and shifts the next round', async () => {
  const clock = new FakeClock(0);
  const startedAt: number[] = [];
  const loop = loopOf(clock, async (nowMs) => void startedAt.push(nowMs));
  loop.start();
  await clock.advance(500);
  await loop.runNow();
  await clock.advance(1100);
  expect(startedAt).toEqual([500, 1500]);
  await loop.stop();
});
