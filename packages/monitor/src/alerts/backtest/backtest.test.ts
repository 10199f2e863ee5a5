import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruleBench, type RuleBench } from '../groups/rule-bench.ts';
import { backtest } from './backtest.ts';
import { ruleOf, ruleOfThreshold } from './rule-to-test.ts';

/** A bench with a value a second of `load`; gives the time of the first. */
async function history(values: readonly (number | undefined)[]): Promise<{ readonly bench: RuleBench; readonly fromMs: number }> {
  const bench = await ruleBench('');
  const fromMs = bench.clock.nowMs() + 1000;
  for (const value of values) {
    await bench.clock.advance(1000);
    if (value !== undefined) bench.set('load', {}, value);
  }
  return { bench, fromMs };
}

const window = (fromMs: number, seconds: number): { fromMs: number; toMs: number; intervalMs: number } => ({
  fromMs,
  toMs: fromMs + (seconds - 1) * 1000,
  intervalMs: 1000,
});

test('a replay tells how often a rule would have fired, for how long, and how many flaps', async () => {
  const { bench, fromMs } = await history([1, 9, 9, 1, 9, 1, 1, 9, 9, 9]);
  const result = await backtest(bench.query, ruleOf({ alert: 'High', expr: 'load > 5' }), window(fromMs, 10));
  expect(result).toMatchObject({
    evaluations: 10,
    series: 1,
    fired: 3,
    flaps: 2,
    firingMs: 2000 + 1000 + 2000,
    longestMs: 2000,
    pendingOnly: 0,
  });
  expect(result.firings.map(({ resolvedAtMs }) => resolvedAtMs)).toEqual([undefined, fromMs + 5000, fromMs + 3000]);
});

test('`for` keeps short breaches from firing and counts them', async () => {
  const { bench, fromMs } = await history([1, 9, 9, 1, 9, 1, 1, 9, 9, 9]);
  const result = await backtest(bench.query, ruleOf({ alert: 'High', expr: 'load > 5', for: '2s' }), window(fromMs, 10));
  expect(result).toMatchObject({ fired: 1, pendingOnly: 2 });
});

test('a threshold is replayed with its severities', async () => {
  const { bench, fromMs } = await history([50, 75, 95, 75, 50, 50, 50]);
  const result = await backtest(bench.query, ruleOfThreshold('load', { warning: 70, critical: 90 }, 1000), window(fromMs, 7));
  expect(result).toMatchObject({ fired: 1, firings: [{ severity: 'critical', peak: 95 }] });
});

test('a learned limit is replayed with what was known then', async () => {
  const { bench, fromMs } = await history(Array.from({ length: 400 }, (_, i) => (i > 390 ? 90 : 20 + (i % 3))));
  const rule = ruleOf({ alert: 'Odd', expr: 'load', x_bellwether: { dynamic: { window: '2m' } } });
  const result = await backtest(bench.query, rule, window(fromMs + 200_000, 200));
  expect(result).toMatchObject({ fired: 1, firings: [{ severity: 'low', firedAtMs: fromMs + 391_000 }] });
});

test('a long window is evaluated more seldom, and says so', async () => {
  const { bench, fromMs } = await history([9]);
  const result = await backtest(bench.query, ruleOf({ alert: 'High', expr: 'load > 5' }), {
    fromMs: fromMs - 30 * 86_400_000,
    toMs: fromMs,
    intervalMs: 1000,
  });
  expect(result.evaluations).toBeLessThanOrEqual(11_000);
  expect(result.notes).toEqual([expect.stringContaining('instead of 1 s')]);
});

test('model: a replay fires when the live rule fired', { timeout: 30_000 }, async () => {
  const value = fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined, freq: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(value, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      async (values, hold, keep) => {
        const rule = {
          alert: 'High',
          expr: 'last_over_time(load[1s])',
          for: `${hold}s`,
          keep_firing_for: `${keep}s`,
          x_bellwether: { thresholds: { medium: 4, high: { fire: 7, clear: 5 } } },
        };
        await using bench = await ruleBench(`groups: [{ name: g, interval: 1s, rules: [${JSON.stringify(rule)}] }]`);
        const fromMs = bench.clock.nowMs() + 1000;
        await bench.run(values.length, (second) => {
          const given = values[second - 1];
          if (given !== undefined) bench.set('load', {}, given);
        });
        const replay = await backtest(bench.query, ruleOf(rule), window(fromMs, values.length));
        const live = (await bench.alerting.history({ limit: 100 })).map(({ firedAtMs, resolvedAtMs, severity }) => ({
          firedAtMs,
          resolvedAtMs,
          severity,
        }));
        expect(replay.firings.map(({ firedAtMs, resolvedAtMs, severity }) => ({ firedAtMs, resolvedAtMs, severity }))).toEqual(live);
      },
    ),
    { numRuns: 40 },
  );
});
