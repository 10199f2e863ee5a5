import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import type { HostRequest } from './protocol.ts';
import { RemoteCaches } from './remote-caches.ts';

const STATS = { hits: 3, misses: 1, evictions: 0, hit_rate: 75, total_size: 100, entry_count: 2, max_size: 10, utilization: 20 };

function remote(): { readonly clock: FakeClock; readonly sent: [number, HostRequest][]; readonly caches: RemoteCaches } {
  const clock = new FakeClock();
  const sent: [number, HostRequest][] = [];
  return { clock, sent, caches: new RemoteCaches(clock, (id, request) => void sent.push([id, request])) };
}

test('statistics come from the last snapshot with its age', async () => {
  const { caches, sent } = remote();
  caches.update({ atMs: 5, byName: { a: STATS, b: STATS } });
  expect(await caches.stats()).toMatchObject({ atMs: 5, hits: 6, misses: 2, hit_rate: 75, max_size: 20 });
  expect(await caches.stats('b')).toMatchObject({ hits: 3, max_size: 10 });
  expect(await caches.stats('nobody')).toMatchObject({ hits: 0, hit_rate: 0 });
  expect(sent).toEqual([]);
});

test('a write waits for the main thread', async () => {
  const { caches, sent, clock } = remote();
  const removed = caches.deleteByTags(['user']);
  expect(sent).toEqual([[1, { op: 'cacheDeleteByTags', tags: ['user'] }]]);
  caches.answer(1, 4);
  expect(await removed).toBe(4);
  expect(clock.pendingTimers).toBe(0);
});

test('a blocked main thread gives host_busy after five seconds, and a late answer is ignored', async () => {
  const { caches, clock } = remote();
  const outcome = caches.cleanup().catch((error: unknown) => error);
  await clock.advance(5000);
  expect(await outcome).toMatchObject({ code: 'host_busy' });
  caches.answer(1, 9);
  expect(clock.pendingTimers).toBe(0);
});

test('a refusal carries the main thread’s words', async () => {
  const { caches } = remote();
  const clearing = caches.clear();
  caches.refuse(1, 'cache is disposed');
  await expect(clearing).rejects.toMatchObject({ code: 'host_unreachable', message: 'cache is disposed' });
});
