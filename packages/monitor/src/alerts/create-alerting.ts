import type { Transaction } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { BellwetherError } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import { silentLogger, type Logger } from '../base/logger.ts';
import { severityRank } from '../model/severity.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { parseThresholds, type Thresholds } from '../rules/thresholds.ts';
import type { StateStore } from '../store/state-store.ts';
import type { StateTables } from '../store/state-tables.ts';
import { alertOf, rowOf, type TrackedAlert } from './tracked-alert.ts';
import { readHistory, type Transition } from './alert-history.ts';
import type { ActiveAlert, AlertChange, Alerting, AlertRecord, PlanNotifications, Silence } from './alerting.ts';
import { step } from './step.ts';
import { LearnedLimits, isLearned } from './learned-limits.ts';
import { isActive } from './next-state.ts';
import {
  compileSilence,
  isSilencedAt,
  matchableLabels,
  rowOfSilence,
  silenceOfRow,
  validateSilence,
  type CompiledSilence,
} from './silences.ts';
import { takeReadings, type Reading } from './take-readings.ts';

export interface AlertingOptions {
  readonly state: StateStore;
  readonly query: QueryEngine;
  readonly clock: Clock;
  /** Hears of each change once it is on disk. @default silent */
  readonly log?: Logger;
  readonly ids: IdSource;
  readonly thresholds: Thresholds;
  /** Between evaluations, for holds and freshness. */
  readonly intervalMs: number;
  /** Makes outbox rows of changes. */
  readonly plan: PlanNotifications;
  /** A critical alert that nobody acknowledged for this long escalates. @default 900,000 */
  readonly escalateAfterMs?: number;
  /** Metrics beside the thresholded ones that get a learned limit, if they have values. @default execution times are found by themselves */
  readonly learnedMetrics?: readonly string[];
}

const ESCALATE_AFTER_MS = 900_000;
const HISTORY_KEPT_MS = 90 * 86_400_000;

/**
 * Restores what fired before a restart and evaluates from there. An evaluation is: read, judge, step the state machines, then commit
 * transitions, history and outbox rows in one transaction; memory follows only after the commit.
 */
export async function createAlerting(options: AlertingOptions): Promise<Alerting> {
  const { db } = options.state;
  const rows = await db.selectFrom('alerts').selectAll().execute();
  const silences = await db.selectFrom('silences').selectAll().where('ends_at_ms', '>', options.clock.nowMs()).execute();
  const tracked = new Map(rows.map((row) => alertOf(row)).map((alert) => [alert.key, alert]));
  return new SqlAlerting(options, { tracked, silences: silences.map((row) => compileSilence(silenceOfRow(row))) });
}

class SqlAlerting implements Alerting {
  readonly #options: AlertingOptions;
  readonly #learned: LearnedLimits;
  #thresholds: Thresholds;
  #tracked: ReadonlyMap<string, TrackedAlert>;
  #silences: readonly CompiledSilence[];
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    options: AlertingOptions,
    restored: { readonly tracked: ReadonlyMap<string, TrackedAlert>; readonly silences: readonly CompiledSilence[] },
  ) {
    this.#options = options;
    this.#thresholds = parseThresholds(options.thresholds);
    this.#learned = new LearnedLimits(options.query);
    this.#tracked = restored.tracked;
    this.#silences = restored.silences;
  }

  get thresholds(): Thresholds {
    return this.#thresholds;
  }
  set thresholds(thresholds: Thresholds) {
    this.#thresholds = parseThresholds(thresholds);
  }

  evaluate(nowMs: number): Promise<void> {
    return this.#exclusively(() => this.#evaluate(nowMs));
  }

  active(): readonly ActiveAlert[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#tracked.values()]
      .filter((alert) => isActive(alert.state))
      .map((alert) => this.#view(alert, nowMs))
      .sort((a, b) => severityRank(b.severity) - severityRank(a.severity) || b.firedAtMs - a.firedAtMs);
  }

  history(filter: Parameters<Alerting['history']>[0]): Promise<readonly AlertRecord[]> {
    return readHistory(this.#options.state, filter);
  }

  acknowledge(alertId: string, by: string): Promise<void> {
    return this.#exclusively(async () => {
      const alert = [...this.#tracked.values()].find((one) => one.id === alertId && isActive(one.state));
      if (alert === undefined) throw new BellwetherError('state_not_found', `No active alert has the id ${alertId}`);
      const acknowledged = { ...alert, acknowledgedBy: by };
      const nowMs = this.#options.clock.nowMs();
      await this.#options.state.transaction(async (tx) => {
        await tx.updateTable('alerts').set(rowOf(acknowledged, nowMs)).where('id', '=', alert.id).execute();
        await this.#writeHistory(tx, { alert: acknowledged, transition: 'acknowledged', atMs: nowMs, by });
      });
      this.#tracked = new Map(this.#tracked).set(alert.key, acknowledged);
    });
  }

  async silences(): Promise<readonly Silence[]> {
    const rows = await this.#options.state.db.selectFrom('silences').selectAll().orderBy('starts_at_ms', 'desc').limit(1000).execute();
    return rows.map(silenceOfRow);
  }

  async addSilence(wanted: Omit<Silence, 'id'>): Promise<Silence> {
    const nowMs = this.#options.clock.nowMs();
    validateSilence(wanted, nowMs);
    const silence = { ...wanted, id: this.#options.ids() };
    await this.#options.state.db.insertInto('silences').values(rowOfSilence(silence, nowMs)).execute();
    this.#silences = [...this.#silences, compileSilence(silence)];
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
    if (numUpdatedRows === 0n) throw new BellwetherError('state_not_found', `No silence that still holds has the id ${id}`);
    this.#silences = this.#silences.filter(({ silence }) => silence.id !== id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {});
  }

  async #evaluate(nowMs: number): Promise<void> {
    const readings = await this.#read(nowMs);
    const after = new Map<string, TrackedAlert>();
    const changes: { readonly kind: AlertChange['kind']; readonly alert: TrackedAlert }[] = [];
    for (const key of new Set([...readings.keys(), ...this.#tracked.keys()])) {
      const reading = readings.get(key);
      const stepped = step(this.#tracked.get(key), {
        reading,
        threshold: reading === undefined || !Object.hasOwn(this.#thresholds, reading.metric) ? undefined : this.#thresholds[reading.metric],
        learned: reading === undefined ? undefined : await this.#learned.limitOf(reading, { nowMs, intervalMs: this.#options.intervalMs }),
        nowMs,
        intervalMs: this.#options.intervalMs,
        newId: this.#options.ids,
        isSilenced: (alert) => this.#isSilenced(alert, nowMs),
        escalateAfterMs: this.#options.escalateAfterMs ?? ESCALATE_AFTER_MS,
      });
      if (stepped.alert !== undefined && stepped.alert.state.phase !== 'inactive') after.set(key, stepped.alert);
      if (stepped.change !== undefined && stepped.alert !== undefined) changes.push({ kind: stepped.change, alert: stepped.alert });
    }
    this.#learned.keepOnly(new Set(readings.keys()));
    await this.#commit(after, changes, nowMs);
  }

  async #read(nowMs: number): Promise<Map<string, Reading>> {
    const { query, intervalMs } = this.#options;
    const names = new Set([...Object.keys(this.#thresholds), ...(this.#options.learnedMetrics ?? [])]);
    for (const metric of (await query.metadata()).keys()) if (isLearned(metric)) names.add(metric);
    const readings = await takeReadings(query, [...names], { nowMs, intervalMs });
    return new Map(readings.map((reading) => [reading.key, reading]));
  }

  /** Writes what differs from before; memory changes only when it is on disk. */
  async #commit(
    after: ReadonlyMap<string, TrackedAlert>,
    changes: readonly { readonly kind: AlertChange['kind']; readonly alert: TrackedAlert }[],
    nowMs: number,
  ): Promise<void> {
    const written = [...after.values()].filter((alert) => this.#tracked.get(alert.key)?.state !== alert.state);
    const gone = [...this.#tracked.values()].filter((alert) => after.get(alert.key)?.id !== alert.id);
    if (changes.length > 0 || written.length > 0 || gone.length > 0) {
      const planned = this.#options.plan(changes.map((change) => this.#changeView(change, nowMs)));
      const told = Map.groupBy(
        planned.flatMap(({ alertIds }) => alertIds),
        (id) => id,
      );
      await this.#options.state.transaction(async (tx) => {
        for (const alert of gone) await tx.deleteFrom('alerts').where('id', '=', alert.id).execute();
        for (const alert of [...written, ...changes.map((change) => change.alert).filter((alert) => isActive(alert.state))]) {
          const row = rowOf(alert, nowMs);
          await tx
            .insertInto('alerts')
            .values(row)
            .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
            .execute();
        }
        for (const { kind, alert } of changes)
          await this.#writeHistory(tx, { alert, transition: kind, atMs: nowMs, notifications: told.get(alert.id)?.length ?? 0 });
        for (const { row } of planned) await tx.insertInto('outbox').values(row).execute();
        if (changes.length > 0)
          await tx
            .deleteFrom('alert_history')
            .where('at_ms', '<', nowMs - HISTORY_KEPT_MS)
            .execute();
      });
    }
    this.#tracked = after;
    const log = this.#options.log ?? silentLogger;
    for (const { kind, alert } of changes) log.info({ alert: alert.id, severity: alert.severity }, `Alert ${kind}: ${alert.message}`);
  }

  async #writeHistory(
    tx: Transaction<StateTables>,
    entry: {
      readonly alert: TrackedAlert;
      readonly transition: Transition;
      readonly atMs: number;
      readonly by?: string;
      readonly notifications?: number;
    },
  ): Promise<void> {
    const { alert, transition, atMs, by, notifications } = entry;
    const { labels, severity, message } = alert;
    const detail = {
      labels,
      severity,
      message,
      ...(by === undefined ? {} : { by }),
      ...(notifications === undefined ? {} : { notifications }),
    };
    await tx
      .insertInto('alert_history')
      .values({
        id: this.#options.ids(),
        alert_id: alert.id,
        rule: alert.metricName,
        transition,
        detail_json: JSON.stringify(detail),
        at_ms: atMs,
      })
      .execute();
  }

  #isSilenced(alert: TrackedAlert, nowMs: number): boolean {
    return isSilencedAt(this.#silences, matchableLabels(alert), nowMs);
  }

  #view(alert: TrackedAlert, nowMs: number): ActiveAlert {
    const { key: _, state, wasNotified: __, ...shown } = alert;
    return { ...shown, firedAtMs: isActive(state) ? state.firedAtMs : alert.updatedAtMs, silenced: this.#isSilenced(alert, nowMs) };
  }

  #changeView({ kind, alert }: { readonly kind: AlertChange['kind']; readonly alert: TrackedAlert }, atMs: number): AlertChange {
    return { kind, alert: this.#view(alert, atMs), wasNotified: this.#tracked.get(alert.key)?.wasNotified ?? false, atMs };
  }

  /** Evaluations and acknowledgements never interleave. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work, work);
    this.#writing = result.catch(() => {});
    return result;
  }
}
