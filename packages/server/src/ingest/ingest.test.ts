import { gzipSync } from 'node:zlib';
import { PbfWriter } from 'pbf';
import { compress } from 'snappyjs';
import { BellwetherError } from '@bellwether/monitor/engine';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestApi, type Answer } from '../testing/test-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.open();
});
afterEach(async () => {
  await api[Symbol.asyncDispose]();
});

const nanos = (): string => `${api.clock.nowMs()}000000`;
const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
function otlp(...metrics: object[]): object {
  const resource = { attributes: [attribute('service.name', 'shop'), attribute('service.instance.id', 'shop-1')] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
}
const push = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> => api.call('POST', '/v1/metrics', { body, headers });
async function value(query: string): Promise<string | undefined> {
  const { body } = await api.get(`/api/v1/query?query=${encodeURIComponent(query)}`);
  return body.data.result[0]?.value[1];
}

describe('OTLP as JSON', () => {
  test('a gauge keeps its name; service and instance become job and instance', async () => {
    const point = { asDouble: 42.5, timeUnixNano: nanos(), attributes: [attribute('http.route', '/orders')] };
    const answer = await push(otlp({ name: 'queue.depth', unit: 'count', gauge: { dataPoints: [point] } }));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({});
    expect(await value('queue_depth{job="shop",instance="shop-1",http_route="/orders"}')).toBe('42.5');
  });

  test('integers come as text, milliseconds survive nanoseconds beyond 2^53', async () => {
    const point = { asInt: '9007199254740993', timeUnixNano: `${api.clock.nowMs() - 1}999999` };
    await push(otlp({ name: 'big', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point] } }));
    expect(await value('big')).toBe('9007199254740992');
    expect(Number(await value('timestamp(big)')) * 1000).toBe(api.clock.nowMs() - 1);
  });

  test('a histogram becomes cumulative buckets, count and sum', async () => {
    const point = { count: '6', sum: 7.5, bucketCounts: ['1', '2', '3'], explicitBounds: [0.5, 1], timeUnixNano: nanos() };
    await push(
      otlp({
        name: 'latency',
        unit: 's',
        histogram: { aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE', dataPoints: [point] },
      }),
    );
    expect(await value('latency_bucket{le="0.5"}')).toBe('1');
    expect(await value('latency_bucket{le=~"1(.0)?"}')).toBe('3');
    expect(await value('latency_bucket{le="+Inf"}')).toBe('6');
    expect(await value('latency_count')).toBe('6');
    expect(await value('latency_sum')).toBe('7.5');
  });

  test('an exponential histogram becomes buckets that lose no observation', async () => {
    const point = {
      count: 10,
      sum: 20,
      scale: 3,
      zeroCount: 2,
      positive: { offset: 0, bucketCounts: [1, 2, 3, 2] },
      timeUnixNano: nanos(),
    };
    await push(otlp({ name: 'expo', exponentialHistogram: { aggregationTemporality: 2, dataPoints: [point] } }));
    expect(await value('expo_bucket{le="+Inf"}')).toBe('10');
    expect(await value('max(expo_bucket{le!="+Inf"})')).toBe('10');
    expect(await value('min(expo_bucket)')).toBe('2');
    const median = Number(await value('histogram_quantile(0.5, expo_bucket)'));
    expect(median).toBeGreaterThan(1);
    expect(median).toBeLessThan(1.5);
  });

  test('delta temporality is rejected as a partial success that says what to set', async () => {
    const answer = await push(otlp({ name: 'd', sum: { aggregationTemporality: 1, dataPoints: [{ asInt: 1 }, { asInt: 2 }] } }));
    expect(answer.body.partialSuccess.rejectedDataPoints).toBe('2');
    expect(answer.body.partialSuccess.errorMessage).toContain('TEMPORALITY_PREFERENCE=cumulative');
  });

  test('good points are kept beside bad ones', async () => {
    const answer = await push(
      otlp(
        { name: 'good', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: nanos() }, { timeUnixNano: nanos() }] } },
        { gauge: { dataPoints: [{}] } },
      ),
    );
    expect(answer.body.partialSuccess.rejectedDataPoints).toBe('2');
    expect(await value('good')).toBe('1');
  });

  test('secrets in attributes are not kept', async () => {
    const attributes = [attribute('authorization', 'Bearer abc.def.ghi'), attribute('user', 'jane@example.com')];
    await push(otlp({ name: 'leaky', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: nanos(), attributes }] } }));
    const series = await api.get('/api/v1/series?match[]=leaky');
    expect(series.body.data).toHaveLength(1);
    expect(series.text).not.toMatch(/abc\.def|jane@/);
  });

  test('gzip is understood, and a bomb stops at the limit', async () => {
    const body = gzipSync(JSON.stringify(otlp({ name: 'zipped', gauge: { dataPoints: [{ asDouble: 3, timeUnixNano: nanos() }] } })));
    expect((await push(new Uint8Array(body), { 'content-encoding': 'gzip' })).status).toBe(200);
    expect(await value('zipped')).toBe('3');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2));
    expect((await push(new Uint8Array(bomb), { 'content-encoding': 'gzip' })).body.code).toBe('body_too_large');
    expect((await push('not gzip', { 'content-encoding': 'gzip' })).body.code).toBe('body_malformed');
    expect((await push('{}', { 'content-encoding': 'br' })).body.code).toBe('encoding_unsupported');
  });

  test.each([
    [5],
    ['"text"'],
    ['null'],
    [{ resourceMetrics: 5 }],
    [{ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 5, gauge: {} }] }] }] }],
  ])('the odd body %j is refused or ignored, never a failure', async (body) => {
    expect((await push(body)).status).toBeLessThan(500);
  });
});

describe('OTLP as protobuf', () => {
  const keyValue = (pair: { readonly key: string; readonly text: string }, pbf: PbfWriter): void => {
    pbf.writeStringField(1, pair.key);
    pbf.writeMessage(2, (text: string, inner) => inner.writeStringField(1, text), pair.text);
  };
  function gaugeRequest(name: string, values: { readonly double: number; readonly int: number }): Uint8Array {
    const pbf = new PbfWriter();
    const point = (tag: 'double' | 'int', inner: PbfWriter): void => {
      inner.writeFixed64Field(3, api.clock.nowMs() * 1e6);
      if (tag === 'double') inner.writeDoubleField(4, values.double);
      else inner.writeSFixed64Field(6, values.int);
      inner.writeMessage(7, keyValue, { key: 'kind', text: tag });
    };
    const metric = (_: null, inner: PbfWriter): void => {
      inner.writeStringField(1, name);
      inner.writeMessage(
        5,
        (__: null, gauge) => {
          gauge.writeMessage(1, point, 'double');
          gauge.writeMessage(1, point, 'int');
        },
        null,
      );
    };
    pbf.writeMessage(
      1,
      (_: null, resourceMetrics) => {
        resourceMetrics.writeMessage(
          1,
          (__: null, resource) => resource.writeMessage(1, keyValue, { key: 'service.name', text: 'go' }),
          null,
        );
        resourceMetrics.writeMessage(2, (__: null, scope) => scope.writeMessage(2, metric, null), null);
      },
      null,
    );
    return pbf.finish();
  }

  test('gauges of both number types arrive, and the answer is protobuf too', async () => {
    const answer = await push(gaugeRequest('pb_gauge', { double: 1.25, int: -7 }), { 'content-type': 'application/x-protobuf' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-protobuf');
    expect(await value('pb_gauge{kind="double",job="go"}')).toBe('1.25');
    expect(await value('pb_gauge{kind="int"}')).toBe('-7');
  });

  test('bytes that are no message are refused', async () => {
    const answer = await push(new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0x0f, 1, 2]), { 'content-type': 'application/x-protobuf' });
    expect(answer.status).toBe(400);
  });
});

describe('Prometheus remote write', () => {
  type Sample = readonly [value: number, atMs: number];
  const pair = ([name, text]: readonly [string, string], pbf: PbfWriter): void => {
    pbf.writeStringField(1, name);
    pbf.writeStringField(2, text);
  };
  function writeRequest(labels: Readonly<Record<string, string>>, samples: readonly Sample[]): Uint8Array {
    const pbf = new PbfWriter();
    pbf.writeMessage(
      1,
      (_: null, series) => {
        for (const label of Object.entries(labels)) series.writeMessage(1, pair, label);
        for (const sample of samples) {
          series.writeMessage(
            2,
            ([sampleValue, atMs]: Sample, inner) => {
              inner.writeDoubleField(1, sampleValue);
              inner.writeVarintField(2, atMs);
            },
            sample,
          );
        }
      },
      null,
    );
    return pbf.finish();
  }
  const send = (body: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
    api.call('POST', '/api/v1/write', {
      body,
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', ...headers },
    });

  test('samples are stored and their number is told', async () => {
    const nowMs = api.clock.nowMs();
    const answer = await send(
      compress(
        writeRequest({ __name__: 'rw_total', job: 'node', instance: 'a:9100' }, [
          [1, nowMs - 1000],
          [2, nowMs],
        ]),
      ),
    );
    expect(answer.status).toBe(204);
    expect(answer.headers.get('x-prometheus-remote-write-samples-written')).toBe('2');
    expect(await value('rw_total{instance="a:9100"}')).toBe('2');
  });

  test('a series is known again at its next push, and secrets in its labels are kept neither time', async () => {
    const labels = { __name__: 'rw_leaky', password: 'hunter2hunter2', user: 'jane@example.com' };
    for (const step of [1, 2]) {
      await api.clock.advance(1000);
      expect((await send(compress(writeRequest(labels, [[step, api.clock.nowMs()]])))).status).toBe(204);
    }
    expect(await value('count_over_time(rw_leaky[1m])')).toBe('2');
    const series = await api.get('/api/v1/series?match[]=rw_leaky');
    expect(series.body.data).toHaveLength(1);
    expect(series.text).not.toMatch(/hunter2|jane@/);
  });

  test('metadata that comes in a request of its own is kept', async () => {
    const pbf = new PbfWriter();
    pbf.writeMessage(
      3,
      (_: null, meta) => {
        meta.writeVarintField(1, 1);
        meta.writeStringField(2, 'rw_described_total');
        meta.writeStringField(4, 'What it counts.');
        meta.writeStringField(5, 'requests');
      },
      null,
    );
    expect((await send(compress(pbf.finish()))).status).toBe(204);
    const metadata = await api.get('/api/v1/metadata?metric=rw_described_total');
    expect(metadata.body.data).toEqual({ rw_described_total: [{ type: 'counter', help: 'What it counts.', unit: 'requests' }] });
  });

  test('regression: what comes by remote write is judged at once, not at the next round', async () => {
    await api.clock.advance(5000);
    const body = compress(writeRequest({ __name__: 'cpu_usage', instance: 'pushed' }, [[99, api.clock.nowMs()]]));
    expect((await send(body)).status).toBe(204);
    await api.clock.advance(300);
    expect(api.engine.alerting.active().map(({ labels }) => labels['instance'])).toEqual(['pushed']);
  });

  test('series with illegal names are told as rejected, the others are kept', async () => {
    const answer = await send(compress(writeRequest({ __name__: 'not a name' }, [[1, api.clock.nowMs()]])));
    expect(answer.status).toBe(204);
    expect(answer.headers.get('x-bellwether-rejected-samples')).toBe('1');
  });

  test('version 2.0, other encodings and bytes that are not snappy are refused, so that nothing is lost in silence', async () => {
    const body = compress(writeRequest({ __name__: 'x' }, [[1, api.clock.nowMs()]]));
    expect((await send(body, { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' })).status).toBe(415);
    expect((await send(body, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await send(new Uint8Array([1, 2, 3, 4, 5]))).status).toBe(400);
  });

  test('a body that grows beyond the limit is refused before it is unpacked', async () => {
    await using small = await TestApi.open({ limits: { ingestBodyBytes: 10_000 } });
    const body = compress(new Uint8Array(1_000_000));
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
    const answers = await small.call('POST', '/api/v1/write', { body: body.slice(0, 9000), headers });
    expect(answers.status).toBe(413);
  });
});

test('a disk without room answers 507 until there is some, and the samples were not lost meanwhile', async () => {
  const full = new BellwetherError('store_full', 'There is no room on disk for samples: disk full', { hint: 'Free room on the disk.' });
  const flush = vi.spyOn(api.engine.store, 'flush').mockRejectedValueOnce(full);
  const body = otlp({ name: 'g', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: nanos() }] } });
  const refused = await push(body);
  expect(refused.status).toBe(507);
  expect(refused.body).toMatchObject({ code: 'store_full', status: 507, detail: expect.stringContaining('no room on disk') });
  expect((await push(body)).status).toBe(200);
  expect(await value('count_over_time(g[5m])')).toBe('1');
  expect(flush).toHaveBeenCalledTimes(2);
});
