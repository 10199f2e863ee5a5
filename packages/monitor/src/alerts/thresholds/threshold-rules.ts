import type { IdSource } from '../../base/ids.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import { parseThresholds, type Thresholds } from '../../rules/thresholds.ts';
import type { FindLadder } from '../escalation/find-ladder.ts';
import type { AlertBook } from '../state/alert-book.ts';
import { OutcomeDraft, type RuleOutcome } from '../state/rule-outcome.ts';
import { THRESHOLDS } from '../state/tracked-alert.ts';
import { isLearned, LearnedLimits } from './learned-limits.ts';
import { step } from './step.ts';
import { takeReadings, type Reading } from './take-readings.ts';

export interface ThresholdRulesOptions {
  readonly query: QueryEngine;
  readonly ids: IdSource;
  readonly thresholds: Thresholds;
  readonly intervalMs: number;
  readonly ladder: FindLadder;
  readonly learnedMetrics: readonly string[];
}

/** The contract's thresholds and the learned limits beside them: every series of each metric is read, judged and stepped. */
export class ThresholdRules {
  readonly #options: ThresholdRulesOptions;
  readonly #learned: LearnedLimits;
  #thresholds: Thresholds;

  constructor(options: ThresholdRulesOptions) {
    this.#options = options;
    this.#thresholds = parseThresholds(options.thresholds);
    this.#learned = new LearnedLimits(options.query);
  }

  get thresholds(): Thresholds {
    return this.#thresholds;
  }
  set thresholds(thresholds: Thresholds) {
    this.#thresholds = parseThresholds(thresholds);
  }

  async evaluate(book: AlertBook, nowMs: number): Promise<RuleOutcome> {
    const { ids, intervalMs, ladder } = this.#options;
    const before = book.alertsOf(THRESHOLDS);
    const readings = await this.#read(nowMs);
    const draft = new OutcomeDraft(THRESHOLDS, before);
    for (const key of new Set([...readings.keys(), ...before.keys()])) {
      const reading = readings.get(key);
      const stepped = step(before.get(key), {
        reading,
        threshold: reading === undefined || !Object.hasOwn(this.#thresholds, reading.metric) ? undefined : this.#thresholds[reading.metric],
        learned: reading === undefined ? undefined : await this.#learned.limitOf(reading, { nowMs, intervalMs }),
        nowMs,
        intervalMs,
        newId: ids,
        isMuted: (alert) => book.isMuted(alert, nowMs),
        ladder,
      });
      if (stepped !== undefined) draft.take(stepped);
    }
    this.#learned.keepOnly(new Set(readings.keys()));
    return draft.outcome(nowMs);
  }

  async #read(nowMs: number): Promise<Map<string, Reading>> {
    const { query, intervalMs, learnedMetrics } = this.#options;
    const names = new Set([...Object.keys(this.#thresholds), ...learnedMetrics]);
    for (const metric of (await query.metadata()).keys()) if (isLearned(metric)) names.add(metric);
    const readings = await takeReadings(query, [...names], { nowMs, intervalMs });
    return new Map(readings.map((reading) => [reading.key, reading]));
  }
}
