import { metrics, type Meter } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Registry } from '../../instruments/registry.ts';
import { setup, valuesOf, type Sample } from '../../instruments/testing/wire-receiver.ts';
import { createMeterProvider } from './meter-provider.ts';

let registry: Registry;
let drain: () => Promise<Sample[]>;
let meter: Meter;

beforeEach(() => {
  ({ registry, drain } = setup());
  metrics.setGlobalMeterProvider(createMeterProvider(registry));
  meter = metrics.getMeter('shop', '1.0.0');
});
afterEach(() => metrics.disable());

describe('synchronous instruments', () => {
  test('counters, up-down counters, gauges and histograms, by attributes', async () => {
    const requests = meter.createCounter('http.server.requests', { description: 'Requests.', unit: '{request}' });
    requests.add(2, { 'http.route': '/a', 'http.response.status_code': 200, ok: true });
    requests.add(1, { ok: true, 'http.response.status_code': 200, 'http.route': '/a' });
    requests.add(1);
    meter.createUpDownCounter('open').add(3);
    meter.createUpDownCounter('open').add(-1);
    meter.createGauge('temperature').record(21.5, { room: 'a' });
    meter.createHistogram('http.server.request.duration', { unit: 's' }).record(0.2, { 'http.route': '/a' });
    const samples = await drain();
    expect(valuesOf(samples, 'http_server_requests|http_response_status_code|200|http_route|/a|ok|true')).toEqual([0, 3]);
    expect(valuesOf(samples, 'http_server_requests')).toEqual([0, 1]);
    expect(valuesOf(samples, 'open').at(-1)).toBe(2);
    expect(valuesOf(samples, 'temperature|room|a')).toEqual([21.5]);
    expect(valuesOf(samples, 'http_server_request_duration_bucket|http_route|/a|le|0.25')).toEqual([0, 1]);
    expect(valuesOf(samples, 'http_server_request_duration_sum|http_route|/a')).toEqual([0, 0.2]);
  });

  test('lists are JSON; a cycle, a negative step and NaN are counted and never thrown', async () => {
    const counter = meter.createCounter('c');
    counter.add(1, { list: ['a', 'b'], empty: undefined });
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    counter.add(1, { cycle });
    counter.add(-1);
    counter.add(NaN, { a: 1 });
    expect(valuesOf(await drain(), 'c|list|["a","b"]')).toEqual([0, 1]);
    expect([registry.dropped('label_value'), registry.dropped('negative'), registry.dropped('not_finite')]).toEqual([1, 1, 1]);
  });

  test('a name made twice is one instrument; names of other meters too', async () => {
    meter.createCounter('c').add(1);
    metrics.getMeter('other').createCounter('c').add(1);
    expect(valuesOf(await drain(), 'c')).toEqual([0, 2]);
  });
});

describe('observable instruments', () => {
  test('are read at each drain while they have callbacks', async () => {
    const gauge = meter.createObservableGauge('queue');
    const counter = meter.createObservableCounter('jobs');
    const upDown = meter.createObservableUpDownCounter('workers');
    let value = 5;
    const read = (result: { observe(value: number, attributes?: { n: number }): void }): void => result.observe(value, { n: 1 });
    for (const observable of [gauge, counter, upDown]) observable.addCallback(read);
    let samples = await drain();
    expect(['queue|n|1', 'jobs|n|1', 'workers|n|1'].map((key) => valuesOf(samples, key).at(-1))).toEqual([5, 5, 5]);
    value = 7;
    gauge.removeCallback(read);
    samples = await drain();
    expect(['queue|n|1', 'jobs|n|1', 'workers|n|1'].map((key) => valuesOf(samples, key).at(-1))).toEqual([5, 7, 7]);
  });

  test('a batch callback reads several at once, and only those it named', async () => {
    const [gauge, counter, other] = [
      meter.createObservableGauge('level'),
      meter.createObservableCounter('total'),
      meter.createObservableGauge('other'),
    ];
    const batch = (result: { observe(metric: typeof gauge, value: number): void }): void => {
      result.observe(gauge, 1);
      result.observe(counter, 2);
      result.observe(other, 3);
    };
    meter.addBatchObservableCallback(batch, [gauge, counter]);
    let samples = await drain();
    expect(['level', 'total', 'other'].map((key) => valuesOf(samples, key).at(-1))).toEqual([1, 2, undefined]);
    meter.removeBatchObservableCallback(batch, [gauge, counter]);
    samples = await drain();
    expect(valuesOf(samples, 'total')).toEqual([]);
  });

  test('one that fails, at once or later, is counted', async () => {
    const gauge = meter.createObservableGauge('level');
    gauge.addCallback(() => {
      throw new Error('broken');
    });
    gauge.addCallback(() => Promise.reject(new Error('broken')));
    meter.addBatchObservableCallback(() => {
      throw new Error('broken');
    }, [gauge]);
    await drain();
    await new Promise(setImmediate);
    expect(registry.dropped('observer_failed')).toBe(3);
  });
});
