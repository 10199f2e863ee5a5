import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { systemClock } from '../../base/system-clock.ts';
import { createRegistry } from '../registry.ts';
import { setup, valuesOf } from '../testing/wire-receiver.ts';
import { mergeDelta } from './merge-delta.ts';
import type { RegistryDelta } from './registry-delta.ts';
import { acceptWorkers, relayToMain } from './worker-relay.ts';

const program = fileURLToPath(new URL('./testing/recording-worker.ts', import.meta.url));
const overJson = (delta: RegistryDelta): RegistryDelta => JSON.parse(JSON.stringify(delta)) as RegistryDelta;

describe('deltas', () => {
  test('counters add up, levels are told by worker, a second delta holds only what is new', async () => {
    const { registry: main, drain } = setup();
    const clock = new FakeClock();
    const workers = ['w1', 'w2'].map((name) => ({ name, registry: createRegistry({ clock }) }));
    for (const { name, registry } of workers) {
      registry.counter('jobs_total', { help: 'Jobs.' }).add(3, { queue: 'mail' });
      registry.gauge('depth').set(name === 'w1' ? 4 : 9);
      registry.recordCustom('batch_size', 7, 'count');
      mergeDelta(main, overJson(registry.takeDelta(clock.nowMs())), name);
      registry.counter('jobs_total').add(1, { queue: 'mail' });
      const second = overJson(registry.takeDelta(clock.nowMs()));
      expect(second).toHaveLength(1);
      mergeDelta(main, second, name);
      expect(registry.takeDelta(clock.nowMs())).toEqual([]);
    }
    main.counter('jobs_total').add(1, { queue: 'mail' });
    const samples = await drain();
    expect(valuesOf(samples, 'jobs_total|queue|mail')).toEqual([0, 9]);
    expect(valuesOf(samples, 'depth|worker|w1').at(-1)).toBe(4);
    expect(valuesOf(samples, 'depth|worker|w2').at(-1)).toBe(9);
    expect(valuesOf(samples, 'batch_size|worker|w1').at(-1)).toBe(7);
  });

  test('property: histograms of workers merge into exactly the one that had taken everything', () => {
    const values = fc.array(fc.oneof(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), fc.constant(0)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (byWorker) => {
        const clock = new FakeClock();
        const [merged, whole] = [createRegistry({ clock }), createRegistry({ clock })];
        for (const [i, all] of byWorker.entries()) {
          const worker = createRegistry({ clock });
          for (const value of all) {
            worker.timer('work').record(value, { a: 1 });
            whole.timer('work').record(value, { a: 1 });
          }
          mergeDelta(merged, overJson(worker.takeDelta(clock.nowMs())), `w${i}`);
        }
        for (const q of [0, 0.3, 0.5, 0.9, 0.99, 1])
          expect(merged.timer('work').quantile(q, { a: 1 })).toBe(whole.timer('work').quantile(q, { a: 1 }));
        const [left, right] = [merged, whole].map((registry) => registry.localSummary().get('work'));
        expect([left?.samples, left?.min, left?.max]).toEqual([right?.samples, right?.min, right?.max]);
        expect(left?.average ?? 0).toBeCloseTo(right?.average ?? 0, 3);
      }),
      { numRuns: 60 },
    );
  });

  test('what is no delta is left out', () => {
    const { registry } = setup();
    mergeDelta(registry, [null, 7, {}, { kind: 'counter' }, { kind: 'histogram', series: { name: 'h', labels: {} } }] as never, 'w1');
    mergeDelta(registry, [{ kind: 'counter', series: { name: 'c_total', labels: {} }, step: -1 }], 'w1');
    expect(registry.dropped('negative')).toBe(1);
  });
});

test('on a main thread nobody is asked', async () => {
  expect(await relayToMain(createRegistry({ clock: systemClock }), systemClock)).toBeUndefined();
});

describe('for real', () => {
  const registry = createRegistry({ clock: systemClock });
  const summed = (name: string): number => {
    const batch = registry.drain(systemClock.nowMs());
    for (const [offset, series] of (batch?.newSeries ?? []).entries()) names[(batch?.firstNewSlot ?? 0) + offset] = series.name;
    for (const [i, slot] of (batch?.slots ?? []).entries()) newest.set(slot, batch?.values[i] as number);
    return [...newest].reduce((sum, [slot, value]) => (names[slot] === name ? sum + value : sum), 0);
  };
  const names: string[] = [];
  const newest = new Map<number, number>();

  test('worker threads record into the registry of their main thread', async () => {
    using _accepting = acceptWorkers(registry);
    const threads = [1, 2, 3].map(() => new Worker(program, { execArgv: ['--conditions=source'] }));
    await Promise.all(threads.map((thread) => once(thread, 'exit')));
    await expect.poll(() => summed('jobs_total'), { timeout: 5000 }).toBe(3000);
    expect(summed('work_time_count')).toBe(3000);
  });

  test('cluster workers record into the registry of their primary', async () => {
    const primary = fork(fileURLToPath(new URL('./testing/cluster-primary.ts', import.meta.url)), {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    });
    const [answer] = (await once(primary, 'message')) as [{ readonly jobs: number; readonly observations: number }];
    expect(answer).toEqual({ jobs: 2000, observations: 2000 });
  });
});
