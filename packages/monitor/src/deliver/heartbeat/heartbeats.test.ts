import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { openSqliteStateStore } from '../../store/state-store-sqlite.ts';
import { parseHeartbeats } from './heartbeat-config.ts';
import { Heartbeats } from './heartbeats.ts';

async function openHeartbeats(config: unknown, allowPrivateTargets = ['127.0.0.0/8']) {
  const clock = new FakeClock();
  const state = await openSqliteStateStore({ path: ':memory:', clock });
  onTestFinished(() => state[Symbol.asyncDispose]());
  const open = (): Promise<Heartbeats> =>
    Heartbeats.open({ config: parseHeartbeats(config), state, clock, log: silentLogger, env: {}, allowPrivateTargets });
  return { clock, open };
}

async function receiver(): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0;
  const server = createServer((_request, response) => {
    count++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping`, count: () => count };
}

test('a heartbeat is sent at its pace, and not at all when nobody calls', async () => {
  const { url, count } = await receiver();
  const { clock, open } = await openHeartbeats({ send: [{ name: 'watchdog', url, every: 30 }] });
  using heartbeats = await open();
  heartbeats.beat(clock.nowMs());
  await vi.waitFor(() => expect(count()).toBe(1));
  await clock.advance(29_000);
  heartbeats.beat(clock.nowMs());
  await clock.advance(1000);
  heartbeats.beat(clock.nowMs());
  await vi.waitFor(() => expect(count()).toBe(2));
});

test('an expected heartbeat is overdue when it does not come, from the start on, and remembered over a restart', async () => {
  const { clock, open } = await openHeartbeats({ expect: [{ name: 'backup', within: 60 }] });
  const heartbeats = await open();
  await clock.advance(60_000);
  expect(heartbeats.expected(clock.nowMs())).toMatchObject([{ lastAtMs: undefined, overdueMs: 0 }]);
  await clock.advance(5000);
  expect(heartbeats.expected(clock.nowMs())).toMatchObject([{ overdueMs: 5000 }]);
  await heartbeats.received('backup');
  expect(heartbeats.expected(clock.nowMs())).toMatchObject([{ overdueMs: 0 }]);
  heartbeats[Symbol.dispose]();
  const receivedAtMs = clock.nowMs();
  await clock.advance(61_000);
  using again = await open();
  expect(again.expected(clock.nowMs())).toEqual([{ name: 'backup', withinMs: 60_000, lastAtMs: receivedAtMs, overdueMs: 1000 }]);
});

test('a heartbeat that nobody expects is told so', async () => {
  const { open } = await openHeartbeats({ expect: [{ name: 'backup', within: 60 }] });
  using heartbeats = await open();
  await expect(heartbeats.received('other')).rejects.toMatchObject({ code: 'state_not_found', hint: 'Expected heartbeats: backup.' });
});

test.each([
  [[], 'an object of send and expect'],
  [{ sent: [] }, 'it has "sent"'],
  [{ send: [{ name: 'a b', url: 'https://example.com' }] }, 'send: name must be 1 to 64 letters'],
  [{ send: [{ name: 'a', url: 'ftp://example.com' }] }, 'send "a": url must be an http:// or https:// URL'],
  [{ send: [{ name: 'a', url: 'https://example.com', every: 1 }] }, 'send "a": every must be a number of seconds from 10 to 86400'],
  [{ expect: [{ name: 'a' }] }, 'expect "a": within must be a number of seconds from 10 to 2678400'],
  [
    {
      expect: [
        { name: 'a', within: 60 },
        { name: 'a', within: 60 },
      ],
    },
    'expect: name must be used once',
  ],
])('%j is refused with what is allowed', (value, message) => {
  expect(() => parseHeartbeats(value)).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }),
  );
});

test('a private address is refused unless it is allowed', async () => {
  const { open } = await openHeartbeats({ send: [{ name: 'a', url: 'http://127.0.0.1:1/' }] }, []);
  await expect(open()).rejects.toMatchObject({ code: 'target_refused' });
});
