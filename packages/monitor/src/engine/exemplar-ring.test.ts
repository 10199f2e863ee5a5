import { expect, test } from 'vitest';
import type { Exemplar } from '../model/sample-batch.ts';
import { ExemplarRing } from './exemplar-ring.ts';

test('exemplars are found by selectors and time; the ring keeps the newest ten thousand', () => {
  const ring = new ExemplarRing();
  const one = (i: number): Exemplar => ({
    series: { name: 'work_bucket', labels: { le: String(i % 2) } },
    value: i,
    atMs: i,
    labels: { trace_id: String(i) },
  });
  ring.add(Array.from({ length: 10_005 }, (_, i) => one(i)));
  const odd = [[{ label: '__name__', op: '=', value: 'work_bucket' } as const, { label: 'le', op: '=~', value: '1' } as const]];
  expect(ring.find(odd, 0, 10).map(({ value }) => value)).toEqual([5, 7, 9]);
  expect(ring.find([], 0, Infinity)).toEqual([]);
  expect(ring.find(odd, 0, Infinity)).toHaveLength(5000);
});
