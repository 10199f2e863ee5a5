import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanTraceState, formatTraceParent, parseTraceParent, rawHeader } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('a traceparent is read and written again', () => {
  const parent = parseTraceParent(`00-${TRACE}-${SPAN}-01`);
  expect(parent?.isSampled).toBe(true);
  expect(parent === undefined ? '' : formatTraceParent(parent)).toBe(`00-${TRACE}-${SPAN}-01`);
  expect(parseTraceParent(`00-${TRACE}-${SPAN}-02`)?.isSampled).toBe(false);
});

test('a later version is read as far as it is known', () => {
  expect(parseTraceParent(`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`)?.isSampled).toBe(true);
});

test.each([
  '',
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE}-${SPAN}-01-`,
  `00-${TRACE}-${SPAN}-1`,
  `ff-${TRACE}-${SPAN}-01`,
  `cc-${TRACE}-${SPAN}-01.more`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  ` 00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01\n`,
  `0-${TRACE}-${SPAN}-01`,
  `cc-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`,
])('%j is no traceparent', (text) => {
  expect(parseTraceParent(text)).toBeUndefined();
});

test('property: no text makes parsing throw, and what is accepted names a trace and a span', () => {
  const near = fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
      const parent = parseTraceParent(text);
      if (parent === undefined) return;
      expect(formatTraceParent(parent).slice(3, 52)).toBe(text.slice(3, 52));
      expect(parent.traceId.some((word) => word !== 0) && parent.spanId.some((word) => word !== 0)).toBe(true);
    }),
  );
});

test.each([
  ['rojo=00f067aa0ba902b7', 'rojo=00f067aa0ba902b7'],
  ['rojo=1 ,\tcongo=t61rcWkgMzE,', 'rojo=1,congo=t61rcWkgMzE'],
  ['tenant@system=1', 'tenant@system=1'],
])('the tracestate %j is passed on', (text, expected) => {
  expect(cleanTraceState(text)).toBe(expected);
});

test.each([
  '',
  'novalue',
  '=x',
  'UPPER=1',
  'a=1,a=2',
  'a=b=c',
  'a=é',
  'a=x\r\nx-injected: 1',
  `a=${'x'.repeat(257)}`,
  Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(','),
  `a=${'x'.repeat(600)}`,
])('the tracestate %j is not', (text) => {
  expect(cleanTraceState(text)).toBeUndefined();
});

test('a header is found whatever its case, the first of several wins', () => {
  const headers = ['Host', 'x', 'TraceParent', 'first', 'traceparent', 'second'];
  expect(rawHeader(headers, 'traceparent')).toBe('first');
  expect(rawHeader(headers, 'tracestate')).toBeUndefined();
  expect(rawHeader(['x-value', 'traceparent'], 'traceparent')).toBeUndefined();
});
