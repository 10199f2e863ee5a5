import { breathing } from '../../base/breath.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { IdSource } from '../../base/ids.ts';
import { seriesKey, type Labels } from '../../model/labels.ts';
import type { AppendResult } from '../../model/sample-batch.ts';
import type { IncomingSeries } from '../../model/metric.ts';
import type { QueryEngine, QueryValue, VectorSample } from '../../query/query-engine.ts';
import type { AlertingRule, Rule, RuleGroup } from '../../rules/groups/rule-group.ts';
import { offsetMs, slotAt } from '../../rules/groups/schedule.ts';
import { TemplateBudget } from '../../rules/template/template-budget.ts';
import type { TemplateSample } from '../../rules/template/template.ts';
import type { FindLadder } from '../escalation/find-ladder.ts';
import type { AlertBook } from '../state/alert-book.ts';
import type { RuleAlerts, RuleOutcome } from '../state/rule-outcome.ts';
import { endAll, evaluateAlerting, RuleFault, type AlertingContext, type Gap } from './evaluate-alerting.ts';
import type { LateAnswers } from './late-answers.ts';
import type { LearnedBands } from './learned-bands.ts';
import type { MissingSeries } from './missing-series.ts';
import { restoreHold } from './restore-hold.ts';
import { alertSeries, recordedSamples, withStaleMarkers, type RuleSample, type WrittenSeries } from './rule-samples.ts';

/** What groups need of the engine. */
export interface GroupDependencies {
  readonly book: AlertBook;
  readonly query: QueryEngine;
  readonly bands: LearnedBands;
  readonly missing: MissingSeries;
  readonly answers: LateAnswers<RuleAnswer>;
  /** Takes what rules yield; readable by queries when it returns. */
  readonly record: (series: readonly IncomingSeries[]) => AppendResult;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly ladder: FindLadder;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
}

/** What the expression of a rule gave at an instant, and what its extensions ask beside it. */
export interface RuleAnswer {
  readonly samples: readonly VectorSample[];
  readonly learned: AlertingContext['learned'];
  readonly missing: readonly Labels[];
}

/** How a rule fared. */
export interface RuleHealth {
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string | undefined;
  readonly evaluatedAtMs: number | undefined;
  readonly evaluationMs: number;
}

const UNKNOWN: RuleHealth = { health: 'unknown', lastError: undefined, evaluatedAtMs: undefined, evaluationMs: 0 };
/** In Prometheus's words. */
const FAULTS: Readonly<Record<string, string>> = {
  duplicate: 'duplicate sample for timestamp',
  out_of_order: 'out of order sample',
};
const SERIES_AT_ONCE = 1000;
const NOTHING: WrittenSeries = new Map();

/** A group at work: its rules one after another at each of its instants, and what must be remembered from one to the next. */
export class GroupRunner {
  readonly group: RuleGroup;
  readonly #with: GroupDependencies;
  readonly #offsetMs: number;
  readonly #rules: ReadonlySet<Rule>;
  readonly #written = new Map<string, WrittenSeries>();
  readonly #health = new Map<string, RuleHealth>();
  #slotMs: number;
  #isRestored = false;
  #evaluatedAtMs: number | undefined;
  #evaluationMs = 0;

  /** The first evaluation is at the next of its instants. */
  constructor(group: RuleGroup, dependencies: GroupDependencies) {
    this.group = group;
    this.#with = dependencies;
    this.#offsetMs = offsetMs(group);
    this.#rules = new Set(group.rules);
    this.#slotMs = slotAt(group.intervalMs, this.#offsetMs, dependencies.clock.nowMs());
  }

  get evaluatedAtMs(): number | undefined {
    return this.#evaluatedAtMs;
  }
  /** Time the last evaluation took. */
  get evaluationMs(): number {
    return this.#evaluationMs;
  }

  healthOf(rule: Rule): RuleHealth {
    return this.#health.get(rule.id) ?? UNKNOWN;
  }

  /** Goes on where a runner of an earlier version of the group stopped. */
  inherit(earlier: GroupRunner): void {
    const kept = new Set(this.group.rules.map((rule) => rule.id));
    for (const [id, written] of earlier.#written) if (kept.has(id)) this.#written.set(id, written);
    for (const [id, health] of earlier.#health) if (kept.has(id)) this.#health.set(id, health);
    this.#isRestored = earlier.#isRestored;
    if (earlier.group.intervalMs === this.group.intervalMs) this.#slotMs = earlier.#slotMs;
  }

  /** When it is due next, or has a late answer to judge. A clock that was set back is followed at once. */
  dueAtMs(nowMs: number): number {
    return this.#with.answers.hasAnswered(this.#rules) ? nowMs : this.#nextAtMs(nowMs);
  }

  #nextAtMs(nowMs: number): number {
    const { intervalMs } = this.group;
    if (this.#slotMs > nowMs + intervalMs) this.#slotMs = slotAt(intervalMs, this.#offsetMs, nowMs);
    return this.#slotMs + intervalMs;
  }

  /** Evaluates if one of its instants has come; instants that were missed are left out. @returns notifications planned */
  async evaluateDue(nowMs: number): Promise<number> {
    let planned = await this.#judgeLate();
    if (this.#nextAtMs(nowMs) > nowMs) return planned;
    this.#slotMs = slotAt(this.group.intervalMs, this.#offsetMs, nowMs);
    planned += await this.evaluate(this.#slotMs, { mayBeLate: true });
    return planned;
  }

  /** Judges rules whose answers came late, each as of the instant at which it was asked. @returns notifications planned */
  async #judgeLate(): Promise<number> {
    if (!this.#with.answers.hasAnswered(this.#rules)) return 0;
    let planned = 0;
    for (const rule of this.group.rules) {
      const atMs = this.#with.answers.answeredAtMs(rule);
      if (atMs !== undefined) planned += await this.#with.book.commit(await this.#outcomesOf([rule], atMs, true), atMs);
    }
    return planned;
  }

  /**
   * Evaluates every rule at one instant. @param options whether rules whose expressions are slow may be judged later, by `evaluateDue`. @default they are waited for
   * @returns notifications planned @throws BellwetherError `state_unavailable`
   */
  async evaluate(atMs: number, { mayBeLate = false }: { readonly mayBeLate?: boolean } = {}): Promise<number> {
    const { book, clock } = this.#with;
    const startedMs = clock.monotonicMs();
    if (!this.#isRestored) await this.#restore(atMs);
    const planned = await book.commit(await this.#outcomesOf(this.group.rules, atMs, mayBeLate), atMs);
    this.#evaluatedAtMs = atMs;
    this.#evaluationMs = clock.monotonicMs() - startedMs;
    return planned;
  }

  async #outcomesOf(rules: readonly Rule[], atMs: number, mayBeLate: boolean): Promise<RuleOutcome[]> {
    const { book, clock } = this.#with;
    const outcomes: RuleOutcome[] = [];
    for (const rule of rules) {
      const ruleStartedMs = clock.monotonicMs();
      const evaluated = await this.#evaluateRule(rule, { atMs, mayBeLate }).catch((thrown: unknown) => failed(rule, book, thrown));
      if (evaluated === undefined) continue;
      const { outcome, error } = evaluated;
      if (outcome !== undefined) outcomes.push(outcome);
      this.#health.set(rule.id, {
        health: error === undefined ? 'ok' : 'err',
        lastError: error === undefined ? undefined : messageOf(error),
        evaluatedAtMs: atMs,
        evaluationMs: clock.monotonicMs() - ruleStartedMs,
      });
    }
    return outcomes;
  }

  /** Marks the end of the series that rules wrote which are no more. @param kept ids of rules that go on */
  async markEnded(kept: ReadonlySet<string>, nowMs: number): Promise<void> {
    // A series takes one sample an instant.
    const atMs = Math.max(nowMs, (this.#evaluatedAtMs ?? 0) + 1);
    for (const [id, written] of this.#written) if (!kept.has(id)) await this.#record(withStaleMarkers([], written, atMs).series);
    for (const { id } of this.group.rules) {
      const alerts = this.#with.book.alertsOf(id);
      if (!kept.has(id)) await this.#record(alertSeries(alerts, { written: [], ended: [...alerts.values()] }, atMs));
    }
  }

  /** @returns `undefined` when the answer to the rule's expression is late */
  async #evaluateRule(rule: Rule, at: Instant): Promise<Evaluated | undefined> {
    const queryAtMs = at.atMs - this.group.queryOffsetMs;
    if (rule.kind === 'recording') {
      const answer = await this.#answerOf(rule, at);
      if (answer === undefined) return undefined;
      return { error: await this.#write(rule, recordedSamples(rule, answer.samples, this.group.limit), queryAtMs) };
    }
    const evaluated = await this.#evaluateAlerting(rule, at);
    if (evaluated?.outcome === undefined) return evaluated;
    const before = this.#with.book.alertsOf(rule.id);
    const problem = await this.#record(alertSeries(before, evaluated.outcome, queryAtMs));
    return { ...evaluated, error: evaluated.error ?? problem };
  }

  #answerOf(rule: Rule, { atMs, mayBeLate }: Instant): Promise<RuleAnswer | undefined> {
    return this.#with.answers.of({ rule, atMs, mayBeLate, ask: (signal) => this.#ask(rule, atMs, signal) });
  }

  async #ask(rule: Rule, atMs: number, signal: AbortSignal): Promise<RuleAnswer> {
    const { query, bands, missing } = this.#with;
    const queryAtMs = atMs - this.group.queryOffsetMs;
    const { intervalMs } = this.group;
    const learned = rule.kind === 'alerting' ? await bands.of(rule, queryAtMs, intervalMs) : () => undefined;
    const samples = samplesOf((await query.instant(rule.expr, queryAtMs, { signal })).value);
    return { samples, learned, missing: rule.kind === 'alerting' ? await missing.of(rule, samples, { atMs: queryAtMs, intervalMs }) : [] };
  }

  async #evaluateAlerting(rule: AlertingRule, at: Instant): Promise<Evaluated | undefined> {
    const { atMs } = at;
    const { book } = this.#with;
    try {
      const answer = await this.#answerOf(rule, at);
      if (answer === undefined) return undefined;
      const { samples, learned, missing } = answer;
      const isJudged = rule.extensions.levels !== undefined || rule.extensions.dynamic !== undefined;
      const gap = samples.length === 0 && isJudged ? noData(rule) : undefined;
      return {
        outcome: await evaluateAlerting(rule, book.alertsOf(rule.id), { samples, gap, missing }, this.#context(rule, atMs, learned)),
      };
    } catch (error) {
      const { policy } = rule.extensions.error;
      // With `keep`, which is Prometheus's way, a failure changes nothing but the rule's health.
      if (error instanceof RuleFault || policy === 'keep') throw error;
      const gap: Gap = { kind: 'error', policy: rule.extensions.error, text: `${rule.alert} cannot be evaluated: ${messageOf(error)}` };
      return {
        outcome: await evaluateAlerting(
          rule,
          book.alertsOf(rule.id),
          { samples: [], gap },
          this.#context(rule, atMs, () => undefined),
        ),
        error,
      };
    }
  }

  #context(rule: AlertingRule, atMs: number, learned: AlertingContext['learned']): AlertingContext {
    const { book, ids, query, ladder, externalLabels, externalUrl } = this.#with;
    const { name, limit, queryOffsetMs } = this.group;
    return {
      group: name,
      limit,
      nowMs: atMs,
      newId: ids,
      ladder,
      externalLabels,
      externalUrl,
      learned,
      templates: new TemplateBudget(this.#with.clock),
      isMuted: (alert) => book.isMuted(alert, atMs),
      query: async (expression, timeoutMs): Promise<readonly TemplateSample[]> => {
        const { value } = await query.instant(expression, atMs - queryOffsetMs, { timeoutMs });
        return samplesOf(value).map((sample) => ({ kind: 'sample', Labels: sample.labels, Value: sample.value }));
      },
    };
  }

  /** @returns what went wrong, if anything: the alerts of a rule whose samples are refused are right all the same */
  #write(rule: Rule, samples: readonly RuleSample[], atMs: number): Promise<RuleFault | undefined> {
    const { series, written } = withStaleMarkers(samples, this.#written.get(rule.id) ?? NOTHING, atMs);
    this.#written.set(rule.id, written);
    return this.#record(series);
  }

  /** Hands series over a portion at a time, so that those of a storm are never in memory together. @returns what went wrong, if anything */
  async #record(series: Iterable<IncomingSeries>): Promise<RuleFault | undefined> {
    const breathe = breathing(this.#with.clock);
    let fault: RuleFault | undefined;
    let portion: IncomingSeries[] = [];
    const handOver = (): void => {
      if (portion.length === 0) return;
      const [reason] = Object.keys(this.#with.record(portion).dropped);
      if (reason !== undefined) fault ??= new RuleFault(FAULTS[reason] ?? `the store refuses samples: ${reason}`);
      portion = [];
    };
    for (const one of series) {
      portion.push(one);
      if (portion.length < SERIES_AT_ONCE) continue;
      handOver();
      await breathe();
    }
    handOver();
    return fault;
  }

  /** Brings pending alerts of before a restart up to date: `ALERTS_FOR_STATE` tells until when they were watched. */
  async #restore(nowMs: number): Promise<void> {
    this.#isRestored = true;
    const { book, query } = this.#with;
    for (const rule of this.group.rules) {
      const before: RuleAlerts = rule.kind === 'alerting' ? book.alertsOf(rule.id) : new Map();
      if (rule.kind !== 'alerting' || ![...before.values()].some(({ state }) => state.phase === 'pending')) continue;
      const seen = await lastSeen(query, rule.alert, nowMs).catch(() => new Map<string, number>());
      const written = [...before.values()].map((alert) => {
        const downAtMs = seen.get(seriesKey('', alert.labels)) ?? Number.NEGATIVE_INFINITY;
        return { ...alert, state: restoreHold(alert.state, { downAtMs, nowMs, holdMs: rule.holdMs }) };
      });
      await book.commit([{ ruleId: rule.id, written, ended: [], changes: [] }], nowMs);
    }
  }
}

/** When a rule is evaluated, and whether it may be judged later. */
interface Instant {
  readonly atMs: number;
  readonly mayBeLate: boolean;
}

/** What came of a rule: an outcome to commit, an error to show, or both. */
interface Evaluated {
  readonly outcome?: RuleOutcome;
  readonly error?: unknown;
}

function failed(rule: Rule, book: AlertBook, error: unknown): Evaluated {
  const isOver = error instanceof RuleFault && error.endsAlerts;
  return { error, ...(isOver ? { outcome: endAll(rule.id, book.alertsOf(rule.id), 'limit_exceeded') } : {}) };
}

function noData(rule: AlertingRule): Gap {
  return { kind: 'no_data', policy: rule.extensions.noData, text: `${rule.alert} has no data` };
}

function samplesOf(value: QueryValue): readonly VectorSample[] {
  if (value.type === 'vector') return value.samples;
  if (value.type === 'scalar') return [{ labels: {}, atMs: value.atMs, value: value.value }];
  throw new RuleFault('rule result is not a vector or scalar');
}

/** When each alert of a name was last written of, by its labels. */
async function lastSeen(query: QueryEngine, alertname: string, nowMs: number): Promise<ReadonlyMap<string, number>> {
  const { value } = await query.instant(`ALERTS_FOR_STATE{alertname=${JSON.stringify(alertname)}}[1h]`, nowMs);
  const seen = new Map<string, number>();
  for (const { labels: all, timesMs } of value.type === 'matrix' ? value.series : []) {
    const { __name__: _, alertname: __, ...labels } = all;
    seen.set(seriesKey('', labels), timesMs.at(-1) ?? Number.NEGATIVE_INFINITY);
  }
  return seen;
}
