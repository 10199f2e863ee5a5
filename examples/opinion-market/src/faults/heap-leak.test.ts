import { FakeClock } from '@bellwether/monitor/testing';
import { expect, it } from 'vitest';
import { FaultBoard } from './fault-board.ts';
import { HeapLeak } from './heap-leak.ts';

it('grows at its rate up to its limit and lets go of everything when it is off', async () => {
  const clock = new FakeClock();
  const leak = new HeapLeak({ clock, bytesPerSecond: 40_000, mostBytes: 100_000 });
  const board = new FaultBoard({ 'heap-leak': leak });
  board.set('heap-leak', true);
  board.set('heap-leak', true);
  await clock.advance(1000);
  expect(leak.keptBytes).toBe(40_000);
  await clock.advance(60_000);
  expect(leak.keptBytes).toBe(100_000);
  board[Symbol.dispose]();
  expect(leak.keptBytes).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});
