/**
 * The state schema, one interface a table, the same on SQLite and PostgreSQL: instants are ms since the epoch, `…_json` is JSON text,
 * booleans are 0 or 1. Migrations live in `state-migrations.ts`; a table is changed there and here together.
 */
export interface StateTables {
  readonly alerts: AlertRow;
  readonly alert_history: AlertHistoryRow;
  readonly silences: SilenceRow;
  readonly incidents: IncidentRow;
  readonly outbox: OutboxRow;
  readonly recommendations: RecommendationRow;
  readonly dashboards: DashboardRow;
  readonly tokens: TokenRow;
  readonly audit: AuditRow;
  readonly settings: SettingRow;
  readonly rule_groups: RuleGroupRow;
  readonly delivery_parts: DeliveryPartRow;
  readonly leases: LeaseRow;
}

/** One row per alert that is not inactive: what survives a restart. */
export interface AlertRow {
  id: string;
  rule: string;
  labels_json: string;
  state_json: string;
  updated_at_ms: number;
  /** The server that judges it; '' when state is not shared. @default '' */
  server?: string | undefined;
}
/** One row per transition. `fired_at_ms` and `resolved_at_ms` give resolution times. */
export interface AlertHistoryRow {
  id: string;
  alert_id: string;
  rule: string;
  transition: string;
  detail_json: string;
  at_ms: number;
}
/** Alerts that move together. `ended_at_ms` is null while any of them fires. */
export interface IncidentRow {
  id: string;
  started_at_ms: number;
  ended_at_ms: number | null;
  members_json: string;
  /** As that of an alert. @default '' */
  server?: string | undefined;
}
export interface SilenceRow {
  id: string;
  matchers_json: string;
  starts_at_ms: number;
  ends_at_ms: number;
  /** Times of a maintenance window; null for a silence that holds throughout. */
  times_json?: string | null | undefined;
  author: string;
  comment: string;
  /** Or last changed. */
  created_at_ms: number;
}
/**
 * A notification to be sent. `group_key` + `channel`: only the latest state of the pair is worth sending, so what waits is `superseded` by
 * the message that speaks for it; `delivered_at_ms` is then that message's time, or null when there was no news left to tell.
 */
export interface OutboxRow {
  id: string;
  channel: string;
  group_key: string;
  payload_json: string;
  status: 'waiting' | 'delivered' | 'superseded' | 'dead';
  attempts: number;
  next_attempt_at_ms: number;
  created_at_ms: number;
  delivered_at_ms: number | null;
  last_error: string | null;
  /** What the receiver calls the message that opened the group; null once the group has ended. */
  reference?: string | null | undefined;
  /** Id of the message that it left in, while nobody knows what became of that. */
  sent_as?: string | null | undefined;
}
export interface RecommendationRow {
  id: string;
  state: string;
  body_json: string;
  created_at_ms: number;
  updated_at_ms: number;
}
export interface DashboardRow {
  id: string;
  owner: string;
  name: string;
  body_json: string;
  updated_at_ms: number;
}
/** Only the SHA-256 of a token is kept. `scope`: `read` or `admin`. */
export interface TokenRow {
  id: string;
  sha256: string;
  name: string;
  scope: string;
  created_at_ms: number;
  last_used_at_ms: number | null;
  revoked_at_ms: number | null;
}
export interface AuditRow {
  id: string;
  at_ms: number;
  actor: string;
  action: string;
  outcome: string;
  detail_json: string;
}
export interface SettingRow {
  key: string;
  value_json: string;
  updated_at_ms: number;
}
/** A group of alert rules as it came over the API, YAML or JSON. */
export interface RuleGroupRow {
  name: string;
  source_text: string;
  updated_at_ms: number;
}
/** A channel, a route or an escalation ladder as it came over the API. Names differ within a kind. */
export interface DeliveryPartRow {
  kind: 'channel' | 'route' | 'ladder';
  name: string;
  /** Among those of its kind, from 0: the order in which routes and ladders are asked. */
  position: number;
  body_json: string;
  /** Later than that of any part before, so that every change shows in the sum. */
  updated_at_ms: number;
}
/** Who alone may do a piece of work, and until when by the database's clock. `token` grows with each change of hands. */
export interface LeaseRow {
  name: string;
  owner: string;
  expires_at_ms: number;
  token: number;
}
