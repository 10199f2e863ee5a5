/** Types of the alerting API: alerts, their rules, silences, channels and deliveries. Part of `api-types.ts`. */

export type Severity = 'low' | 'medium' | 'high' | 'critical';
export type Labels = Readonly<Record<string, string>>;

export interface Alert {
  readonly id: string;
  readonly metric_name: string;
  readonly threshold: number;
  readonly current_value: number;
  readonly severity: Severity;
  readonly message: string;
  /** When it began to fire. */
  readonly timestamp: string;
  readonly labels: Labels;
  /** `learned`: only the learned limit is crossed. `rule`: a rule of a group says so. `no_data`, `error`: its expression gives nothing, or fails. */
  readonly cause: 'static' | 'learned' | 'rule' | 'no_data' | 'error' | 'pushed';
  readonly updated_at: string;
  readonly acknowledged_by: string | null;
  readonly silenced: boolean;
  /** Ids of the silences that cover it. */
  readonly silenced_by: readonly string[];
  /** Id of the alert that explains it: nobody is told of it meanwhile. */
  readonly inhibited_by: string | null;
  readonly escalation_level: number;
}
export interface AlertList {
  readonly alerts: readonly Alert[];
  /** Number of alerts listed. */
  readonly count: number;
  /** Over all active alerts, whatever the filter. */
  readonly severity_breakdown: Readonly<Record<Severity, number>>;
}

/** One page of the active alerts that match. */
export interface AlertPage extends AlertList {
  /** Alerts that match, on all pages. */
  readonly total: number;
}
export interface Acknowledgement {
  readonly alert_id: string;
  readonly metric_name: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly message: string;
  readonly acknowledged_by: string;
}
/** `file`: it stands in the configuration file, or is built in, and is changed there. `api`: it was saved over the API. */
export type Origin = 'file' | 'api';

/** Who is told when nobody takes an alert. */
export interface EscalationLadder {
  readonly name: string;
  readonly origin: Origin;
  /** Why it does not work as it was saved. */
  readonly problem: string | null;
  /** All must fit; none fits every alert. */
  readonly matchers: readonly SilenceMatcher[];
  readonly minimum_severity: Severity;
  readonly repeat_seconds: number | null;
  readonly steps: Escalations['steps'];
}
/** One ladder with the form in which it is changed. */
export interface EscalationLadderDetail extends EscalationLadder {
  /** Among those of the API; `null` for one of the file. */
  readonly position: number | null;
  /** As it was saved; `null` for one of the file. */
  readonly definition: Readonly<Record<string, unknown>> | null;
}
/** Who is told when nobody takes an alert, and which alerts are on the way. Outside of `ladders`: the ladder that takes what no other does. */
export interface Escalations {
  readonly minimum_severity: Severity;
  /** Of the last step; `null`: it is not repeated. */
  readonly repeat_seconds: number | null;
  readonly steps: readonly {
    readonly after_seconds: number;
    /** `null`: those of the alert and those marked for escalations. */
    readonly channels: readonly string[] | null;
  }[];
  /** In the order in which they are asked. */
  readonly ladders: readonly EscalationLadder[];
  readonly alerts: readonly {
    readonly id: string;
    readonly message: string;
    readonly severity: Severity;
    /** Name of its ladder. */
    readonly ladder: string;
    readonly level: number;
    /** `null`: there is no further step. */
    readonly next_at: string | null;
  }[];
}
export interface AlertRoute {
  readonly id: string;
  readonly origin: Origin;
  /** Empty: every channel. */
  readonly receiver: string;
  readonly channels: readonly string[];
  readonly matchers: readonly SilenceMatcher[];
  readonly continue: boolean;
  /** `null`: automatic groups. */
  readonly grouping: {
    /** `null`: by all labels. */
    readonly group_by: readonly string[] | null;
    readonly group_wait_seconds: number;
    readonly group_interval_seconds: number;
    readonly repeat_interval_seconds: number;
  } | null;
  readonly mute_time_intervals: readonly string[];
  readonly active_time_intervals: readonly string[];
  readonly routes: readonly AlertRoute[];
}
/** One route with the form in which it is changed. */
export interface AlertRouteDetail {
  readonly id: string;
  readonly origin: Origin;
  /** Among those of the API; `null` for one of the file. */
  readonly position: number | null;
  /** Why it does not work as it was saved. */
  readonly problem: string | null;
  /** As it was saved; `null` for one of the file. */
  readonly definition: Readonly<Record<string, unknown>> | null;
  /** As it is at work; `null` when it is not. */
  readonly route: AlertRoute | null;
}

export interface AlertRecord {
  readonly id: string;
  readonly metric_name: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly message: string;
  readonly fired_at: string;
  readonly resolved_at: string | null;
  /** From firing to resolution, `null` while it fires. */
  readonly resolution_seconds: number | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
  readonly notifications: number;
  /** Oldest first. */
  readonly transitions: readonly AlertTransition[];
}
/** One change of an alert's state; `pending` and `lapsed` are those of a breach that has not fired, or never did. */
export interface AlertTransition {
  readonly kind: 'pending' | 'lapsed' | 'fired' | 'changed' | 'escalated' | 'acknowledged' | 'unacknowledged' | 'resolved';
  readonly at: string;
  readonly severity: Severity;
  readonly value: number | null;
  readonly cause: Alert['cause'] | null;
  /** Who acknowledged. */
  readonly by: string | null;
  /** Why it ended. */
  readonly reason: 'recovered' | 'rule_removed' | 'limit_exceeded' | null;
}
/** How the alerts of one rule or metric went over the window. */
export interface RuleRecord {
  readonly metric_name: string;
  readonly fired: number;
  readonly acknowledged: number;
  readonly resolved: number;
  /** From firing to the acknowledgement; `null` without any. */
  readonly mean_time_to_acknowledge_seconds: number | null;
  /** From firing to the end; `null` without any. */
  readonly mean_time_to_resolve_seconds: number | null;
}
export interface AlertHistory {
  readonly alerts: readonly AlertRecord[];
  /** Over all alerts that began in the window, whatever the limit. */
  readonly rules: readonly RuleRecord[];
  readonly count: number;
  /** Mean over the resolved ones listed, `null` without any. */
  readonly average_resolution_seconds: number | null;
}

export interface AlertRule {
  /** Stays the same for as long as group, name and labels do. */
  readonly id: string;
  readonly kind: 'alerting' | 'recording';
  readonly name: string;
  readonly expr: string;
  readonly for_seconds: number;
  readonly keep_firing_for_seconds: number;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Limits and policies beyond Prometheus's, as they are in the server's environment, in the form of a rule file. */
  readonly x_bellwether: Readonly<Record<string, unknown>> | null;
  readonly state: 'inactive' | 'pending' | 'firing';
  /** Alerts that fire now. */
  readonly firing: number;
  readonly pending: number;
  readonly health: 'unknown' | 'ok' | 'err';
  readonly last_error: string | null;
  readonly evaluated_at: string | null;
}
export interface RuleGroup {
  readonly name: string;
  /** Empty when it came over the API. */
  readonly file: string;
  readonly interval_seconds: number;
  readonly limit: number;
  readonly evaluated_at: string | null;
  /** Time the last evaluation took. */
  readonly evaluation_seconds: number;
  readonly rules: readonly AlertRule[];
}
export interface Backtest {
  readonly from: string;
  readonly to: string;
  readonly interval_seconds: number;
  readonly evaluations: number;
  readonly series: number;
  /** How often the alert would have fired. */
  readonly fired: number;
  /** Breaches that ended before `for` had passed. */
  readonly pending_only: number;
  /** Firings that began within 15 minutes of the end of the one before. */
  readonly flaps: number;
  readonly firing_seconds: number;
  readonly longest_seconds: number;
  /** Share of the window in which at least one alert fired. */
  readonly firing_percent: number;
  /** Newest first, 500 at most. */
  readonly firings: readonly {
    readonly labels: Labels;
    readonly severity: Severity;
    readonly fired_at: string;
    /** `null`: it still fires at the end of the window. */
    readonly resolved_at: string | null;
    /** The value farthest out. */
    readonly peak: number | null;
  }[];
  readonly notes: readonly string[];
}

/** As Alertmanager writes it. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}
export interface Silence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly starts_at: string;
  readonly ends_at: string;
  readonly state: 'pending' | 'active' | 'expired';
  /** Of a maintenance window, as Alertmanager writes time intervals: it holds only at these times. */
  readonly times?: readonly Readonly<Record<string, unknown>>[];
  readonly author: string;
  readonly comment: string;
}

export interface Channel {
  readonly name: string;
  readonly kind: string;
  /** Attempts in a row that failed; 0 while it works. */
  readonly failures: number;
  readonly origin: Origin;
  /** Why it does not work as it was saved. */
  readonly problem: string | null;
}
/** One channel with its configuration. */
export interface ChannelDetail extends Channel {
  /** As the configuration file writes it, without what is hidden. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Fields that stand in the file as plain text and are not shown. */
  readonly hidden: readonly string[];
}
export interface Delivery {
  readonly id: string;
  readonly channel: string;
  readonly group_key: string;
  readonly title: string;
  readonly status: 'waiting' | 'delivered' | 'superseded' | 'dead';
  readonly attempts: number;
  readonly created_at: string;
  readonly delivered_at: string | null;
  readonly last_error: string | null;
}

/** Alerts that move together; `likely_root` is the id of the one that the others probably follow from. */
export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly likely_root: string | null;
  readonly started_at: string;
  /** While any of them fires: null. */
  readonly ended_at: string | null;
  /** Alerts that are or were in it, listed or not. */
  readonly member_count: number;
  /** In the order they joined: the first 50 in a list of incidents, with the likely root, and a page of them in one incident. */
  readonly alerts: readonly {
    readonly id: string;
    readonly metric_name: string;
    readonly labels: Labels;
    readonly severity: Severity;
    readonly message: string;
    readonly began_at: string;
    readonly ended_at: string | null;
  }[];
}
