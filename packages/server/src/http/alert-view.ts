import {
  type ActiveAlert,
  type Alerting,
  type AlertRecord as EngineRecord,
  type RuleRecord as EngineRuleRecord,
  type Engine,
  type Labels,
  type Severity,
  type SeverityBreakdown,
} from '@bellwether/monitor/engine';
import type { Alert, AlertHistory, AlertRecord, RuleRecord } from '../api-types.ts';
import { isoTime, isoTimeOrNull } from './time-view.ts';

/** Items of one instance; all when `instance` is absent. */
export function ofInstance<T extends { readonly labels: Labels }>(items: readonly T[], instance: string | undefined): readonly T[] {
  return instance === undefined ? items : items.filter((item) => isOfInstance(item, instance));
}

export function isOfInstance({ labels }: { readonly labels: Labels }, instance: string): boolean {
  return (labels['instance'] ?? '') === instance;
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
    silenced_by: alert.silencedBy,
    inhibited_by: alert.inhibitedBy ?? null,
    escalation_level: alert.escalationLevel,
  };
}

/** Those that fire, most severe first, then newest: each is made when it is asked for. */
export function* activeAlerts(
  { alerting }: Pick<Engine, 'alerting'>,
  window?: Parameters<Alerting['activeIds']>[0],
): Generator<ActiveAlert> {
  for (const id of alerting.activeIds(window)) {
    const alert = alerting.activeAlert(id);
    if (alert !== undefined) yield alert;
  }
}

/** How many fire, by severity: of one instance, which goes through all of them, or of all. */
export function activeCounts(engine: Pick<Engine, 'alerting'>, instance: string | undefined): SeverityBreakdown {
  if (instance === undefined) return engine.alerting.activeCounts;
  const counts = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const alert of activeAlerts(engine)) if (isOfInstance(alert, instance)) counts[alert.severity]++;
  return counts;
}

export interface WantedAlerts {
  /** Lists only these. */
  readonly severity?: Severity | undefined;
  readonly limit: number;
  readonly offset: number;
  /** Lists only what fits. @default all */
  readonly fits?: ((alert: ActiveAlert) => boolean) | undefined;
}

/** A page of those that fire, and how many fit on all pages. Costs the page, unless a condition makes it go through all of them. */
export function alertPage(
  engine: Pick<Engine, 'alerting'>,
  { severity, limit, offset, fits }: WantedAlerts,
): { readonly alerts: readonly ActiveAlert[]; readonly total: number } {
  const { alerting } = engine;
  if (fits === undefined) {
    const ids = alerting.activeIds({ severity });
    return { alerts: ids.slice(offset, offset + limit).flatMap((id) => alerting.activeAlert(id) ?? []), total: ids.length };
  }
  const alerts: ActiveAlert[] = [];
  let total = 0;
  for (const alert of activeAlerts(engine, { severity })) {
    if (!fits(alert)) continue;
    if (total >= offset && alerts.length < limit) alerts.push(alert);
    total++;
  }
  return { alerts, total };
}

/** The list of the contract as an answer of any length. */
export function* alertListPieces(
  engine: Pick<Engine, 'alerting' | 'clock'>,
  { instance, severity, offset, limit }: Omit<WantedAlerts, 'fits'> & { readonly instance: string | undefined },
): Generator<string> {
  let count = 0;
  let left = instance === undefined ? 0 : offset;
  yield '{"status":"success","data":{"alerts":[';
  for (const alert of activeAlerts(engine, instance === undefined ? { severity, offset } : { severity })) {
    if (count === limit) break;
    const isListed = (instance === undefined || isOfInstance(alert, instance)) && left-- <= 0;
    yield isListed ? (count++ === 0 ? '' : ',') + JSON.stringify(alertView(alert)) : '';
  }
  const breakdown = JSON.stringify(activeCounts(engine, instance));
  yield `],"count":${count},"severity_breakdown":${breakdown}},"timestamp":"${isoTime(engine.clock.nowMs())}"}`;
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
