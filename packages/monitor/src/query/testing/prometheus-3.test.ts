import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPLIANCE_EXPRESSIONS } from './compliance-expressions.ts';
import { DIFFERENTIAL_EXPRESSIONS } from './differential-expressions.ts';
import { Duel } from './duel.ts';
import { MIXED_START_MS, mixedSeries } from './mixed-series.ts';
import { findPrometheus, PrometheusOracle } from './prometheus-oracle.ts';
import { randomExpressions } from './random-expressions.ts';
import { serviceSeries } from './service-series.ts';
import { SYNTAX_EXPRESSIONS } from './syntax-expressions.ts';

const binary = findPrometheus(3);
if (binary === undefined) console.warn('SKIPPED: no Prometheus 3 to compare PromQL with. Set BELLWETHER_PROMETHEUS to its binary.');

const fromMs = MIXED_START_MS + 20 * 60_000;
const times = { fromMs, toMs: fromMs + 35 * 60_000 + 71_000, stepMs: 150_000 };

describe.skipIf(binary === undefined)('PromQL compared with a real Prometheus 3', () => {
  let oracle: PrometheusOracle;
  let duel: Duel;
  beforeAll(async () => {
    oracle = await PrometheusOracle.start(binary as string);
    duel = new Duel(oracle);
    await duel.write([...mixedSeries(), ...serviceSeries()]);
  }, 60_000);
  afterAll(async () => {
    await duel[Symbol.asyncDispose]();
    await oracle[Symbol.asyncDispose]();
  });

  test('model: every function, operator and modifier gives what Prometheus gives, annotations and refusals included', async () => {
    expect(await duel.disagreements(DIFFERENTIAL_EXPRESSIONS, times)).toEqual([]);
  }, 60_000);

  test('model: the forms of the compliance suite give what Prometheus gives', async () => {
    expect(COMPLIANCE_EXPRESSIONS.length).toBeGreaterThanOrEqual(539);
    expect(await duel.disagreements(COMPLIANCE_EXPRESSIONS, { ...times, toMs: fromMs + 600_000, stepMs: 10_000 })).toEqual([]);
  }, 60_000);

  test('model: what the grammar takes and refuses is what Prometheus takes and refuses', async () => {
    expect(await duel.disagreements(SYNTAX_EXPRESSIONS, times)).toEqual([]);
  }, 60_000);

  test('model: random expressions give what Prometheus gives', async () => {
    const count = Number(process.env['BELLWETHER_RANDOM_EXPRESSIONS'] ?? 300);
    expect(await duel.disagreements(randomExpressions(count, Number(process.env['BELLWETHER_RANDOM_SEED'] ?? 20_261)), times)).toEqual([]);
  }, 600_000);
});
