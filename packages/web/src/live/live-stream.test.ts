import { beforeEach, expect, test } from 'vitest';
import { LiveStream, type Listener } from './live-stream.ts';

interface FakeSource extends Listener {
  closed: boolean;
}

let sources: FakeSource[];
let timers: { callback: () => void; delayMs: number; live: boolean }[];
let received: string[];
let mayConnect: () => Promise<boolean>;

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};
const fireTimer = (): void => {
  const timer = timers.findLast(({ live }) => live);
  if (timer === undefined) throw new Error('no timer waits');
  timer.live = false;
  timer.callback();
};

function create(): LiveStream {
  return new LiveStream({
    open: (listener) => {
      const source = { ...listener, closed: false };
      sources.push(source);
      return () => {
        source.closed = true;
      };
    },
    onMessage: (text) => received.push(text),
    mayConnect: () => mayConnect(),
    nowMs: () => 1000,
    random: () => 1,
    schedule: (callback, delayMs) => {
      const timer = { callback, delayMs, live: true };
      timers.push(timer);
      return () => {
        timer.live = false;
      };
    },
  });
}

beforeEach(() => {
  sources = [];
  timers = [];
  received = [];
  mayConnect = async () => true;
});

test('is live from the first message on and hands messages over', async () => {
  const stream = create();
  stream.start();
  expect(stream.connection.value.phase).toBe('connecting');
  await settle();
  sources[0]?.onMessage('a');
  expect(stream.connection.value.phase).toBe('live');
  expect(received).toEqual(['a']);
});

test('pauses between attempts grow and stop growing at thirty seconds', async () => {
  const stream = create();
  stream.start();
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    await settle();
    sources.at(-1)?.onLost();
    pauses.push(timers.findLast(({ live }) => live)!.delayMs);
    fireTimer();
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('an open but silent connection is given up', async () => {
  const stream = create();
  stream.start();
  await settle();
  sources[0]?.onMessage('a');
  fireTimer();
  expect(sources[0]?.closed).toBe(true);
  expect(stream.connection.value.phase).toBe('retrying');
});

test('nothing is opened after stop, even when the permission comes late', async () => {
  let allow: (may: boolean) => void = () => {};
  mayConnect = () => new Promise((resolve) => (allow = resolve));
  const stream = create();
  stream.start();
  stream.stop();
  allow(true);
  await settle();
  expect(sources).toHaveLength(0);
  expect(stream.connection.value.phase).toBe('paused');
});

test('a refused permission ends trying; a failed one is tried again', async () => {
  const stream = create();
  mayConnect = async () => false;
  stream.start();
  await settle();
  expect(stream.connection.value.phase).toBe('paused');
  mayConnect = () => Promise.reject(new Error('unreachable'));
  stream.start();
  await settle();
  expect(stream.connection.value.phase).toBe('retrying');
});
