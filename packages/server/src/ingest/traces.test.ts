import { PbfWriter } from 'pbf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestApi, type Answer } from '../testing/test-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const ROOT_ID = '00f067aa0ba902b7';
const CHILD_ID = 'b7ad6b7169203331';
/** Nanoseconds since the epoch, `ms` after the clock's now. */
const nanos = (ms: number): string => String(BigInt(api.clock.nowMs()) * 1_000_000n + BigInt(ms * 1_000_000));
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
const push = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('POST', '/v1/traces', { body, headers });
const request = (...spans: object[]): object => ({
  resourceSpans: [{ resource: { attributes: [attribute('service.name', 'shop')] }, scopeSpans: [{ spans }] }],
});
const root = (): object => ({
  traceId: TRACE_ID,
  spanId: ROOT_ID,
  name: 'GET /orders/:id',
  kind: 2,
  startTimeUnixNano: nanos(0),
  endTimeUnixNano: nanos(40.5),
  attributes: [{ key: 'http.response.status_code', value: { intValue: '503' } }],
  status: { code: 2 },
});
const statement = (): object => ({
  traceId: TRACE_ID.toUpperCase(),
  spanId: CHILD_ID,
  parentSpanId: ROOT_ID,
  name: 'SELECT orders',
  kind: 'SPAN_KIND_CLIENT',
  startTimeUnixNano: nanos(10),
  endTimeUnixNano: nanos(30.25),
  attributes: [attribute('db.system', 'postgresql')],
});

test('a trace that was pushed is told step by step', async () => {
  expect((await push(request(statement(), root()))).body).toEqual({});
  const { body } = await api.get('/api/v1/performance/traces');
  expect(body.data).toEqual({
    count: 1,
    traces: [
      {
        trace_id: TRACE_ID,
        name: 'GET /orders/:id',
        started_at: new Date(api.clock.nowMs()).toISOString(),
        duration_ms: 40.5,
        failed: true,
        spans: [
          {
            span_id: ROOT_ID,
            parent_span_id: null,
            name: 'GET /orders/:id',
            kind: 'server',
            service: 'shop',
            offset_ms: 0,
            duration_ms: 40.5,
            status: 503,
            failed: true,
          },
          {
            span_id: CHILD_ID,
            parent_span_id: ROOT_ID,
            name: 'SELECT orders',
            kind: 'database',
            service: 'shop',
            offset_ms: 10,
            duration_ms: 20.25,
            status: 0,
            failed: false,
          },
        ],
      },
    ],
  });
});

test('the same span sent twice is told once', async () => {
  await push(request(root()));
  await push(request(root(), statement()));
  const { body } = await api.get('/api/v1/performance/traces');
  expect(body.data.traces[0].spans).toHaveLength(2);
});

test('spans without legal ids or times are counted as rejected, the others kept', async () => {
  const wrong = [
    {},
    { ...root(), traceId: '0'.repeat(32) },
    { ...root(), spanId: 'xyz' },
    { ...root(), endTimeUnixNano: '1' },
    { ...root(), startTimeUnixNano: 'soon' },
  ];
  const answer = await push(request(...wrong, statement()));
  expect(answer.body.partialSuccess.rejectedSpans).toBe('5');
  expect((await api.get('/api/v1/performance/traces')).body.data.count).toBe(1);
});

test('secrets in names are not kept, and attributes are not kept at all', async () => {
  await push(request({ ...root(), name: 'GET http://ada:hunter2@host/x?token=abcdef', attributes: [attribute('password', 'hunter3')] }));
  expect((await api.get('/api/v1/performance/traces')).text).not.toMatch(/hunter|abcdef/);
});

test.each([
  [5],
  ['"text"'],
  [{ resourceSpans: 5 }],
  [{ resourceSpans: [null] }],
  [request({ name: 5, attributes: 7 })],
  [{ resourceSpans: [{ scopeSpans: [{ spans: [null] }] }] }],
])('the odd body %j is refused or ignored, never a failure', async (body) => {
  expect((await push(body)).status).toBeLessThan(500);
});

test('protobuf says the same as JSON', async () => {
  const pbf = new PbfWriter();
  const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
  const fixed = (tag: number, text: string, inner: PbfWriter): void => {
    inner.writeTag(tag, 1);
    inner.writeFixed32(Number(BigInt(text) & 0xffff_ffffn));
    inner.writeFixed32(Number(BigInt(text) >> 32n));
  };
  const writeSpan = (_: unknown, inner: PbfWriter): void => {
    inner.writeBytesField(1, bytes(TRACE_ID));
    inner.writeBytesField(2, bytes(ROOT_ID));
    inner.writeStringField(5, 'GET /orders/:id');
    inner.writeVarintField(6, 2);
    fixed(7, nanos(0), inner);
    fixed(8, nanos(40.5), inner);
    inner.writeMessage(15, (code: number, status) => status.writeVarintField(3, code), 2);
  };
  pbf.writeMessage(
    1,
    (_: unknown, resource) => resource.writeMessage(2, (__: unknown, scope) => scope.writeMessage(2, writeSpan, null), null),
    null,
  );
  const answer = await push(pbf.finish(), { 'content-type': 'application/x-protobuf' });
  expect(answer.status).toBe(200);
  const [trace] = (await api.get('/api/v1/performance/traces')).body.data.traces;
  expect(trace).toMatchObject({
    trace_id: TRACE_ID,
    duration_ms: 40.5,
    failed: true,
    spans: [{ span_id: ROOT_ID, kind: 'server', parent_span_id: null }],
  });
});

test('as many traces as asked for, longest first', async () => {
  const traces = Array.from({ length: 5 }, (_, i) => ({
    ...root(),
    traceId: TRACE_ID.replace(/^./, String(i + 1)),
    endTimeUnixNano: nanos(i + 1),
  }));
  await push(request(...traces));
  const { body } = await api.get('/api/v1/performance/traces?limit=2');
  expect(body.data.traces.map((trace: { duration_ms: number }) => trace.duration_ms)).toEqual([5, 4]);
  expect((await api.get('/api/v1/performance/traces?limit=0')).status).toBe(400);
});
