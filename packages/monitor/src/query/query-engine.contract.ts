import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Labels } from '../model/labels.ts';
import type { QueryEngine } from './query-engine.ts';

/** Series that an engine under test holds, samples in order of time. */
export type HeldSeries = readonly {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: readonly (readonly [atMs: number, value: number])[];
}[];

export interface QueryEngineUnderTest extends AsyncDisposable {
  readonly query: QueryEngine;
}

const SECOND = 1000;
const STEPS = 60;

/** An hour of two instances, a sample a minute, the last of them at `endMs`. */
function heldSeries(endMs: number): HeldSeries {
  const times = Array.from({ length: STEPS + 1 }, (_, i) => endMs - (STEPS - i) * 60 * SECOND);
  return ['a:1', 'b:1'].flatMap((instance, i) => [
    { name: 'requests_total', labels: { instance, job: 'api' }, samples: times.map((atMs, k) => [atMs, k * 60 * (i + 1)] as const) },
    { name: 'temperature', labels: { instance, job: 'api' }, samples: times.map((atMs, k) => [atMs, 20 + i + (k % 3) / 4] as const) },
  ]);
}

/** The promises of `QueryEngine`, for every implementation. @param open an engine that holds these samples */
export function queryEngineContract(name: string, open: (series: HeldSeries) => Promise<QueryEngineUnderTest>): void {
  describe(`${name} as a QueryEngine`, () => {
    // Whole minutes: ranges of old and new engines differ only in which of their ends they count.
    const endMs = Math.floor(Date.now() / 60_000) * 60_000 - 120_000;
    const atMs = endMs + 20 * SECOND;
    let under: QueryEngineUnderTest;
    let query: QueryEngine;
    beforeAll(async () => {
      under = await open(heldSeries(endMs));
      ({ query } = under);
    }, 60_000);
    afterAll(() => under[Symbol.asyncDispose]());
    const match = (text: string): ReturnType<QueryEngine['parseSelector']> => query.parseSelector(text);

    test('contract: a selector gives the newest value of each series at the instant asked for', async () => {
      const { value, warnings } = await query.instant('temperature{instance="b:1"}', atMs);
      expect(value).toEqual({
        type: 'vector',
        samples: [{ labels: { __name__: 'temperature', instance: 'b:1', job: 'api' }, atMs, value: 21 }],
      });
      expect(warnings).toEqual([]);
    });

    test('contract: aggregations, rates and arithmetic over a steady counter', async () => {
      const { value } = await query.instant('sum by (job) (rate(requests_total[10m])) * 2', atMs);
      expect(value.type === 'vector' && value.samples).toMatchObject([{ labels: { job: 'api' }, atMs }]);
      expect((value as Extract<typeof value, { type: 'vector' }>).samples[0]?.value).toBeCloseTo(6, 9);
    });

    test('contract: a range has a value at each step, by series', async () => {
      const { value } = await query.range('max by (instance) (temperature)', {
        fromMs: atMs - 240 * SECOND,
        toMs: atMs,
        stepMs: 120 * SECOND,
      });
      const series = (value as Extract<typeof value, { type: 'matrix' }>).series.toSorted((x, y) =>
        (x.labels['instance'] ?? '') < (y.labels['instance'] ?? '') ? -1 : 1,
      );
      expect(series.map(({ labels }) => labels)).toEqual([{ instance: 'a:1' }, { instance: 'b:1' }]);
      expect(series[0]?.timesMs).toEqual([atMs - 240 * SECOND, atMs - 120 * SECOND, atMs]);
      expect(series[0]?.values).toEqual([20.5, 20.25, 20]);
    });

    test('contract: scalars are scalars, what is not there is an empty vector, and values need not be finite', async () => {
      expect((await query.instant('1 + 1', atMs)).value).toEqual({ type: 'scalar', atMs, value: 2 });
      expect((await query.instant('nothing_of_that_name', atMs)).value).toEqual({ type: 'vector', samples: [] });
      const { value } = await query.instant('temperature{instance="a:1"} / 0', atMs);
      expect((value as Extract<typeof value, { type: 'vector' }>).samples[0]?.value).toBe(Infinity);
    });

    test('contract: series, names and values of labels are those in the window that match', async () => {
      const window = [endMs - 600 * SECOND, atMs] as const;
      expect(await query.series([match('temperature{instance=~"a.*"}')], ...window)).toEqual([
        { __name__: 'temperature', instance: 'a:1', job: 'api' },
      ]);
      expect(await query.labelNames([match('temperature')], ...window)).toEqual(['__name__', 'instance', 'job']);
      expect(await query.labelValues('instance', [match('temperature')], ...window)).toEqual(['a:1', 'b:1']);
      expect(await query.labelValues('__name__', [match('{job="api"}')], ...window)).toEqual(['requests_total', 'temperature']);
    });

    test('contract: an expression that is none is refused as such', async () => {
      await expect(query.instant('sum(', atMs)).rejects.toMatchObject({ code: 'query_invalid' });
      await expect(query.range('temperature', { fromMs: 2000, toMs: 1000, stepMs: 1000 })).rejects.toMatchObject({ code: 'query_invalid' });
      await expect(query.range('temperature', { fromMs: 0, toMs: atMs, stepMs: 1000 })).rejects.toMatchObject({ code: 'query_too_large' });
      expect(() => match('up{')).toThrow(expect.objectContaining({ code: 'query_invalid' }));
    });

    test('contract: whoever goes away ends the query', async () => {
      await expect(query.instant('temperature', atMs, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'query_canceled' });
    });
  });
}
