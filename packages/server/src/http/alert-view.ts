import {
  severityBreakdown,
  type ActiveAlert,
  type AlertRecord as EngineRecord,
  type RuleRecord as EngineRuleRecord,
  type Labels,
  type Severity,
} from '@bellwether/monitor/engine';
import type { Alert, AlertHistory, AlertList, AlertRecord, RuleRecord } from '../api-types.ts';
import { isoTime, isoTimeOrNull } from './time-view.ts';

/** Alerts of one instance; all when `instance` is absent. */
export function ofInstance<T extends { readonly labels: Labels }>(items: readonly T[], instance: string | undefined): readonly T[] {
  return instance === undefined ? items : items.filter((item) => (item.labels['instance'] ?? '') === instance);
}

export function alertView(alert: ActiveAlert): Alert {
  return {
    id: alert.id,
    metric_name: alert.metricName,
    threshold: alert.threshold,
    current_value: Number.isFinite(alert.currentValue) ? alert.currentValue : 0,
    severity: alert.severity,
    message: alert.message,
    timestamp: isoTime(alert.firedAtMs),
    labels: alert.labels,
    cause: alert.cause,
    updated_at: isoTime(alert.updatedAtMs),
    acknowledged_by: alert.acknowledgedBy ?? null,
    silenced: alert.silenced,
    inhibited_by: alert.inhibitedBy ?? null,
    escalation_level: alert.escalationLevel,
  };
}

export interface AlertPage {
  /** Lists only these. */
  readonly severity?: Severity | undefined;
  /** @default all */
  readonly limit?: number;
  /** @default 0 */
  readonly offset?: number;
}

/** A page; the breakdown covers all. */
export function alertListView(all: readonly ActiveAlert[], { severity, limit = all.length, offset = 0 }: AlertPage = {}): AlertList {
  const wanted = severity === undefined ? all : all.filter((alert) => alert.severity === severity);
  const listed = wanted.slice(offset, offset + limit);
  return {
    alerts: listed.map(alertView),
    count: listed.length,
    severity_breakdown: severityBreakdown(all.map((alert) => alert.severity)),
  };
}

function recordView(record: EngineRecord): AlertRecord {
  return {
    id: record.id,
    metric_name: record.metricName,
    labels: record.labels,
    severity: record.severity,
    message: record.message,
    fired_at: isoTime(record.firedAtMs),
    resolved_at: isoTimeOrNull(record.resolvedAtMs),
    resolution_seconds: record.resolvedAtMs === undefined ? null : (record.resolvedAtMs - record.firedAtMs) / 1000,
    acknowledged_at: isoTimeOrNull(record.acknowledgedAtMs),
    acknowledged_by: record.acknowledgedBy ?? null,
    notifications: record.notifications,
    transitions: record.transitions.map((transition) => ({
      kind: transition.kind,
      at: isoTime(transition.atMs),
      severity: transition.severity,
      value: transition.value ?? null,
      cause: transition.cause ?? null,
      by: transition.by ?? null,
      reason: transition.reason ?? null,
    })),
  };
}

function ruleRecordView(rule: EngineRuleRecord): RuleRecord {
  const { metricName, fired, acknowledged, resolved, meanTimeToAcknowledgeMs, meanTimeToResolveMs } = rule;
  return {
    metric_name: metricName,
    fired,
    acknowledged,
    resolved,
    mean_time_to_acknowledge_seconds: secondsOrNull(meanTimeToAcknowledgeMs),
    mean_time_to_resolve_seconds: secondsOrNull(meanTimeToResolveMs),
  };
}

function secondsOrNull(durationMs: number | undefined): number | null {
  return durationMs === undefined ? null : Math.round(durationMs / 100) / 10;
}

export function alertHistoryView(records: readonly EngineRecord[], rules: readonly EngineRuleRecord[]): AlertHistory {
  const alerts = records.map(recordView);
  const times = alerts.flatMap((alert) => alert.resolution_seconds ?? []);
  const total = times.reduce((sum, seconds) => sum + seconds, 0);
  return {
    alerts,
    rules: rules.map(ruleRecordView),
    count: alerts.length,
    average_resolution_seconds: times.length === 0 ? null : Math.round((total / times.length) * 10) / 10,
  };
}
