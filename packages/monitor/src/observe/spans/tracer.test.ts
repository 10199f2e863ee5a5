import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { createMeasure } from '../../instruments/measure.ts';
import { createRegistry } from '../../instruments/registry.ts';
import { readSpans, type Span } from '../../model/span.ts';
import { parseTraceParent } from './trace-context.ts';
import { tracedMeasure } from './traced-measure.ts';
import { Tracer, type SpanOptions } from './tracer.ts';

function traced(options: SpanOptions = { ratio: 1 }): { readonly clock: FakeClock; readonly tracer: Tracer; readonly drain: () => Span[] } {
  const clock = new FakeClock();
  const tracer = new Tracer(clock, options);
  const drain = (): Span[] => {
    const batch = tracer.drain(clock.nowMs());
    return batch === undefined ? [] : readSpans(batch);
  };
  return { clock, tracer, drain };
}

test('what happens on behalf of a request hangs below it, in real time', async () => {
  const { clock, tracer, drain } = traced();
  const startedAtMs = clock.nowMs();
  const root = tracer.root({ kind: 'server', name: '' });
  await tracer.run(root, async () => {
    await clock.advance(5);
    const query = tracer.child('database', 'SELECT ?');
    await clock.advance(10);
    if (query !== undefined) tracer.end(query, { failed: true });
  });
  await clock.advance(5);
  tracer.end(root, { name: 'GET /orders/:id', status: 200 });
  const [query, request] = drain();
  expect(request).toMatchObject({ name: 'GET /orders/:id', kind: 'server', status: 200, durationMs: 20, startedAtMs, parentId: undefined });
  expect(query).toMatchObject({ name: 'SELECT ?', kind: 'database', durationMs: 10, startedAtMs: startedAtMs + 5, failed: true });
  expect(query?.traceId).toBe(request?.traceId);
  expect(query?.parentId).toBe(request?.spanId);
  expect(drain()).toEqual([]);
});

test('requests that run at once do not take each other’s work', async () => {
  const { clock, tracer, drain } = traced();
  const serve = async (name: string, delayMs: number): Promise<void> => {
    const root = tracer.enter('server');
    await clock.sleep(delayMs);
    const child = tracer.child('database', `of ${name}`);
    if (child !== undefined) tracer.end(child);
    tracer.end(root, { name });
  };
  const work = Promise.all([serve('a', 20), serve('b', 10), serve('c', 30)]);
  await clock.advance(100);
  await work;
  const spans = drain();
  for (const name of ['a', 'b', 'c']) {
    const root = spans.find((span) => span.name === name);
    expect(spans.filter(({ parentId }) => parentId === root?.spanId).map((span) => span.name)).toEqual([`of ${name}`]);
  }
});

test('a caller’s trace is carried on and told to those who are called', () => {
  const { tracer, drain } = traced({ ratio: 0 });
  const remote = parseTraceParent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
  const root = tracer.root({ kind: 'server', name: 'GET /' }, remote, 'rojo=1');
  const told = tracer.propagate(root);
  tracer.end(root);
  const [span] = drain();
  expect(span).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', parentId: 'b7ad6b7169203331' });
  expect(told).toEqual({ traceparent: `00-0af7651916cd43dd8448eb211c80319c-${span?.spanId}-01`, tracestate: 'rojo=1' });
});

test('with ratio 0 only slow and failed requests are kept', async () => {
  const { clock, tracer, drain } = traced({ ratio: 0, slowMs: 100 });
  const serve = async (name: string, end: { readonly ms: number; readonly failed?: boolean }): Promise<void> => {
    const root = tracer.root({ kind: 'server', name });
    await clock.advance(end.ms);
    tracer.end(root, { failed: end.failed ?? false });
  };
  await serve('fast', { ms: 99 });
  await serve('slow', { ms: 100 });
  await serve('failed', { ms: 1, failed: true });
  expect(drain().map(({ name }) => name)).toEqual(['slow', 'failed']);
});

test('work that outlives its request is not told, and ending twice changes nothing', () => {
  const { tracer, drain } = traced();
  const root = tracer.root({ kind: 'server', name: 'GET /' });
  const late = tracer.run(root, () => tracer.child('database', 'late'));
  tracer.end(root);
  tracer.end(root, { name: 'again' });
  if (late !== undefined) tracer.end(late);
  expect(tracer.run(root, () => tracer.child('database', 'later'))).toBeUndefined();
  expect(drain().map(({ name }) => name)).toEqual(['GET /']);
});

test('what is kept is bounded and the rest counted; slow ones find room among many', async () => {
  const { clock, tracer, drain } = traced({ ratio: 1, slowMs: 1000 });
  const request = (spans: number): ReturnType<Tracer['root']> => {
    const root = tracer.root({ kind: 'server', name: 'r' });
    tracer.run(root, () => {
      for (let i = 0; i < spans; i++) {
        const child = tracer.child('database', 'q');
        if (child !== undefined) tracer.end(child);
      }
    });
    return root;
  };
  tracer.end(request(1000));
  expect(tracer.dropped).toBe(800);
  for (let i = 0; i < 100; i++) tracer.end(request(199));
  const slow = request(10);
  await clock.advance(1000);
  tracer.end(slow);
  const spans = drain();
  expect(spans.length).toBeLessThanOrEqual(4000);
  expect(spans.filter(({ durationMs }) => durationMs >= 1000)).toHaveLength(1);
  expect(spans.length + tracer.dropped).toBe(1001 + 100 * 200 + 11);
});

test('a measured operation is a span with what it does below it; a failed one says so', async () => {
  const { clock, tracer, drain } = traced();
  const measure = tracedMeasure(createMeasure(createRegistry({ clock }), { clock }), tracer);
  expect(measure('outside', () => 7)).toBe(7);
  const root = tracer.root({ kind: 'server', name: 'GET /' });
  await tracer.run(root, async () => {
    await measure('load', async () => {
      const query = tracer.child('database', 'SELECT ?');
      if (query !== undefined) tracer.end(query);
    });
    await expect(measure('broken', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(() =>
      measure('thrown', () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    using _scope = measure('scope');
  });
  tracer.end(root);
  const spans = drain();
  const named = (name: string): Span | undefined => spans.find((span) => span.name === name);
  expect(spans.map(({ name }) => name).toSorted()).toEqual(['GET /', 'SELECT ?', 'broken', 'load', 'scope', 'thrown']);
  expect(named('SELECT ?')?.parentId).toBe(named('load')?.spanId);
  expect(named('load')?.parentId).toBe(named('GET /')?.spanId);
  expect([named('broken')?.failed, named('thrown')?.failed, named('load')?.failed]).toEqual([true, true, false]);
});

test('secrets in names do not leave the thread', () => {
  const { tracer, drain } = traced();
  tracer.end(tracer.root({ kind: 'server', name: 'GET postgres://ada:hunter2@host/db' }));
  expect(drain()[0]?.name).toBe('GET postgres://[redacted]@host/db');
});

test('a ratio or a limit that makes no sense is refused', () => {
  expect(() => new Tracer(new FakeClock(), { ratio: 1.5 })).toThrow(RangeError);
  expect(() => new Tracer(new FakeClock(), { slowMs: -1 })).toThrow(RangeError);
});
