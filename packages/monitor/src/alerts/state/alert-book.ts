import type { Transaction } from 'kysely';
import type { IdSource } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { AlertHistoryRow, AlertRow, OutboxRow, StateTables } from '../../store/state-tables.ts';
import type { ActiveAlert, AlertChange, PlanNotifications } from '../alerting.ts';
import type { FiringAlert, InhibitRule } from '../mutes/inhibition.ts';
import { IncidentBook } from '../incidents/incident-book.ts';
import { Mutes, type Mute } from '../mutes/mutes.ts';
import { matchableLabels, type CompiledSilence } from '../mutes/silences.ts';
import type { Transition, TransitionDetail } from './alert-history.ts';
import { activeSince, isActive } from './next-state.ts';
import { alertOf, rowOf, type TrackedAlert } from './tracked-alert.ts';

export interface AlertBookOptions {
  readonly state: StateStore;
  readonly ids: IdSource;
  readonly plan: PlanNotifications;
  readonly log: Logger;
  readonly inhibitRules: readonly InhibitRule[];
}

/** Alerts of one rule by key; only those that are not inactive. */
export type RuleAlerts = ReadonlyMap<string, TrackedAlert>;

/** What an evaluation makes of one rule. */
export interface RuleOutcome {
  readonly ruleId: string;
  readonly after: RuleAlerts;
  readonly changes: readonly { readonly kind: AlertChange['kind']; readonly alert: TrackedAlert }[];
  /** Why alerts that are gone have ended. @default 'recovered' */
  readonly endReason?: EndReason;
}

export type EndReason = 'recovered' | 'rule_removed' | 'limit_exceeded';

const HISTORY_KEPT_MS = 90 * 86_400_000;
/** SQLite takes 32,766 variables a statement. */
const ROWS_AT_ONCE = 500;
const NONE: RuleAlerts = new Map();

/**
 * Every alert there is, and the one place where alerts are written: an outcome, its history and its outbox rows are one transaction, and memory
 * follows only when that is on disk.
 */
export class AlertBook {
  readonly #options: AlertBookOptions;
  readonly #byRule: Map<string, RuleAlerts>;
  readonly #incidents: IncidentBook;
  #mutes: Mutes;
  #listed: readonly ActiveAlert[] | undefined;
  /** Alerts of other servers that share the state, by id: shown, never judged. */
  #others: ReadonlyMap<string, TrackedAlert> = new Map();

  private constructor(options: AlertBookOptions, incidents: IncidentBook, restored: readonly TrackedAlert[]) {
    this.#options = options;
    this.#incidents = incidents;
    this.#mutes = new Mutes(options.inhibitRules);
    const byRule = Map.groupBy(restored, (alert) => alert.ruleId);
    this.#byRule = new Map([...byRule].map(([ruleId, alerts]) => [ruleId, new Map(alerts.map((alert) => [alert.key, alert]))]));
    if (this.#mutes.hasInhibition) this.#mutes.explainBy(this.#firing());
  }

  /** With what fired or was pending when the last engine on this state ended. */
  static async open(options: AlertBookOptions): Promise<AlertBook> {
    const rows = await options.state.db.selectFrom('alerts').selectAll().where('server', '=', options.state.server).execute();
    return new AlertBook(options, await IncidentBook.open(options.state, options.ids), rows.map(alertOf));
  }

  get incidents(): Pick<IncidentBook, 'list' | 'find'> {
    return this.#incidents;
  }
  get ruleIds(): readonly string[] {
    return [...this.#byRule.keys()];
  }
  get silences(): readonly CompiledSilence[] {
    return this.#mutes.silences;
  }
  set silences(silences: readonly CompiledSilence[]) {
    this.#mutes.silences = silences;
    this.#listed = undefined;
  }

  /** Replaces the rules by which alerts explain others. @throws BellwetherError `query_invalid` */
  explainBy(inhibitRules: readonly InhibitRule[]): void {
    const mutes = new Mutes(inhibitRules);
    mutes.silences = this.#mutes.silences;
    this.#mutes = mutes;
    if (mutes.hasInhibition) mutes.explainBy(this.#firing());
    this.#listed = undefined;
  }

  alertsOf(ruleId: string): RuleAlerts {
    return this.#byRule.get(ruleId) ?? NONE;
  }

  /** Those that fire, most severe first, then newest. Made once after each change. */
  active(nowMs: number): readonly ActiveAlert[] {
    // A silence begins and ends by itself.
    if (this.#listed !== undefined && !this.#mutes.dependsOnTime) return this.#listed;
    const bySeverity = new Map<Severity, ActiveAlert[]>(SEVERITIES.map((severity) => [severity, []]));
    for (const alerts of this.#byRule.values())
      for (const alert of alerts.values()) if (isActive(alert.state)) bySeverity.get(alert.severity)?.push(this.view(alert, nowMs));
    for (const alert of this.#others.values()) if (isActive(alert.state)) bySeverity.get(alert.severity)?.push(this.view(alert, nowMs));
    const shown = SEVERITIES.toReversed().flatMap((severity) =>
      (bySeverity.get(severity) ?? []).sort((one, other) => other.firedAtMs - one.firedAtMs),
    );
    this.#listed = shown;
    return shown;
  }

  /** An active alert by its id. */
  find(alertId: string): TrackedAlert | undefined {
    for (const alerts of this.#byRule.values())
      for (const alert of alerts.values()) if (alert.id === alertId && isActive(alert.state)) return alert;
    return undefined;
  }

  /** Own ones, pending among them, that nobody acknowledged. */
  *unacknowledged(): Generator<TrackedAlert> {
    for (const alerts of this.#byRule.values()) for (const alert of alerts.values()) if (alert.acknowledgedBy === undefined) yield alert;
  }

  set others(alerts: readonly TrackedAlert[]) {
    this.#others = new Map(alerts.map((alert) => [alert.id, alert]));
    this.#listed = undefined;
  }

  /** Notes an acknowledgement of another server's alert; that server takes it from the history. @returns whether there is such an alert */
  async acknowledgeOther(alertId: string, by: string, nowMs: number): Promise<boolean> {
    const alert = this.#others.get(alertId);
    if (alert === undefined || !isActive(alert.state)) return false;
    await this.#options.state.transaction((tx) =>
      insertHistory(tx, [() => this.#historyRow(alert, { transition: 'acknowledged', atMs: nowMs, by })]),
    );
    this.#others = new Map(this.#others).set(alertId, { ...alert, acknowledgedBy: by });
    this.#listed = undefined;
    return true;
  }

  /** Takes an acknowledgement that another server noted. */
  async takeAcknowledgement(alert: TrackedAlert, by: string, nowMs: number): Promise<void> {
    const acknowledged = { ...alert, acknowledgedBy: by };
    await this.#options.state.transaction((tx) => upsertAlerts(tx, [() => this.#row(acknowledged, nowMs)]));
    this.#byRule.set(alert.ruleId, new Map(this.alertsOf(alert.ruleId)).set(alert.key, acknowledged));
    this.#listed = undefined;
  }

  isMuted(alert: TrackedAlert, nowMs: number): boolean {
    const { silenced, inhibitedBy } = this.#muteOf(alert, nowMs);
    return silenced || inhibitedBy !== undefined;
  }

  view(alert: TrackedAlert, nowMs: number): ActiveAlert {
    const { key: _, state, wasNotified: __, toldSeverity: ____, endsAtMs: ___, ...shown } = alert;
    const firedAtMs = isActive(state) ? state.firedAtMs : alert.updatedAtMs;
    const { silenced, inhibitedBy } = this.#muteOf(alert, nowMs);
    return {
      ...shown,
      firedAtMs,
      activeAtMs: activeSince(state) ?? firedAtMs,
      silenced,
      ...(inhibitedBy === undefined ? {} : { inhibitedBy }),
    };
  }

  /** Writes what differs from before; returns the number of notifications planned. @throws BellwetherError `state_unavailable`; nothing has changed then */
  async commit(found: readonly RuleOutcome[], nowMs: number): Promise<number> {
    const outcomes = this.#explained(found, nowMs);
    const writes = outcomes.map((outcome) => this.#writesOf(outcome));
    const changes = outcomes.flatMap((outcome) => outcome.changes.map((change) => ({ ...change, outcome })));
    const shown = changes.map((change) => this.#changeView(change, nowMs));
    const planned = changes.length === 0 ? [] : this.#options.plan(shown);
    const incidents = changes.length === 0 ? undefined : this.#incidents.after(shown, nowMs);
    if (changes.length > 0 || writes.some(({ written, gone }) => written.length > 0 || gone.length > 0)) {
      const told = new Map<string, number>();
      for (const id of planned.flatMap(({ alertIds }) => alertIds)) told.set(id, (told.get(id) ?? 0) + 1);
      const entries = [
        ...writes.flatMap(({ quiet }) =>
          quiet.map(
            ({ alert, transition }) =>
              () =>
                this.#historyRow(alert, { transition, atMs: nowMs }),
          ),
        ),
        ...changes.map(
          ({ kind, alert, outcome }) =>
            () =>
              this.#historyRow(alert, {
                transition: kind,
                atMs: nowMs,
                notifications: told.get(alert.id) ?? 0,
                ...(kind === 'fired' ? mutedWord(this.#muteOf(alert, nowMs)) : {}),
                ...(kind === 'resolved' ? { reason: outcome.endReason ?? 'recovered' } : {}),
              }),
        ),
      ];
      await this.#options.state.transaction(async (tx) => {
        await deleteAlerts(
          tx,
          writes.flatMap(({ gone }) => gone.map((alert) => alert.id)),
        );
        await upsertAlerts(
          tx,
          writes.flatMap(({ written }) => written.map((alert) => () => this.#row(alert, nowMs))),
        );
        await insertHistory(tx, entries);
        await insertOutbox(
          tx,
          planned.map(({ row }) => row),
        );
        if (incidents !== undefined) await this.#incidents.write(tx, incidents, nowMs);
        if (changes.length > 0)
          await tx
            .deleteFrom('alert_history')
            .where('at_ms', '<', nowMs - HISTORY_KEPT_MS)
            .execute();
      });
    }
    if (outcomes.some(({ ruleId, after }) => !isSame(this.alertsOf(ruleId), after))) this.#listed = undefined;
    for (const { ruleId, after } of outcomes) {
      if (after.size > 0) this.#byRule.set(ruleId, after);
      else this.#byRule.delete(ruleId);
    }
    if (incidents !== undefined) this.#incidents.adopt(incidents);
    for (const { kind, alert } of changes)
      this.#options.log.info({ alert: alert.id, severity: alert.severity }, `Alert ${kind}: ${alert.message}`);
    return planned.length;
  }

  /** @returns the alert as it is now */
  acknowledge(alert: TrackedAlert, by: string, nowMs: number): Promise<TrackedAlert> {
    return this.#taken({ ...alert, acknowledgedBy: by }, { transition: 'acknowledged', atMs: nowMs, by });
  }

  /** @returns the alert as it is now */
  unacknowledge(alert: TrackedAlert, by: string, nowMs: number): Promise<TrackedAlert> {
    return this.#taken({ ...alert, acknowledgedBy: undefined }, { transition: 'unacknowledged', atMs: nowMs, by });
  }

  async #taken(
    alert: TrackedAlert,
    entry: { readonly transition: Transition; readonly atMs: number; readonly by: string },
  ): Promise<TrackedAlert> {
    await this.#options.state.transaction(async (tx) => {
      await upsertAlerts(tx, [() => this.#row(alert, entry.atMs)]);
      await insertHistory(tx, [() => this.#historyRow(alert, entry)]);
    });
    this.#byRule.set(alert.ruleId, new Map(this.alertsOf(alert.ruleId)).set(alert.key, alert));
    this.#listed = undefined;
    return alert;
  }

  #row(alert: TrackedAlert, nowMs: number): AlertRow {
    return { ...rowOf(alert, nowMs), server: this.#options.state.server };
  }

  #muteOf(alert: TrackedAlert, nowMs: number): Mute {
    return this.#mutes.of(matchableLabels(alert), nowMs);
  }

  *#firing(outcomes: readonly RuleOutcome[] = []): Generator<FiringAlert> {
    const after = new Map(this.#byRule);
    for (const outcome of outcomes) after.set(outcome.ruleId, outcome.after);
    for (const alerts of after.values())
      for (const alert of alerts.values()) if (isActive(alert.state)) yield { id: alert.id, labels: matchableLabels(alert) };
  }

  /** What happens together with the alert that explains it is not told either: it is as untold as before, and told when it is explained no more. */
  #explained(outcomes: readonly RuleOutcome[], nowMs: number): readonly RuleOutcome[] {
    if (!this.#mutes.hasInhibition || outcomes.every(({ changes }) => changes.length === 0)) return outcomes;
    this.#mutes.explainBy(this.#firing(outcomes));
    return outcomes.map((outcome) => {
      const after = new Map(outcome.after);
      const known = this.alertsOf(outcome.ruleId);
      const changes = outcome.changes.flatMap((change) => {
        if (change.kind === 'resolved' || !this.isMuted(change.alert, nowMs)) return [change];
        const alert = untold(change.alert, known.get(change.alert.key));
        if (after.get(alert.key)?.id === alert.id) after.set(alert.key, alert);
        return change.kind === 'escalated' ? [] : [{ ...change, alert }];
      });
      return { ...outcome, after, changes };
    });
  }

  #writesOf({ ruleId, after, changes }: RuleOutcome): {
    readonly written: readonly TrackedAlert[];
    readonly gone: readonly TrackedAlert[];
    readonly quiet: readonly { readonly alert: TrackedAlert; readonly transition: 'pending' | 'lapsed' }[];
  } {
    const before = this.alertsOf(ruleId);
    const changed = new Set(changes.map(({ alert }) => alert.id));
    const written = [...after.values()].filter((alert) => changed.has(alert.id) || before.get(alert.key)?.state !== alert.state);
    const gone = [...before.values()].filter((alert) => after.get(alert.key)?.id !== alert.id);
    const began = written.filter(({ key, state }) => state.phase === 'pending' && before.get(key)?.state.phase !== 'pending');
    return {
      written,
      gone,
      quiet: [
        ...began.map((alert) => ({ alert, transition: 'pending' as const })),
        ...gone.filter(({ state }) => state.phase === 'pending').map((alert) => ({ alert, transition: 'lapsed' as const })),
      ],
    };
  }

  #historyRow(
    { id, metricName, labels, severity, message, cause, currentValue }: TrackedAlert,
    entry: Pick<TransitionDetail, 'by' | 'notifications' | 'reason' | 'muted'> & { readonly transition: Transition; readonly atMs: number },
  ): AlertHistoryRow {
    const { transition, atMs, ...rest } = entry;
    const detail: TransitionDetail = { labels, severity, message, cause, value: currentValue, ...rest };
    return { id: this.#options.ids(), alert_id: id, rule: metricName, transition, detail_json: JSON.stringify(detail), at_ms: atMs };
  }

  #changeView({ kind, alert }: { readonly kind: AlertChange['kind']; readonly alert: TrackedAlert }, atMs: number): AlertChange {
    const { wasNotified = false, toldSeverity } = this.alertsOf(alert.ruleId).get(alert.key) ?? {};
    return { kind, alert: this.view(alert, atMs), wasNotified, ...(toldSeverity === undefined ? {} : { toldSeverity }), atMs };
  }
}

/** Whether an evaluation left every alert the very one it was: then lists need not be made anew. */
function isSame(before: RuleAlerts, after: RuleAlerts): boolean {
  if (before.size !== after.size) return false;
  for (const [key, alert] of after) if (before.get(key) !== alert) return false;
  return true;
}

/** The alert, with what was told of it and how often it was escalated as it was before. */
function untold(alert: TrackedAlert, before: TrackedAlert | undefined): TrackedAlert {
  const { toldSeverity: _, ...rest } = alert;
  const { wasNotified = false, escalationLevel = 0, toldSeverity } = before?.id === alert.id ? before : {};
  return { ...rest, wasNotified, escalationLevel, ...(toldSeverity === undefined ? {} : { toldSeverity }) };
}

function mutedWord({ silenced, inhibitedBy }: Mute): Pick<TransitionDetail, 'muted'> {
  if (silenced) return { muted: 'silenced' };
  return inhibitedBy === undefined ? {} : { muted: 'inhibited' };
}

function* portions<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) yield rows.slice(at, at + ROWS_AT_ONCE);
}

async function deleteAlerts(tx: Transaction<StateTables>, ids: readonly string[]): Promise<void> {
  for (const some of portions(ids)) await tx.deleteFrom('alerts').where('id', 'in', some).execute();
}

/** Rows are made a portion at a time: a storm of 100,000 alerts is never in memory as text. */
type LazyRow<Row> = () => Row;

async function upsertAlerts(tx: Transaction<StateTables>, rows: readonly LazyRow<AlertRow>[]): Promise<void> {
  for (const some of portions(rows)) {
    await tx
      .insertInto('alerts')
      .values(some.map((row) => row()))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          rule: row.ref('excluded.rule'),
          labels_json: row.ref('excluded.labels_json'),
          state_json: row.ref('excluded.state_json'),
          updated_at_ms: row.ref('excluded.updated_at_ms'),
        })),
      )
      .execute();
  }
}

async function insertHistory(tx: Transaction<StateTables>, rows: readonly LazyRow<AlertHistoryRow>[]): Promise<void> {
  for (const some of portions(rows))
    await tx
      .insertInto('alert_history')
      .values(some.map((row) => row()))
      .execute();
}

async function insertOutbox(tx: Transaction<StateTables>, rows: readonly OutboxRow[]): Promise<void> {
  for (const some of portions(rows)) await tx.insertInto('outbox').values(some).execute();
}
