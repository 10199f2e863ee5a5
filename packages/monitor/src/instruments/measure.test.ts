import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { createMeasure, type Measure } from './measure.ts';
import { createRegistry, type Registry } from './registry.ts';

function setup(): { clock: FakeClock; registry: Registry; measure: Measure } {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  return { clock, registry, measure: createMeasure(registry, { clock }) };
}

describe('a function', () => {
  test('a synchronous one is timed and its result returned', () => {
    const { registry, measure } = setup();
    const result: number = measure('sum', () => 1 + 1);
    expect(result).toBe(2);
    expect(registry.localSummary().get('execution_time_sum')).toMatchObject({ unit: 'ms', samples: 1 });
  });

  test('an asynchronous one is timed until it settles', async () => {
    const { clock, registry, measure } = setup();
    const pending: Promise<string> = measure('database_query', () => clock.sleep(40).then(() => 'rows'));
    await clock.advance(40);
    expect(await pending).toBe('rows');
    expect(registry.localSummary().get('execution_time_database_query')?.current).toBe(40);
  });

  test('a failure is recorded with its outcome and thrown on unchanged', async () => {
    const { registry, measure } = setup();
    const error = new Error('broken');
    expect(() =>
      measure('sync', () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(measure('async', () => Promise.reject(error))).rejects.toBe(error);
    const labels = registry.drain(Date.UTC(2026, 0, 2))?.newSeries.filter(({ name }) => name.endsWith('sync'));
    expect(labels?.map((series) => series.labels)).toEqual([{ outcome: 'error' }, { outcome: 'error' }]);
  });

  test('something awaitable that is no promise runs once', async () => {
    const { measure } = setup();
    let runs = 0;
    const lazy = {
      // oxlint-disable-next-line unicorn/no-thenable -- query builders are such objects
      then(resolve: (value: number) => void): void {
        resolve(++runs);
      },
    };
    expect(await measure('lazy', () => lazy)).toBe(1);
    expect(runs).toBe(1);
  });
});

describe('a generator', () => {
  test('is timed by what it does, not by what its consumer takes; values go in and out unchanged', async () => {
    const { clock, registry, measure } = setup();
    const work = measure('pages', function* (): Generator<number, string, string> {
      clock.jumpTo(clock.nowMs() + 10);
      const sent = yield 1;
      clock.jumpTo(clock.nowMs() + 5);
      return `${sent}!`;
    });
    expect(work.next()).toEqual({ done: false, value: 1 });
    await clock.advance(1000);
    expect(work.next('two')).toEqual({ done: true, value: 'two!' });
    expect(registry.localSummary().get('execution_time_pages')).toMatchObject({ samples: 1 });
  });

  test('an asynchronous one is timed while it is waited for, and cleans up when it is left', async () => {
    const { clock, registry, measure } = setup();
    let isClosed = false;
    const rows = measure('rows', async function* (): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          await clock.sleep(20);
          yield i;
        }
      } finally {
        isClosed = true;
      }
    });
    const read = (async (): Promise<void> => {
      for await (const row of rows) if (row === 1) break;
    })();
    await clock.advance(40);
    await read;
    expect(isClosed).toBe(true);
    expect(registry.localSummary().get('execution_time_rows')).toMatchObject({ samples: 1, current: 40 });
  });

  test('one that fails is recorded with its outcome', () => {
    const { registry, measure } = setup();
    const work = measure('broken', function* (): Generator<number> {
      yield 1;
      throw new Error('broken');
    });
    expect(() => [...work]).toThrow('broken');
    const told = registry.drain(Date.UTC(2026, 0, 2))?.newSeries.find(({ name }) => name === 'execution_time_broken');
    expect(told?.labels).toEqual({ outcome: 'error' });
  });
});

describe('a scope', () => {
  test('is timed from its declaration to its end, in both kinds of using', async () => {
    const { clock, registry, measure } = setup();
    {
      using _scope = measure('scope');
      await clock.advance(5);
    }
    {
      await using _scope = measure('scope');
      await clock.advance(15);
    }
    expect(registry.localSummary().get('execution_time_scope')).toMatchObject({ min: 5, max: 15, samples: 2 });
  });

  test('disposing twice records once', () => {
    const { registry, measure } = setup();
    const scope = measure('scope');
    scope[Symbol.dispose]();
    scope[Symbol.dispose]();
    expect(registry.localSummary().get('execution_time_scope')?.samples).toBe(1);
  });
});

test('a name that is no metric name is made one', () => {
  const { registry, measure } = setup();
  measure('load user: by id', () => 1);
  measure(undefined as never, () => 1);
  expect([...registry.localSummary().keys()]).toEqual(['execution_time_load_user:_by_id', 'execution_time_unnamed']);
});
