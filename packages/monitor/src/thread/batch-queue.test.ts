import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WireBatch } from '../model/sample-batch.ts';
import { BatchQueue } from './batch-queue.ts';

function batchOf(firstNewSlot: number, newNames: readonly string[], samples = 1): WireBatch {
  return {
    source: 'test',
    firstNewSlot,
    newSeries: newNames.map((name) => ({ name, labels: {} })),
    slots: new Uint32Array(samples),
    timesMs: new Float64Array(samples),
    values: new Float64Array(samples),
  };
}

/** A queue whose receiver takes only what it is told to. */
function setup(): { readonly queue: BatchQueue; readonly posted: WireBatch[]; take(count: number): void } {
  const posted: WireBatch[] = [];
  let taken = 0;
  const queue = new BatchQueue({ post: (batch) => void posted.push(batch), taken: () => taken });
  return {
    queue,
    posted,
    take: (count) => {
      taken = Math.min(posted.length, taken + count);
    },
  };
}

test('a receiver that keeps up gets every batch at once', () => {
  const { queue, posted, take } = setup();
  for (let i = 0; i < 200; i++) {
    queue.add(batchOf(i, [`m${i}`]));
    expect(posted).toHaveLength(i + 1);
    take(1);
  }
  expect([queue.dropped, queue.isBehind]).toEqual([0, false]);
});

test('for one that is stuck a minute is kept, the oldest dropped and counted; when it is free again the rest comes in order', () => {
  const { queue, posted, take } = setup();
  for (let i = 0; i < 100; i++) queue.add(batchOf(i, [`m${i}`]));
  expect([posted.length, queue.dropped, queue.isBehind]).toEqual([5, 35, true]);
  take(5);
  queue.add(batchOf(100, ['m100']));
  expect(posted).toHaveLength(10);
  // Descriptions of what was dropped come with the first batch after it.
  expect(posted[5]?.firstNewSlot).toBe(5);
  expect(posted[5]?.newSeries.map(({ name }) => name)).toEqual(Array.from({ length: 36 }, (_, i) => `m${i + 5}`));
  queue.finish();
  expect(posted).toHaveLength(66);
});

test('large batches are bounded by their samples', () => {
  const { queue, posted } = setup();
  for (let i = 0; i < 20; i++) queue.add(batchOf(0, [], 300_000));
  queue.finish();
  expect([queue.dropped, posted.length]).toEqual([12, 8]);
});

test('property: whatever is dropped, the descriptions that arrive are gapless and complete', () => {
  const steps = fc.array(fc.record({ described: fc.nat(3), taken: fc.nat(3) }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      const { queue, posted, take } = setup();
      let next = 0;
      for (const { described, taken } of all) {
        const names = Array.from({ length: described }, (_, i) => `m${next + i}`);
        queue.add(batchOf(next, names));
        next += described;
        take(taken);
      }
      queue.finish();
      const names: string[] = [];
      for (const { firstNewSlot, newSeries } of posted) for (const [i, { name }] of newSeries.entries()) names[firstNewSlot + i] = name;
      expect(names).toEqual(Array.from({ length: next }, (_, i) => `m${i}`));
      expect(posted.length + queue.dropped).toBe(all.length);
    }),
    { numRuns: 50 },
  );
});
