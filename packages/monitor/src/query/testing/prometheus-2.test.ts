import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPLIANCE_EXPRESSIONS } from './compliance-expressions.ts';
import { DIFFERENTIAL_EXPRESSIONS } from './differential-expressions.ts';
import { Duel } from './duel.ts';
import { MIXED_START_MS, mixedSeries } from './mixed-series.ts';
import { findPrometheus, PrometheusOracle } from './prometheus-oracle.ts';
import { randomExpressions } from './random-expressions.ts';
import { serviceSeries } from './service-series.ts';

const binary = findPrometheus(2);
if (binary === undefined) console.warn('SKIPPED: no Prometheus 2 to compare PromQL with. Install Debian’s package prometheus.');

/** What version 3 changed, or has and version 2 has not. */
const CHANGED: readonly RegExp[] = [
  /histogram_(?:fraction|avg|stddev|stdvar)|holt_winters/,
  // Version 2 left the metric's name on.
  /atan2/,
  // The variance of infinities; sums that overflow.
  /odd/,
  // Label names in UTF-8, and durations as numbers.
  /é|bad-label|^5m/,
  // A range inside a subquery, which begins at a sample.
  /\[\w+\](?:(?! or ).)*\[\w+:/,
  // When a counter began at 0 well inside the range.
  /(?:rate|increase)\(\w+\[1h\]/,
  /topk\(NaN|bottomk\(-|std(?:dev|var) .*(?:NaN|Inf|scalar)|predict_linear\(.*@|topk\(2, \{__name__/,
];

/** Off every sample and step, so that it does not matter that version 2 counts the left end of a range in. */
const fromMs = MIXED_START_MS + 20 * 60_000 + 3333;
const times = { fromMs, toMs: fromMs + 35 * 60_000, stepMs: 150_000 };
const both = (expressions: readonly string[]): string[] => expressions.filter((text) => !CHANGED.some((pattern) => pattern.test(text)));

describe.skipIf(binary === undefined)('PromQL compared with a real Prometheus 2, where both say the same', () => {
  let oracle: PrometheusOracle;
  let duel: Duel;
  beforeAll(async () => {
    oracle = await PrometheusOracle.start(binary as string);
    duel = new Duel(oracle, { comparesNotes: false });
    await duel.write([...mixedSeries(), ...serviceSeries()]);
  }, 60_000);
  afterAll(async () => {
    await duel[Symbol.asyncDispose]();
    await oracle[Symbol.asyncDispose]();
  });

  test('model: every function, operator and modifier gives what Prometheus gives, refusals included', async () => {
    expect(await duel.disagreements(both(DIFFERENTIAL_EXPRESSIONS), times)).toEqual([]);
  }, 60_000);

  test('model: the forms of the compliance suite give what Prometheus gives', async () => {
    expect(await duel.disagreements(both(COMPLIANCE_EXPRESSIONS), { ...times, toMs: fromMs + 600_000, stepMs: 40_000 })).toEqual([]);
  }, 60_000);

  test('model: random expressions give what Prometheus gives', async () => {
    const count = Number(process.env['BELLWETHER_RANDOM_EXPRESSIONS'] ?? 100);
    expect(await duel.disagreements(both(randomExpressions(count, 4711)), times)).toEqual([]);
  }, 600_000);
});
