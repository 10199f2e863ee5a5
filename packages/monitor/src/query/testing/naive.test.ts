import { expect, test } from 'vitest';
import { messageOf } from '../../base/errors.ts';
import type { Answer } from './compare-answers.ts';
import { formatLabels } from '../context/frame.ts';
import { Duel, type Oracle } from './duel.ts';
import { MIXED_START_MS, mixedSeries } from './mixed-series.ts';
import { NaiveEvaluator, type NaiveValue } from './naive-evaluator.ts';
import { randomExpressions } from './random-expressions.ts';
import type { WrittenSeries } from './write-to-prometheus.ts';

type Pairs = Record<string, [number, number][]>;

/** The naive evaluator in the place of another server. */
class NaiveOracle implements Oracle {
  #series: readonly WrittenSeries[] = [];

  async write(series: readonly WrittenSeries[]): Promise<void> {
    this.#series = series;
  }
  async instant(expression: string, atMs: number): Promise<Answer> {
    return await this.range(expression, { fromMs: atMs, toMs: atMs, stepMs: 1 });
  }
  async range(expression: string, { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number }): Promise<Answer> {
    const evaluator = new NaiveEvaluator(this.#series, { fromMs, toMs });
    const series: Pairs = {};
    try {
      for (let atMs = fromMs; atMs <= toMs; atMs += stepMs) collect(series, evaluator.evaluate(expression, atMs), atMs);
      return { series, notes: [] };
    } catch (error) {
      return { error: messageOf(error), type: 'execution' };
    }
  }
}

function collect(series: Pairs, value: NaiveValue, atMs: number): void {
  if (typeof value === 'string') series[value] = [];
  else if (typeof value === 'number') (series[''] ??= []).push([atMs, value]);
  else for (const one of value) (series[formatLabels(one.labels)] ??= []).push([atMs, one.value]);
}

const fromMs = MIXED_START_MS + 20 * 60_000;
const times = { fromMs, toMs: fromMs + 12 * 60_000, stepMs: 97_000 };

test('property: random expressions give what the definition of PromQL gives, one instant at a time', async () => {
  await using duel = new Duel(new NaiveOracle(), { comparesNotes: false });
  // Sums that overflow are a matter of the order of additions.
  await duel.write(mixedSeries().filter(({ labels }) => labels['kind'] !== 'huge'));
  const count = Number(process.env['BELLWETHER_RANDOM_EXPRESSIONS'] ?? 150);
  const seed = Number(process.env['BELLWETHER_RANDOM_SEED'] ?? 7);
  expect(await duel.disagreements(randomExpressions(count, seed), times)).toEqual([]);
}, 600_000);
