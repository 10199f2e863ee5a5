import type { Clock } from '../base/clock.ts';
import { BellwetherError } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import { silentLogger, type Logger } from '../base/logger.ts';
import { NO_LABELS, type Labels } from '../model/labels.ts';
import type { SeverityBreakdown } from '../model/severity.ts';
import type { AppendResult } from '../model/sample-batch.ts';
import type { IncomingSeries } from '../model/metric.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { DEFAULT_GROUP_INTERVAL_MS } from '../rules/groups/rule-files.ts';
import type { RuleGroup } from '../rules/groups/rule-group.ts';
import type { Thresholds } from '../rules/thresholds.ts';
import type { StateStore } from '../store/state-store.ts';
import type {
  ActiveAlert,
  Alerting,
  AlertRecord,
  AlertRules,
  CoveredAlerts,
  IncidentPage,
  PlanNotifications,
  RuleRecord,
  Silence,
} from './alerting.ts';
import type { FindLadder } from './escalation/find-ladder.ts';
import { DEFAULT_LADDER } from './escalation/ladder.ts';
import type { Incident } from './incidents/correlate.ts';
import type { InhibitRule } from './mutes/inhibition.ts';
import { SqlAlertRules } from './groups/alert-rules.ts';
import { LateAnswers } from './groups/late-answers.ts';
import { LearnedBands } from './groups/learned-bands.ts';
import { MissingSeries } from './groups/missing-series.ts';
import { compileMatcher } from '../store/label-matcher.ts';
import type { Matcher } from '../store/sample-store.ts';
import { compileSilence, matchableLabels, rowOfSilence, silenceOfRow, validateMatchers, validateSilence } from './mutes/silences.ts';
import { PushedAlerts, type PushedAlert } from './pushed/pushed-alerts.ts';
import { readSilences, SharedChanges } from './shared/shared-changes.ts';
import type { ActiveWindow } from './state/active-index.ts';
import { AlertBook } from './state/alert-book.ts';
import { readHistory, readHistoryByRule } from './state/alert-history.ts';
import { ThresholdRules } from './thresholds/threshold-rules.ts';

export interface AlertingOptions {
  readonly state: StateStore;
  readonly query: QueryEngine;
  readonly clock: Clock;
  /** Hears of each change once it is on disk. @default silent */
  readonly log?: Logger;
  readonly ids: IdSource;
  readonly thresholds: Thresholds;
  /** Between evaluations, for holds and freshness; of rule groups that name none, too. */
  readonly intervalMs: number;
  /** Makes outbox rows of changes. */
  readonly plan: PlanNotifications;
  /** Who is told when nobody acknowledges an alert; asked at each evaluation. @default critical alerts once, after 15 minutes */
  readonly ladder?: FindLadder;
  /** Time after which a pushed alert without an end is over when it is pushed no more. @default 300,000 */
  readonly resolveTimeoutMs?: () => number;
  /** Which alerts explain which. @default none */
  readonly inhibitRules?: readonly InhibitRule[];
  /** Metrics beside the thresholded ones that get a learned limit, if they have values. @default execution times are found by themselves */
  readonly learnedMetrics?: readonly string[];
  /** Rule groups of files. @default none */
  readonly ruleGroups?: readonly RuleGroup[];
  /** Takes what rules yield: recorded series, ALERTS and ALERTS_FOR_STATE. @default dropped */
  readonly record?: (series: readonly IncomingSeries[]) => AppendResult;
  /** Chooses among a rule's environments. */
  readonly environment?: string | undefined;
  /** For templates. @default none */
  readonly externalLabels?: Labels;
  /** For templates: where people reach this server. @default '' */
  readonly externalUrl?: string;
}

const RESOLVE_TIMEOUT_MS = 300_000;

/**
 * Restores what fired before a restart and evaluates from there. An evaluation is: read, judge, step the state machines, then commit
 * transitions, history and outbox rows in one transaction; memory follows only after the commit.
 */
export async function createAlerting(options: AlertingOptions): Promise<Alerting> {
  const { state, ids, clock, plan, log = silentLogger } = options;
  const book = await AlertBook.open({ state, ids, plan, log, inhibitRules: options.inhibitRules ?? [] });
  book.silences = await readSilences(state, clock.nowMs());
  const turns = new Turns();
  const rules = await SqlAlertRules.open(
    {
      book,
      state,
      ids,
      clock,
      log,
      query: options.query,
      bands: new LearnedBands(options.query),
      missing: new MissingSeries(options.query),
      answers: new LateAnswers(clock),
      record: options.record ?? (() => ({ appended: 0, dropped: {} })),
      ladder: options.ladder ?? (() => DEFAULT_LADDER),
      externalLabels: options.externalLabels ?? NO_LABELS,
      externalUrl: options.externalUrl ?? '',
      defaultIntervalMs: DEFAULT_GROUP_INTERVAL_MS,
      environment: options.environment,
      exclusively: (work) => turns.take(work),
    },
    options.ruleGroups ?? [],
  );
  const shared = new SharedChanges({ state, clock, book, rereadRules: () => rules.reread() });
  return new SqlAlerting(options, { book, rules, turns, shared });
}

/** Work of which no two pieces interleave. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
  async settled(): Promise<void> {
    await this.#last;
  }
}

class SqlAlerting implements Alerting {
  readonly rules: AlertRules;
  readonly #options: AlertingOptions;
  readonly #book: AlertBook;
  readonly #groups: SqlAlertRules;
  readonly #limits: ThresholdRules;
  readonly #pushed: PushedAlerts;
  readonly #turns: Turns;
  readonly #shared: SharedChanges;

  constructor(
    options: AlertingOptions,
    parts: { readonly book: AlertBook; readonly rules: SqlAlertRules; readonly turns: Turns; readonly shared: SharedChanges },
  ) {
    this.#options = options;
    this.#book = parts.book;
    this.#groups = parts.rules;
    this.#turns = parts.turns;
    this.#shared = parts.shared;
    this.rules = parts.rules;
    this.#pushed = new PushedAlerts({
      ids: options.ids,
      ladder: options.ladder ?? (() => DEFAULT_LADDER),
      resolveTimeoutMs: options.resolveTimeoutMs ?? (() => RESOLVE_TIMEOUT_MS),
    });
    this.#limits = new ThresholdRules({
      query: options.query,
      ids: options.ids,
      thresholds: options.thresholds,
      intervalMs: options.intervalMs,
      ladder: options.ladder ?? (() => DEFAULT_LADDER),
      learnedMetrics: options.learnedMetrics ?? [],
    });
  }

  get thresholds(): Thresholds {
    return this.#limits.thresholds;
  }
  set thresholds(thresholds: Thresholds) {
    this.#limits.thresholds = thresholds;
  }

  evaluate(nowMs: number): Promise<number> {
    return this.#turns.take(async () => {
      const pushed = this.#pushed.evaluate(this.#book, nowMs);
      const outcomes = [await this.#limits.evaluate(this.#book, nowMs), ...(pushed === undefined ? [] : [pushed])];
      const planned = await this.#book.commit(outcomes, nowMs);
      return planned + (await this.#groups.evaluateDue(nowMs));
    });
  }

  push(alerts: readonly PushedAlert[]): Promise<number> {
    return this.#turns.take(() => {
      const nowMs = this.#options.clock.nowMs();
      return this.#book.commit([this.#pushed.take(this.#book, alerts, nowMs)], nowMs);
    });
  }

  takeChanges(): Promise<boolean> {
    return this.#turns.take(() => this.#shared.take());
  }

  evaluateDueRules(nowMs: number): Promise<number> {
    return this.#turns.take(() => this.#groups.evaluateDue(nowMs));
  }

  evaluateAllRules(atMs: number, order: readonly string[]): Promise<number> {
    return this.#turns.take(() => this.#groups.evaluateAll(atMs, order));
  }

  rulesDueAtMs(nowMs: number): number | undefined {
    return this.#groups.dueAtMs(nowMs);
  }

  active(): readonly ActiveAlert[] {
    return this.activeIds().flatMap((id) => this.activeAlert(id) ?? []);
  }
  get activeCounts(): SeverityBreakdown {
    return this.#book.activeCounts;
  }
  activeIds(window?: ActiveWindow): readonly string[] {
    return this.#book.activeIds(window);
  }
  activeAlert(alertId: string): ActiveAlert | undefined {
    return this.#book.active(alertId, this.#options.clock.nowMs());
  }

  history(filter: Parameters<Alerting['history']>[0]): Promise<readonly AlertRecord[]> {
    return readHistory(this.#options.state, filter);
  }

  historyByRule(window: Parameters<Alerting['historyByRule']>[0]): Promise<readonly RuleRecord[]> {
    return readHistoryByRule(this.#options.state, window);
  }

  explainBy(inhibitRules: readonly InhibitRule[]): void {
    this.#book.explainBy(inhibitRules);
  }

  acknowledge(alertId: string, by: string): Promise<void> {
    return this.#turns.take(async () => {
      const alert = this.#book.find(alertId);
      const nowMs = this.#options.clock.nowMs();
      if (alert !== undefined) await this.#book.acknowledge(alert, by, nowMs);
      else if (!(await this.#book.acknowledgeOther(alertId, by, nowMs)))
        throw new BellwetherError('state_not_found', `No active alert has the id ${alertId.slice(0, 80)}`);
    });
  }

  unacknowledge(alertId: string, by: string): Promise<void> {
    return this.#turns.take(async () => {
      const alert = this.#book.find(alertId);
      if (alert?.acknowledgedBy === undefined)
        throw new BellwetherError('state_not_found', `No acknowledged alert has the id ${alertId.slice(0, 80)}`);
      await this.#book.unacknowledge(alert, by, this.#options.clock.nowMs());
    });
  }

  incidents(page: IncidentPage): Promise<readonly Incident[]> {
    return this.#book.incidents.list(page);
  }

  incident(id: string): Promise<Incident | undefined> {
    return this.#book.incidents.find(id);
  }

  acknowledgeIncident(id: string, by: string): Promise<number> {
    return this.#turns.take(async () => {
      const incident = await this.#book.incidents.find(id);
      if (incident === undefined) throw new BellwetherError('state_not_found', `There is no incident with the id ${id.slice(0, 80)}`);
      const nowMs = this.#options.clock.nowMs();
      let taken = 0;
      for (const { alertId } of incident.members) {
        const alert = this.#book.find(alertId);
        if (alert !== undefined) await this.#book.acknowledge(alert, by, nowMs);
        if (alert !== undefined || (await this.#book.acknowledgeOther(alertId, by, nowMs))) taken++;
      }
      return taken;
    });
  }

  async silences(): Promise<readonly Silence[]> {
    const rows = await this.#options.state.db.selectFrom('silences').selectAll().orderBy('starts_at_ms', 'desc').limit(1000).execute();
    return rows.map(silenceOfRow);
  }

  async silence(id: string): Promise<Silence | undefined> {
    const row = await this.#options.state.db.selectFrom('silences').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : silenceOfRow(row);
  }

  covered(matchers: readonly Matcher[], limit: number): CoveredAlerts {
    validateMatchers(matchers);
    const tests = matchers.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) }));
    const alerts: ActiveAlert[] = [];
    const counts = { low: 0, medium: 0, high: 0, critical: 0 };
    for (const id of this.activeIds()) {
      const alert = this.activeAlert(id);
      const labels = alert === undefined ? NO_LABELS : matchableLabels(alert);
      if (alert === undefined || !tests.every(({ label, test }) => test(labels[label] ?? ''))) continue;
      counts[alert.severity]++;
      if (alerts.length < limit) alerts.push(alert);
    }
    return { alerts, counts };
  }

  async addSilence(wanted: Omit<Silence, 'id'>): Promise<Silence> {
    const nowMs = this.#options.clock.nowMs();
    validateSilence(wanted, nowMs);
    const silence = { ...wanted, id: this.#options.ids() };
    await this.#options.state.db.insertInto('silences').values(rowOfSilence(silence, nowMs)).execute();
    this.#book.silences = [...this.#book.silences, compileSilence(silence)];
    return silence;
  }

  async changeSilence(silence: Silence): Promise<Silence> {
    const nowMs = this.#options.clock.nowMs();
    validateSilence(silence, nowMs);
    const { id, ...row } = rowOfSilence(silence, nowMs);
    const { numUpdatedRows } = await this.#options.state.db
      .updateTable('silences')
      .set(row)
      .where('id', '=', id)
      .where('ends_at_ms', '>', nowMs)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw new BellwetherError('state_not_found', `No silence that still holds has the id ${id.slice(0, 80)}`);
    this.#book.silences = [...this.#book.silences.filter((known) => known.silence.id !== id), compileSilence(silence)];
    return silence;
  }

  async endSilence(id: string): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const { numUpdatedRows } = await this.#options.state.db
      .updateTable('silences')
      .set({ ends_at_ms: nowMs })
      .where('id', '=', id)
      .where('ends_at_ms', '>', nowMs)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw new BellwetherError('state_not_found', `No silence that still holds has the id ${id.slice(0, 80)}`);
    this.#book.silences = this.#book.silences.filter(({ silence }) => silence.id !== id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.settled();
    this.#groups[Symbol.dispose]();
  }
}
