import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openEmbeddedStore } from '../embedded-store.ts';
import { put } from '../sample-store.contract.ts';
import type { SampleStore } from '../sample-store.ts';
import { RemoteTarget } from './remote-target.ts';
import { RemoteWrite } from './remote-write.ts';
import { FakeReceiver } from './testing/fake-receiver.ts';

const within = { timeout: 15_000, interval: 20 };
const clock = systemClock;
let receiver: FakeReceiver;
let store: SampleStore;
beforeEach(async () => {
  receiver = await FakeReceiver.start();
  store = openEmbeddedStore({ path: ':memory:', clock, log: silentLogger, commitIntervalMs: 5, keepsOutgoing: true });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function send(url = receiver.url): RemoteWrite {
  return new RemoteWrite({
    store,
    target: new RemoteTarget(url, clock),
    clock,
    log: silentLogger,
    externalLabels: { server: 's1', job: 'x' },
  });
}
const nowMs = Date.now();
const oneAt = (name: string, atMs: number): unknown => put(store, { name, labels: { job: 'api' } }, [[atMs, 1]]);

describe('remote write', () => {
  test('a receiver that does not say how many samples it wrote is sent version 1.0, with labels sorted and external ones added', async () => {
    oneAt('up', nowMs);
    await using _sender = send();
    await vi.waitFor(() => expect(receiver.samples).toEqual([`up{job="api",server="s1"}@${nowMs}`]), within);
    expect(receiver.requests.map(({ version }) => version)).toEqual(['2.0.0', '0.1.0']);
  });

  test('a receiver that says how many samples it wrote stays with version 2.0', async () => {
    receiver.reply = () => ({ status: 204, headers: { 'x-prometheus-remote-write-samples-written': '1' } });
    oneAt('up', nowMs);
    await using sender = send();
    await vi.waitFor(() => expect(sender.status.sentSamples).toBe(1), within);
    oneAt('up', nowMs + 1);
    await vi.waitFor(() => expect(sender.status.sentSamples).toBe(2), within);
    expect(receiver.requests.map(({ version }) => version)).toEqual(['2.0.0', '2.0.0']);
  });

  test('user and password of the URL go as a header and appear nowhere else', async () => {
    const target = new RemoteTarget('http://me:s%20ecret@example.org/base', clock);
    expect(target.origin).toBe('http://example.org/base');
    await using _sender = send(receiver.url.replace('//', '//me:s%20ecret@'));
    oneAt('up', nowMs);
    await vi.waitFor(() => expect(receiver.samples).toHaveLength(1), within);
    expect(receiver.requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:s ecret').toString('base64')}`);
  });

  test('429 with Retry-After is waited for, and everything arrives', async () => {
    const answeredAtMs: number[] = [];
    receiver.reply = (_samples, version) => {
      answeredAtMs.push(clock.monotonicMs());
      return answeredAtMs.length === 1 ? { status: 429, headers: { 'retry-after': '2' } } : { status: version === '2.0.0' ? 415 : 200 };
    };
    oneAt('up', nowMs);
    await using sender = send();
    await vi.waitFor(() => expect(receiver.samples).toHaveLength(1), within);
    const [first = 0, second = 0] = answeredAtMs;
    expect(second - first).toBeGreaterThanOrEqual(1990);
    await vi.waitFor(() => expect(sender.status).toMatchObject({ failedRequests: 1, problem: undefined, lagMs: 0 }), within);
  });

  test('one sample that is refused does not take the others of its request along', async () => {
    receiver.reply = (samples) => ({ status: samples.some((sample) => sample.startsWith('bad')) ? 400 : 204 });
    for (let i = 0; i < 50; i++) oneAt(i === 20 ? 'bad' : 'good', nowMs + i);
    await using sender = send();
    await vi.waitFor(() => expect(sender.status).toMatchObject({ sentSamples: 49, droppedSamples: { refused: 1, expired: 0 } }), within);
    expect(new Set(receiver.samples).size).toBe(49);
  });

  test('what was acknowledged shortly before an outage is sent once more when it ends', async () => {
    await using sender = send();
    oneAt('up', nowMs);
    await vi.waitFor(() => expect(receiver.samples).toHaveLength(1), within);
    receiver.reply = () => ({ status: 503 });
    oneAt('up', nowMs + 1);
    await vi.waitFor(() => expect(sender.status.problem).toContain('503'), within);
    receiver.samples.length = 0;
    receiver.reply = () => ({ status: 204 });
    await vi.waitFor(() => expect(new Set(receiver.samples).size).toBe(2), within);
    await vi.waitFor(() => expect(sender.status.lagMs).toBe(0), within);
    expect(sender.status.problem).toBeUndefined();
  });

  test('late samples are sent as well', async () => {
    await using _sender = send();
    oneAt('up', nowMs);
    await vi.waitFor(() => expect(receiver.samples).toHaveLength(1), within);
    oneAt('up', nowMs - 5000);
    await vi.waitFor(() => expect(receiver.samples).toContain(`up{job="api",server="s1"}@${nowMs - 5000}`), within);
  });

  test('a slow receiver holds up neither the store nor the end of the program', async () => {
    receiver.reply = () => ({ status: 204, delayMs: 20_000 });
    const sender = send();
    oneAt('up', nowMs);
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1), within);
    for (let i = 1; i < 1000; i++) oneAt('up', nowMs + i);
    await store.flush();
    await sender[Symbol.asyncDispose]();
    expect(store.stats().samples).toBe(1000);
  });

  test('samples that wait longer than retention are given up and counted', async () => {
    receiver.reply = () => ({ status: 500 });
    oneAt('up', nowMs);
    await store.flush();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await using sender = new RemoteWrite({ store, target: new RemoteTarget(receiver.url, clock), clock, log: silentLogger, keptMs: 1 });
    await vi.waitFor(() => expect(sender.status.droppedSamples.expired).toBe(1), within);
    expect(sender.status.lagMs).toBe(0);
  });
});
