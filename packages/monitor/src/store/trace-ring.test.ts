import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Span } from '../model/span.ts';
import { TraceRing } from './trace-ring.ts';

const span = (traceId: string, more: Partial<Span> = {}): Span => ({
  traceId,
  spanId: `${traceId}-root`,
  parentId: undefined,
  name: traceId,
  kind: 'server',
  startedAtMs: 1000,
  durationMs: 10,
  status: 200,
  failed: false,
  ...more,
});
const all = { nowMs: 1000, windowMs: 1000 };

test('traces come longest first, none older than the window', () => {
  const ring = new TraceRing();
  ring.add([span('a', { durationMs: 5 }), span('b', { durationMs: 50 }), span('old', { startedAtMs: -1, durationMs: 500 })]);
  expect(ring.slowest(10, all).map(({ traceId }) => traceId)).toEqual(['b', 'a']);
  expect(ring.slowest(1, all)).toHaveLength(1);
});

test('many ordinary traces never drive out a slow or a failed one', () => {
  const ring = new TraceRing({ capacity: 10 });
  ring.add([span('slow', { durationMs: 2000 }), span('failed', { failed: true })]);
  for (let i = 0; i < 1000; i++) ring.add([span(`t${i}`)]);
  expect(ring.find('slow')).toBeDefined();
  expect(ring.find('failed')).toBeDefined();
  expect(ring.slowest(100, all)).toHaveLength(12);
});

test('spans that come in parts and out of order make one trace, told from its first span', () => {
  const ring = new TraceRing();
  ring.add([span('a', { spanId: 'query', parentId: 'a-root', name: 'query', durationMs: 8 })]);
  ring.add([
    span('a', { parentId: 'somebody-else', durationMs: 3000 }),
    span('a', { spanId: 'query', parentId: 'a-root', name: 'query again' }),
  ]);
  expect(ring.find('a')?.root.spanId).toBe('a-root');
  expect(ring.find('a')?.spans.map(({ name }) => name)).toEqual(['query', 'a']);
});

test('spans that claim each other as parents are told all the same', () => {
  const ring = new TraceRing();
  ring.add([span('a', { spanId: 'x', parentId: 'y' }), span('a', { spanId: 'y', parentId: 'x', durationMs: 20 })]);
  expect(ring.find('a')?.root.spanId).toBe('y');
});

test('property: whatever comes, it holds at most twice its capacity', () => {
  const spans = fc.array(
    fc.record({ id: fc.nat(50), durationMs: fc.constantFrom(1, 5000), failed: fc.boolean(), spanId: fc.string({ maxLength: 2 }) }),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(spans, (given) => {
      const ring = new TraceRing({ capacity: 5 });
      for (const { id, ...rest } of given) ring.add([span(String(id), rest)]);
      const held = ring.slowest(1000, all);
      expect(held.length).toBeLessThanOrEqual(10);
      expect(new Set(held.map(({ traceId }) => traceId)).size).toBe(held.length);
    }),
  );
});
