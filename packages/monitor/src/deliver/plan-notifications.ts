import type { Clock } from '../base/clock.ts';
import type { IdSource } from '../base/ids.ts';
import type { AlertChange, PlannedNotification, PlanNotifications } from '../alerts/alerting.ts';
import { severityRank, type Severity } from '../model/severity.ts';
import type { Notification, NotifiedAlert } from './channel.ts';
import { dedupe } from './stages/dedupe.ts';
import { fanOut } from './stages/fan-out.ts';
import { group } from './stages/group.ts';
import { silence } from './stages/silence.ts';
import { pipeline, type Parcel, type PlanTarget } from './stages/stage.ts';
import { titleOf } from './title.ts';

export interface PlanOptions {
  readonly channels: readonly PlanTarget[];
  readonly clock: Clock;
  readonly ids: IdSource;
}

const REASONS: Readonly<Record<AlertChange['kind'], Notification['reason']>> = {
  escalated: 'escalated',
  fired: 'new',
  changed: 'changed',
  resolved: 'resolved',
};

function notified({ kind, alert, atMs }: AlertChange): NotifiedAlert {
  const { id, metricName, labels, severity, message, threshold, currentValue, firedAtMs } = alert;
  const isOver = kind === 'resolved';
  return {
    id,
    metricName,
    labels,
    severity,
    message,
    threshold,
    currentValue,
    status: isOver ? 'resolved' : 'firing',
    firedAtMs,
    resolvedAtMs: isOver ? atMs : undefined,
  };
}

/** The most severe of those that fire, or of all when none does. */
export function severityOf(alerts: readonly NotifiedAlert[]): Severity {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  return (firing.length > 0 ? firing : alerts).reduce<Severity>(
    (worst, { severity }) => (severityRank(severity) > severityRank(worst) ? severity : worst),
    'low',
  );
}

function planned(parcel: Parcel, id: string, nowMs: number): PlannedNotification {
  const alerts = parcel.changes.map(notified);
  const kinds = new Set(parcel.changes.map((change) => change.kind));
  const reason = (Object.keys(REASONS) as AlertChange['kind'][]).find((kind) => kinds.has(kind)) ?? 'fired';
  const notification: Notification = {
    id,
    groupKey: parcel.groupKey,
    title: titleOf({ alerts, reason: REASONS[reason] }, parcel.subject),
    severity: severityOf(alerts),
    status: alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved',
    reason: REASONS[reason],
    alerts,
    createdAtMs: nowMs,
    deliveredLate: false,
  };
  const row: PlannedNotification['row'] = {
    id,
    channel: parcel.channel ?? '',
    // An escalation must not wait with what its group holds back.
    group_key: notification.reason === 'escalated' ? `${parcel.groupKey}#escalation` : parcel.groupKey,
    payload_json: JSON.stringify(notification),
    status: 'waiting',
    attempts: 0,
    next_attempt_at_ms: nowMs,
    created_at_ms: nowMs,
    delivered_at_ms: null,
    last_error: null,
  };
  return { row, alertIds: alerts.map((alert) => alert.id) };
}

/**
 * What stands between changed alerts and the outbox, as one list of stages; flapping is damped later, by what the channel was really told.
 * The result remembers how severe each alert has been, so it is made once an engine.
 */
export function createPlan({ channels, clock, ids }: PlanOptions): PlanNotifications {
  const stages = pipeline(group, silence, dedupe, fanOut(new Map()));
  return (changes) => {
    const nowMs = clock.nowMs();
    if (changes.length === 0 || channels.length === 0) return [];
    const all: Parcel = { channel: undefined, groupKey: '', subject: '', changes };
    return stages([all], { targets: channels }).map((parcel) => planned(parcel, ids(), nowMs));
  };
}
