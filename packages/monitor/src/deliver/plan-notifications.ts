import type { Clock } from '../base/clock.ts';
import { NO_LABELS } from '../model/labels.ts';
import type { IdSource } from '../base/ids.ts';
import type { AlertChange, PlannedNotification, PlanNotifications } from '../alerts/alerting.ts';
import type { GroupOrigin, Notification, NotifiedAlert } from './channel.ts';
import { followUpKey } from './outbox/outbox.ts';
import { severityOf } from './notification-view.ts';
import { dedupe } from './stages/dedupe.ts';
import { escalate } from './stages/escalate.ts';
import { fanOut } from './stages/fan-out.ts';
import type { Pace } from './outbox/stored-notification.ts';
import type { Route } from './routing/route-tree.ts';
import { DEFAULT_ROUTE, EVERYBODY, type Routing } from './routing/routing.ts';
import { group } from './stages/group.ts';
import { move } from './stages/move.ts';
import { route } from './stages/route.ts';
import { silence } from './stages/silence.ts';
import { pipeline, THIS_HOST, type Home, type Parcel, type PlanTarget } from './stages/stage.ts';
import { titleOf } from './title.ts';

/** Where alerts may go. */
export interface PlanSettings {
  readonly channels: readonly PlanTarget[];
  readonly routing: Routing;
}

export interface PlanOptions {
  /** Asked at each plan: settings may change. */
  readonly settings: () => PlanSettings;
  /** @default this host, which shares with nobody */
  readonly home?: Home;
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
  const { id, metricName, labels, severity, message, threshold, currentValue, firedAtMs, activeAtMs = firedAtMs, annotations } = alert;
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
    ...(activeAtMs < firedAtMs ? { activeAtMs } : {}),
    resolvedAtMs: isOver ? atMs : undefined,
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function paceOf({ grouping }: Route): { readonly pace?: Pace } {
  if (grouping.kind === 'automatic') return {};
  const { waitMs, intervalMs, repeatMs } = grouping;
  return { pace: { waitMs, intervalMs, repeatMs } };
}

function originOf({ route: { receiver }, channel = '', groupLabels: labels }: Parcel): GroupOrigin {
  return { receiver: receiver === EVERYBODY ? channel : receiver, labels };
}

function planned(parcel: Parcel, id: string, nowMs: number): PlannedNotification {
  const alerts = parcel.changes.map(notified);
  const kinds = new Set(parcel.changes.map((change) => change.kind));
  const reason = (Object.keys(REASONS) as AlertChange['kind'][]).find((kind) => kinds.has(kind)) ?? 'fired';
  const notification: Notification = {
    id,
    groupKey: parcel.groupKey,
    origin: originOf(parcel),
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
    group_key: notification.reason === 'escalated' ? followUpKey(parcel.groupKey, 'escalation') : parcel.groupKey,
    payload_json: JSON.stringify({ ...notification, ...paceOf(parcel.route), routeId: parcel.route.id }),
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
export function createPlan({ settings, home = THIS_HOST, clock, ids }: PlanOptions): PlanNotifications {
  const stages = pipeline(silence, move, route, group, dedupe, fanOut(new Map()), escalate);
  return (changes) => {
    const { channels, routing } = settings();
    const nowMs = clock.nowMs();
    if (changes.length === 0 || channels.length === 0) return [];
    const all: Parcel = { channel: undefined, route: DEFAULT_ROUTE, groupKey: '', subject: '', groupLabels: NO_LABELS, changes };
    return stages([all], { targets: channels, routing, home }).map((parcel) => planned(parcel, ids(), nowMs));
  };
}
