import type { Labels } from '../model/labels.ts';
import type { Severity, SeverityBreakdown } from '../model/severity.ts';
import type { Climb } from './escalation/ladder.ts';
import type { PushedAlert } from './pushed/pushed-alerts.ts';
import type { ActiveWindow } from './state/active-index.ts';
import type { Incident } from './incidents/correlate.ts';
import type { InhibitRule } from './mutes/inhibition.ts';
import type { TimeInterval } from '../model/time-interval.ts';
import type { Matcher } from '../store/sample-store.ts';
import type { OutboxRow } from '../store/state-tables.ts';
import type { Rule, RuleGroup } from '../rules/groups/rule-group.ts';
import type { Thresholds } from '../rules/thresholds.ts';

/** An alert that fires now. `message` is the contract's sentence; `threshold` the limit it crossed. */
export interface ActiveAlert {
  readonly id: string;
  readonly metricName: string;
  readonly labels: Labels;
  readonly threshold: number;
  readonly currentValue: number;
  readonly severity: Severity;
  readonly message: string;
  /**
   * `static`: a configured threshold is crossed. `learned`: only a learned one is. `rule`: a rule of a group says so. `no_data`, `error`: its
   * expression gives nothing, or fails. `pushed`: another program says so.
   */
  readonly cause: 'static' | 'learned' | 'rule' | 'no_data' | 'error' | 'pushed';
  readonly firedAtMs: number;
  /** Since when the breach lasts: `firedAtMs` less the time it was pending. */
  readonly activeAtMs?: number;
  /** Group of its rule; absent for thresholds. */
  readonly group?: string;
  /** As the rule's annotations say; absent for thresholds. */
  readonly annotations?: Labels;
  readonly ruleId?: string;
  readonly updatedAtMs: number;
  readonly acknowledgedBy: string | undefined;
  /** A silence or maintenance window covers it. */
  readonly silenced: boolean;
  /** Ids of the silences that cover it. */
  readonly silencedBy: readonly string[];
  /** Id of the alert that explains it, if one does. */
  readonly inhibitedBy?: string;
  /** Escalations so far. */
  readonly escalationLevel: number;
  /** Whom they told; absent before the first. */
  readonly climb?: Climb | undefined;
}

/** A past or present alert from firing to resolution. */
export interface AlertRecord {
  readonly id: string;
  readonly metricName: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly message: string;
  readonly firedAtMs: number;
  readonly resolvedAtMs: number | undefined;
  readonly acknowledgedAtMs: number | undefined;
  readonly acknowledgedBy: string | undefined;
  /** Notifications planned for it. */
  readonly notifications: number;
  /** Oldest first. */
  readonly transitions: readonly AlertTransition[];
}

/** One change of an alert's state. `pending` and `lapsed` are those of a breach that has not fired, or never did. */
export interface AlertTransition {
  readonly kind: 'pending' | 'lapsed' | 'fired' | 'changed' | 'escalated' | 'acknowledged' | 'unacknowledged' | 'resolved';
  readonly atMs: number;
  readonly severity: Severity;
  readonly value: number | undefined;
  readonly cause: ActiveAlert['cause'] | undefined;
  /** Who acknowledged, or took that back. */
  readonly by: string | undefined;
  /** Why it ended. */
  readonly reason: 'recovered' | 'rule_removed' | 'limit_exceeded' | undefined;
  /** Why nobody was told. */
  readonly muted: 'silenced' | 'inhibited' | undefined;
}

/** Which incidents are wanted. */
export interface IncidentPage {
  /** Only those in which an alert fires. */
  readonly isOpen: boolean;
  readonly limit: number;
  /** Newer ones that are left out. @default 0 */
  readonly offset?: number;
}

/** What a silence would cover. */
export interface CoveredAlerts {
  readonly alerts: readonly ActiveAlert[];
  /** Of all that are covered, listed or not. */
  readonly counts: SeverityBreakdown;
}

/** How a rule's alerts went over a window: what the history shows of it at a glance. Means are `undefined` without any. */
export interface RuleRecord {
  readonly metricName: string;
  readonly fired: number;
  readonly acknowledged: number;
  readonly resolved: number;
  /** From firing to the acknowledgement. */
  readonly meanTimeToAcknowledgeMs: number | undefined;
  /** From firing to the end. */
  readonly meanTimeToResolveMs: number | undefined;
}

/** An alert of a rule, pending ones among them, as Prometheus lists it. */
export interface RuleAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
  readonly state: 'pending' | 'firing';
  readonly activeAtMs: number;
  readonly keepFiringSinceMs: number | undefined;
}

export interface RuleStatus {
  readonly rule: Rule;
  readonly health: 'unknown' | 'ok' | 'err';
  readonly lastError: string | undefined;
  readonly evaluatedAtMs: number | undefined;
  /** Time its last evaluation took. */
  readonly evaluationMs: number;
  readonly alerts: readonly RuleAlert[];
}

export interface RuleGroupStatus {
  readonly group: RuleGroup;
  readonly evaluatedAtMs: number | undefined;
  readonly evaluationMs: number;
  readonly rules: readonly RuleStatus[];
}

/** Rule groups in Prometheus's form: of files, which are replaced as a whole, and of the API, which are kept in the state. */
export interface AlertRules {
  groups(): readonly RuleGroupStatus[];
  /** The text a group of the API was saved with. */
  sourceOf(name: string): string | undefined;
  /** What both sets have keeps its state; alerts of rules that are gone resolve. */
  replaceFileGroups(groups: readonly RuleGroup[]): Promise<void>;
  /**
   * Saves one group. @param text YAML or JSON of the group. @param options `replaces`: the group of that name, or none yet; without it the group
   * must be new. @throws BellwetherError `rule_invalid` | `state_conflict`
   */
  save(text: string, options?: { readonly replaces?: string }): Promise<RuleGroupStatus>;
  /** @throws BellwetherError `state_not_found` */
  remove(name: string): Promise<void>;
}

/** What an evaluation changed about one alert: it began to fire, its severity changed, it resolved, or nobody took it for too long. */
export interface AlertChange {
  readonly kind: 'fired' | 'changed' | 'resolved' | 'escalated';
  readonly alert: ActiveAlert;
  /** Whether anybody heard of the alert before this change: the end of one that nobody heard of is no news. */
  readonly wasNotified: boolean;
  /** How severe it was when it was last told, which is what its groups and routes went by; absent when nobody was told. */
  readonly toldSeverity?: Severity;
  readonly atMs: number;
}

/** An outbox row and the alerts it speaks of. */
export interface PlannedNotification {
  readonly row: OutboxRow;
  readonly alertIds: readonly string[];
}

/**
 * Turns changes into outbox rows, which alerting writes in the transaction of the transitions. Pure and synchronous; injected, so that
 * alerting knows nothing of channels.
 */
export type PlanNotifications = (changes: readonly AlertChange[]) => readonly PlannedNotification[];

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** A maintenance window: between start and end it holds only at these times. */
  readonly times?: readonly TimeInterval[];
  readonly author: string;
  readonly comment: string;
}

/** Thresholds, rule groups, alert state, silences and history of one engine. Composed over the state store and the query engine. */
export interface Alerting extends AsyncDisposable {
  /** Replaced as a whole; takes effect at the next evaluation. @throws BellwetherError `threshold_invalid` */
  thresholds: Thresholds;
  readonly rules: AlertRules;
  /**
   * Evaluates thresholds and the rule groups that are due, commits transitions together with their notifications, and resolves with the number of
   * notifications when both are on disk.
   */
  evaluate(nowMs: number): Promise<number>;
  /** The same of the rule groups alone, for moments at which no sample has come. */
  evaluateDueRules(nowMs: number): Promise<number>;
  /**
   * Evaluates every rule group at one instant, whatever its own interval: for rehearsals. @param order names of groups that come one after another;
   * others come first.
   */
  evaluateAllRules(atMs: number, order: readonly string[]): Promise<number>;
  /**
   * Takes what other servers that share the state have changed: silences, acknowledgements, rule groups, and the alerts they judge. Cheap when nothing
   * has. @returns whether what waits to be sent has changed @throws BellwetherError `state_unavailable`
   */
  takeChanges(): Promise<boolean>;
  /** When a rule group is due next, if there are any. */
  rulesDueAtMs(nowMs: number): number | undefined;
  /**
   * Takes alerts that others judged; resolves with the number of notifications planned when all is on disk. An alert that is pushed no more ends
   * by itself. @throws BellwetherError `series_limit` | `state_unavailable`; none is taken then
   */
  push(alerts: readonly PushedAlert[]): Promise<number>;
  /** All that fire, most severe first, then newest: made anew at each call. A page of them is `activeIds` and `activeAlert`. */
  active(): readonly ActiveAlert[];
  /** How many fire, by severity: kept, not counted. */
  readonly activeCounts: SeverityBreakdown;
  /** Ids of those that fire, in the order of `active`. The list is of this moment: some of them may have ended when they are looked at. */
  activeIds(window?: ActiveWindow): readonly string[];
  /** One that fires. */
  activeAlert(alertId: string): ActiveAlert | undefined;
  history(filter: {
    readonly fromMs?: number;
    readonly toMs?: number;
    readonly metricName?: string;
    readonly limit: number;
    /** Newer ones that are left out. @default 0 */
    readonly offset?: number;
  }): Promise<readonly AlertRecord[]>;
  /** Of the alerts that fired in the window, by rule, most often fired first. */
  historyByRule(window: { readonly fromMs?: number; readonly toMs?: number; readonly metricName?: string }): Promise<readonly RuleRecord[]>;
  /** Alerts that move together, newest first. */
  incidents(page: IncidentPage): Promise<readonly Incident[]>;
  incident(id: string): Promise<Incident | undefined>;
  /** Acknowledges every alert of it that fires; returns their number. @throws BellwetherError `state_not_found` */
  acknowledgeIncident(id: string, by: string): Promise<number>;
  /** Stops escalation. @throws BellwetherError `state_not_found` */
  acknowledge(alertId: string, by: string): Promise<void>;
  /** Takes an acknowledgement back: the escalation goes on. @param by who does. @throws BellwetherError `state_not_found` */
  unacknowledge(alertId: string, by: string): Promise<void>;
  /** Replaces the rules by which alerts explain others. @throws BellwetherError `query_invalid` */
  explainBy(inhibitRules: readonly InhibitRule[]): void;
  /** The newest thousand, ended ones among them. */
  silences(): Promise<readonly Silence[]>;
  silence(id: string): Promise<Silence | undefined>;
  /** Active alerts that a silence with these matchers would cover, at most `limit` of them, most severe first. @throws BellwetherError as `addSilence` does */
  covered(matchers: readonly Matcher[], limit: number): CoveredAlerts;
  /** @throws BellwetherError `config_invalid` for an end not after the start, in the past, or matchers that match everything. */
  addSilence(silence: Omit<Silence, 'id'>): Promise<Silence>;
  /** Replaces one that holds or will; alerts are at no moment without it. @throws BellwetherError `state_not_found` | as `addSilence` does */
  changeSilence(silence: Silence): Promise<Silence>;
  /** Ends it now. @throws BellwetherError `state_not_found` */
  endSilence(id: string): Promise<void>;
}
