import type { IdSource } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { SeverityBreakdown } from '../../model/severity.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { AlertHistoryRow, AlertRow } from '../../store/state-tables.ts';
import type { ActiveAlert, AlertChange, PlanNotifications } from '../alerting.ts';
import type { FiringAlert, InhibitRule } from '../mutes/inhibition.ts';
import { IncidentBook } from '../incidents/incident-book.ts';
import { Mutes, type Mute } from '../mutes/mutes.ts';
import { matchableLabels, type CompiledSilence } from '../mutes/silences.ts';
import { ActiveIndex, type ActiveWindow } from './active-index.ts';
import type { Transition, TransitionDetail } from './alert-history.ts';
import { deleteAlerts, insertHistory, insertOutbox, upsertAlerts } from './alert-rows.ts';
import { activeSince, isActive } from './next-state.ts';
import type { RuleAlerts, RuleOutcome } from './rule-outcome.ts';
import { alertOf, rowOf, type TrackedAlert } from './tracked-alert.ts';

export interface AlertBookOptions {
  readonly state: StateStore;
  readonly ids: IdSource;
  readonly plan: PlanNotifications;
  readonly log: Logger;
  readonly inhibitRules: readonly InhibitRule[];
}

const HISTORY_KEPT_MS = 90 * 86_400_000;
/** As text and as alerts at the same time, 100,000 of them would double the memory of a start. */
const RESTORED_AT_ONCE = 1000;
const NONE: RuleAlerts = new Map();

/**
 * Every alert there is, and the one place where alerts are written: an outcome, its history and its outbox rows are one transaction, and memory
 * follows only when that is on disk.
 */
export class AlertBook {
  readonly #options: AlertBookOptions;
  readonly #byRule: Map<string, Map<string, TrackedAlert>>;
  readonly #active = new ActiveIndex();
  /** When all alerts of a rule were last looked at, by the rule's id. */
  readonly #judgedAtMs = new Map<string, number>();
  readonly #incidents: IncidentBook;
  #mutes: Mutes;
  /** Alerts of other servers that share the state, by id: shown, never judged. */
  #others: ReadonlyMap<string, TrackedAlert> = new Map();

  private constructor(options: AlertBookOptions, incidents: IncidentBook, restored: readonly TrackedAlert[]) {
    this.#options = options;
    this.#incidents = incidents;
    this.#mutes = new Mutes(options.inhibitRules);
    const byRule = Map.groupBy(restored, (alert) => alert.ruleId);
    this.#byRule = new Map([...byRule].map(([ruleId, alerts]) => [ruleId, new Map(alerts.map((alert) => [alert.key, alert]))]));
    for (const alert of restored) this.#active.put(alert);
    if (this.#mutes.hasInhibition) this.#mutes.explainBy(this.#firing());
  }

  /** With what fired or was pending when the last engine on this state ended. */
  static async open(options: AlertBookOptions): Promise<AlertBook> {
    const restored: TrackedAlert[] = [];
    for (let after = '', isMore = true; isMore;) {
      const rows = await options.state.db
        .selectFrom('alerts')
        .selectAll()
        .where('server', '=', options.state.server)
        .where('id', '>', after)
        .orderBy('id')
        .limit(RESTORED_AT_ONCE)
        .execute();
      for (const row of rows) restored.push(alertOf(row));
      after = rows.at(-1)?.id ?? after;
      isMore = rows.length === RESTORED_AT_ONCE;
    }
    return new AlertBook(options, await IncidentBook.open(options.state, options.ids), restored);
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
  }

  /** Replaces the rules by which alerts explain others. @throws BellwetherError `query_invalid` */
  explainBy(inhibitRules: readonly InhibitRule[]): void {
    const mutes = new Mutes(inhibitRules);
    mutes.silences = this.#mutes.silences;
    this.#mutes = mutes;
    if (mutes.hasInhibition) mutes.explainBy(this.#firing());
  }

  alertsOf(ruleId: string): RuleAlerts {
    return this.#byRule.get(ruleId) ?? NONE;
  }

  /** How many fire, by severity. */
  get activeCounts(): SeverityBreakdown {
    return this.#active.counts;
  }

  /** Ids of those that fire, most severe first, then newest. */
  activeIds(window?: ActiveWindow): readonly string[] {
    return this.#active.ids(window);
  }

  /** One that fires, as it is shown. */
  active(alertId: string, nowMs: number): ActiveAlert | undefined {
    const alert = this.#active.get(alertId);
    return alert === undefined ? undefined : this.view(alert, nowMs);
  }

  /** An own alert that fires, by its id. */
  find(alertId: string): TrackedAlert | undefined {
    return this.#others.has(alertId) ? undefined : this.#active.get(alertId);
  }

  /** Own ones, pending among them, that nobody acknowledged. */
  *unacknowledged(): Generator<TrackedAlert> {
    for (const alerts of this.#byRule.values()) for (const alert of alerts.values()) if (alert.acknowledgedBy === undefined) yield alert;
  }

  set others(alerts: readonly TrackedAlert[]) {
    for (const id of this.#others.keys()) this.#active.delete(id);
    this.#others = new Map(alerts.map((alert) => [alert.id, alert]));
    for (const alert of alerts) this.#active.put(alert);
  }

  /** Notes an acknowledgement of another server's alert; that server takes it from the history. @returns whether there is such an alert */
  async acknowledgeOther(alertId: string, by: string, nowMs: number): Promise<boolean> {
    const alert = this.#others.get(alertId);
    if (alert === undefined || !isActive(alert.state)) return false;
    await this.#options.state.transaction((tx) =>
      insertHistory(tx, [() => this.#historyRow(alert, { transition: 'acknowledged', atMs: nowMs, by })]),
    );
    const acknowledged = { ...alert, acknowledgedBy: by };
    this.#others = new Map(this.#others).set(alertId, acknowledged);
    this.#active.put(acknowledged);
    return true;
  }

  /** Takes an acknowledgement that another server noted. */
  async takeAcknowledgement(alert: TrackedAlert, by: string, nowMs: number): Promise<void> {
    const acknowledged = { ...alert, acknowledgedBy: by };
    await this.#options.state.transaction((tx) => upsertAlerts(tx, [() => this.#row(acknowledged, nowMs)]));
    this.#put(acknowledged);
  }

  isMuted(alert: TrackedAlert, nowMs: number): boolean {
    const { silencedBy, inhibitedBy } = this.#muteOf(alert, nowMs);
    return silencedBy.length > 0 || inhibitedBy !== undefined;
  }

  view(alert: TrackedAlert, nowMs: number): ActiveAlert {
    const { id, metricName, labels, threshold, currentValue, severity, message, cause, state, ruleId, group, annotations } = alert;
    const firedAtMs = isActive(state) ? state.firedAtMs : alert.updatedAtMs;
    const { silencedBy, inhibitedBy } = this.#muteOf(alert, nowMs);
    return {
      id,
      metricName,
      labels,
      threshold,
      currentValue,
      severity,
      message,
      cause,
      firedAtMs,
      activeAtMs: activeSince(state) ?? firedAtMs,
      ...(group === undefined ? {} : { group }),
      ...(annotations === undefined ? {} : { annotations }),
      ruleId,
      updatedAtMs: Math.max(alert.updatedAtMs, this.#judgedAtMs.get(ruleId) ?? 0),
      acknowledgedBy: alert.acknowledgedBy,
      silenced: silencedBy.length > 0,
      silencedBy,
      ...(inhibitedBy === undefined ? {} : { inhibitedBy }),
      escalationLevel: alert.escalationLevel,
      ...(alert.climb === undefined ? {} : { climb: alert.climb }),
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
    for (const outcome of outcomes) this.#adopt(outcome);
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
    this.#put(alert);
    return alert;
  }

  #put(alert: TrackedAlert): void {
    const alerts = this.#byRule.get(alert.ruleId) ?? new Map<string, TrackedAlert>();
    this.#byRule.set(alert.ruleId, alerts.set(alert.key, alert));
    this.#active.put(alert);
  }

  #adopt({ ruleId, written, ended, judgedAtMs }: RuleOutcome): void {
    for (const { id, key } of ended) {
      this.#byRule.get(ruleId)?.delete(key);
      this.#active.delete(id);
    }
    for (const alert of written) this.#put(alert);
    if (judgedAtMs !== undefined) this.#judgedAtMs.set(ruleId, judgedAtMs);
    if (this.alertsOf(ruleId).size > 0) return;
    this.#byRule.delete(ruleId);
    this.#judgedAtMs.delete(ruleId);
  }

  #row(alert: TrackedAlert, nowMs: number): AlertRow {
    return { ...rowOf(alert, nowMs), server: this.#options.state.server };
  }

  #muteOf(alert: TrackedAlert, nowMs: number): Mute {
    return this.#mutes.of(alert, nowMs);
  }

  *#firing(outcomes: readonly RuleOutcome[] = []): Generator<FiringAlert> {
    const written = outcomes.flatMap((outcome) => outcome.written);
    const replaced = new Set([...written, ...outcomes.flatMap(({ ended }) => ended)].map(({ id }) => id));
    const firing = (alert: TrackedAlert): FiringAlert => ({ id: alert.id, labels: matchableLabels(alert) });
    for (const alerts of this.#byRule.values())
      for (const alert of alerts.values()) if (isActive(alert.state) && !replaced.has(alert.id)) yield firing(alert);
    for (const alert of written) if (isActive(alert.state)) yield firing(alert);
  }

  /** What happens together with the alert that explains it is not told either: it is as untold as before, and told when it is explained no more. */
  #explained(outcomes: readonly RuleOutcome[], nowMs: number): readonly RuleOutcome[] {
    if (!this.#mutes.hasInhibition || outcomes.every(({ changes }) => changes.length === 0)) return outcomes;
    this.#mutes.explainBy(this.#firing(outcomes));
    return outcomes.map((outcome) => {
      const known = this.alertsOf(outcome.ruleId);
      const replaced = new Map<string, TrackedAlert>();
      const changes = outcome.changes.flatMap((change) => {
        if (change.kind === 'resolved' || !this.isMuted(change.alert, nowMs)) return [change];
        const alert = untold(change.alert, known.get(change.alert.key));
        replaced.set(alert.id, alert);
        return change.kind === 'escalated' ? [] : [{ ...change, alert }];
      });
      return { ...outcome, written: outcome.written.map((alert) => replaced.get(alert.id) ?? alert), changes };
    });
  }

  #writesOf({ ruleId, written: differing, ended, changes }: RuleOutcome): {
    readonly written: readonly TrackedAlert[];
    readonly gone: readonly TrackedAlert[];
    readonly quiet: readonly { readonly alert: TrackedAlert; readonly transition: 'pending' | 'lapsed' }[];
  } {
    const before = this.alertsOf(ruleId);
    const changed = new Set(changes.map(({ alert }) => alert.id));
    const written = differing.filter((alert) => changed.has(alert.id) || before.get(alert.key)?.state !== alert.state);
    const began = written.filter(({ key, state }) => state.phase === 'pending' && before.get(key)?.state.phase !== 'pending');
    return {
      written,
      gone: ended,
      quiet: [
        ...began.map((alert) => ({ alert, transition: 'pending' as const })),
        ...ended.filter(({ state }) => state.phase === 'pending').map((alert) => ({ alert, transition: 'lapsed' as const })),
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

/** The alert, with what was told of it and how often it was escalated as it was before. */
function untold(alert: TrackedAlert, before: TrackedAlert | undefined): TrackedAlert {
  const { toldSeverity: _, ...rest } = alert;
  const { wasNotified = false, escalationLevel = 0, climb, toldSeverity } = before?.id === alert.id ? before : {};
  return { ...rest, wasNotified, escalationLevel, climb, ...(toldSeverity === undefined ? {} : { toldSeverity }) };
}

function mutedWord({ silencedBy, inhibitedBy }: Mute): Pick<TransitionDetail, 'muted'> {
  if (silencedBy.length > 0) return { muted: 'silenced' };
  return inhibitedBy === undefined ? {} : { muted: 'inhibited' };
}
