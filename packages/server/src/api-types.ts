/**
 * The shapes of the HTTP API, for its clients in TypeScript. Types only: importing this costs nothing at run time. The schemas that
 * validate and document the API are declared to produce exactly these, so that the two cannot drift apart.
 *
 * snake_case, ISO 8601 UTC, percent 0-100.
 */
import type { Alert, Labels, Severity } from './api-types-alerting.ts';

export type {
  Acknowledgement,
  AlertPage,
  AlertRoute,
  AlertRouteDetail,
  EscalationLadder,
  EscalationLadderDetail,
  Escalations,
  Origin,
  Alert,
  Incident,
  AlertList,
  AlertRecord,
  AlertTransition,
  RuleRecord,
  AlertHistory,
  AlertRule,
  RuleGroup,
  Backtest,
  SilenceMatcher,
  Silence,
  Channel,
  ChannelDetail,
  Delivery,
  Severity,
  Labels,
} from './api-types-alerting.ts';
export type { Span, Trace, TraceList } from './api-types-traces.ts';

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

/** `GET performance/cache/stats`: totals since the caches came to be, as far as they tell them. */
export interface FullCacheStats extends CacheStats {
  readonly expirations?: number;
  readonly invalidations?: number;
  readonly refused?: number;
  readonly writes?: number;
  readonly overwrites?: number;
  readonly loads?: number;
  readonly load_failures?: number;
  readonly load_waits?: number;
  readonly stale_serves?: number;
  readonly early_refreshes?: number;
  /** Of loads that succeeded. `le`: upper bound of a bucket in seconds, `null` for the one without; counts are not cumulative. */
  readonly load_seconds?: {
    readonly sum: number;
    readonly count: number;
    readonly buckets: readonly { readonly le: number | null; readonly count: number }[];
  };
}

/** `GET performance/metrics/summary`: one member per metric beside the two fixed ones. */
export interface Summary {
  readonly cache: CacheStats;
  readonly health_score: number;
  readonly [metric: string]: MetricSummary | CacheStats | number;
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
  /** The first 200, most severe first, then newest. */
  readonly alerts: readonly Alert[];
  /** Of all active alerts. */
  readonly severity_breakdown: Readonly<Record<Severity, number>>;
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
