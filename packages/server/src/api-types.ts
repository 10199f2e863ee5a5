/**
 * The shapes of the HTTP API, for its clients in TypeScript. Types only: importing this costs nothing at run time. The schemas that
 * validate and document the API are declared to produce exactly these, so that the two cannot drift apart.
 *
 * snake_case, ISO 8601 UTC, percent 0-100.
 */

export type { Span, Trace, TraceList } from './api-types-traces.ts';

export type Severity = 'low' | 'medium' | 'high' | 'critical';
export type Labels = Readonly<Record<string, string>>;

/** Every successful answer of our own routes. */
export interface Success<Data> {
  readonly status: 'success';
  readonly data: Data;
  readonly timestamp: string;
}
/** A successful answer that has only a sentence to say. */
export interface Said {
  readonly status: 'success';
  readonly message: string;
  readonly timestamp: string;
}

/** RFC 9457. `code` is stable and documented in docs/errors.md; `hint` says what to do. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
  /** Each thing that is wrong with the request, where it can be told apart. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** One metric over the trailing hour. With several label sets, `series` counts them and `current` is the newest of any. */
export interface MetricSummary {
  readonly current: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly timestamp: string;
  readonly samples: number;
  readonly series: number;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  /** Percent. */
  readonly hit_rate: number;
  /** Bytes. */
  readonly total_size: number;
  readonly entry_count: number;
  readonly max_size: number;
  /** Percent. */
  readonly utilization: number;
}

/** `GET performance/metrics/summary`: one member per metric beside the two fixed ones. */
export interface Summary {
  readonly cache: CacheStats;
  readonly health_score: number;
  readonly [metric: string]: MetricSummary | CacheStats | number;
}

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
  readonly cause: 'static' | 'learned' | 'rule' | 'no_data' | 'error';
  readonly updated_at: string;
  readonly acknowledged_by: string | null;
  readonly silenced: boolean;
  readonly escalation_level: number;
}
export interface AlertList {
  readonly alerts: readonly Alert[];
  /** Number of alerts listed. */
  readonly count: number;
  /** Over all active alerts, whatever the filter. */
  readonly severity_breakdown: Readonly<Record<Severity, number>>;
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
  readonly kind: 'pending' | 'lapsed' | 'fired' | 'changed' | 'escalated' | 'acknowledged' | 'resolved';
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

export interface Evidence {
  readonly statement: string;
  /** PromQL that shows it. */
  readonly expression: string | null;
  readonly value: number | null;
  readonly unit: string | null;
}
export interface ExpectedGain {
  readonly metric: string;
  readonly lower_percent: number;
  readonly upper_percent: number;
  readonly model: string;
}
export interface Recommendation {
  readonly id: string;
  readonly category: string;
  readonly priority: Severity;
  readonly resource: string;
  readonly title: string;
  readonly description: string;
  readonly impact: string;
  readonly effort: string;
  /** Steps, in order. */
  readonly implementation: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly expected_gain: ExpectedGain | null;
  /** How anybody can see that it helped. */
  readonly verification: string;
  readonly labels: Labels;
  readonly created_at: string;
}
export interface RecommendationList {
  readonly recommendations: readonly Recommendation[];
  readonly count: number;
  /** Over all recommendations, whatever the filter. */
  readonly priority_breakdown: Readonly<Record<Severity, number>>;
}

export type HealthStatus = 'excellent' | 'good' | 'fair' | 'poor' | 'critical';
export interface Penalty {
  readonly reason: string;
  readonly points: number;
}
export interface Health {
  readonly health_score: number;
  readonly health_status: HealthStatus;
  readonly active_alerts: number;
  readonly critical_alerts: number;
  readonly recommendations: readonly Recommendation[];
  /** A published alias of `health_score`. */
  readonly overall_security_score: number;
  /** What was taken off 100, largest first. */
  readonly penalties: readonly Penalty[];
  readonly monitoring: Monitoring;
  readonly version: string;
  readonly started_at: string;
}
export interface Monitoring {
  readonly running: boolean;
  /** Seconds between collections. */
  readonly interval: number;
}

/** Never holds the entry's value. */
export interface CacheEntry {
  readonly key: string;
  readonly size_bytes: number;
  /** Time left; `null`: never expires. */
  readonly ttl_seconds: number | null;
  readonly tags: readonly string[];
}
export interface CacheEntryList {
  readonly entries: readonly CacheEntry[];
  /** Entries on this page. */
  readonly count: number;
  /** Matching entries on all pages together. */
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
}

/** Itself (`instance: ''`) and everyone who pushed lately. */
export interface Instance {
  readonly instance: string;
  readonly job: string;
  readonly last_sample_at: string;
}
export interface InstanceList {
  readonly instances: readonly Instance[];
  readonly count: number;
}

/** What `performance/stream` sends as the data of each message: everything the page shows at a glance, at one moment. */
export interface Frame {
  readonly timestamp: string;
  readonly summary: Readonly<Record<string, MetricSummary>>;
  readonly health: Health;
  readonly alerts: readonly Alert[];
  readonly recommendations: readonly Recommendation[];
  readonly cache: CacheStats;
}

export interface HistorySeries {
  readonly labels: Labels;
  /** `[seconds since the epoch, value]`; a value that is not finite is `null`. */
  readonly points: readonly (readonly [number, number | null])[];
}
export interface MetricHistory {
  readonly metric: string;
  readonly unit: string;
  readonly from: string;
  readonly to: string;
  readonly step_seconds: number;
  readonly series: readonly HistorySeries[];
}

export type Threshold = number | { readonly warning: number; readonly critical: number };
export type Thresholds = Readonly<Record<string, Threshold>>;

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
  readonly author: string;
  readonly comment: string;
}

export interface Channel {
  readonly name: string;
  readonly kind: string;
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

/** Made by people; `content` is the page's own. */
export interface Dashboard {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly updated_at: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export type Scope = 'read' | 'ingest' | 'admin';
/** The token itself is told once, when it is made, as `token`. */
export interface AccessToken {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}
export interface NewAccessToken extends AccessToken {
  readonly token: string;
}
export interface Session {
  readonly scope: Scope;
  readonly name: string;
  readonly expires_at: string | null;
}
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Prometheus's range result: `[seconds, "value"]`. */
export interface MatrixSeries {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}
export interface VectorSeries {
  readonly metric: Labels;
  readonly value: readonly [number, string];
}
