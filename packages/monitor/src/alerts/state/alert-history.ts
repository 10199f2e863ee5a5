import type { Severity } from '../../model/severity.ts';
import type { Labels } from '../../model/labels.ts';
import type { StateStore } from '../../store/state-store.ts';
import type { AlertHistoryRow } from '../../store/state-tables.ts';
import type { AlertRecord, AlertTransition, RuleRecord } from '../alerting.ts';

export type Transition = AlertTransition['kind'];

/** What a transition leaves behind; `notifications` is the number of messages it caused. */
export interface TransitionDetail {
  readonly labels: Labels;
  readonly severity: Severity;
  readonly message: string;
  readonly cause?: AlertTransition['cause'];
  /** `null`: not a number. */
  readonly value?: number | null;
  readonly by?: string;
  readonly notifications?: number;
  readonly reason?: AlertTransition['reason'];
  readonly muted?: AlertTransition['muted'];
}

const MOST_FOLDED = 10_000;

interface Filter {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly metricName?: string;
  readonly limit: number;
  readonly offset?: number;
}

const RANK: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** The first acknowledgement that nobody has taken back. */
function acknowledgementOf<T extends { readonly row: AlertHistoryRow }>(details: readonly T[]): T | undefined {
  const takenBack = details.findLastIndex(({ row }) => row.transition === 'unacknowledged');
  return details.slice(takenBack + 1).find(({ row }) => row.transition === 'acknowledged');
}

/** One alert's transitions, oldest first, folded into a record. Severity and message are those of its worst moment. */
function recordOf(rows: readonly AlertHistoryRow[]): AlertRecord | undefined {
  const fired = rows.find((row) => row.transition === 'fired');
  if (fired === undefined) return undefined;
  const details = rows.map((row) => ({ row, detail: JSON.parse(row.detail_json) as TransitionDetail }));
  const told = details.filter(({ row }) => row.transition !== 'pending');
  const worst = told.reduce((a, b) => (RANK[b.detail.severity] > RANK[a.detail.severity] ? b : a)).detail;
  const acknowledged = acknowledgementOf(details);
  const resolved = rows.find((row) => row.transition === 'resolved');
  return {
    id: fired.alert_id,
    metricName: fired.rule,
    labels: worst.labels,
    severity: worst.severity,
    message: worst.message,
    firedAtMs: fired.at_ms,
    resolvedAtMs: resolved === undefined ? undefined : resolved.at_ms,
    acknowledgedAtMs: acknowledged === undefined ? undefined : acknowledged.row.at_ms,
    acknowledgedBy: acknowledged?.detail.by,
    notifications: details.reduce((total, { detail }) => total + (detail.notifications ?? 0), 0),
    transitions: details.map(({ row, detail }) => ({
      kind: row.transition as Transition,
      atMs: row.at_ms,
      severity: detail.severity,
      value: detail.value ?? undefined,
      cause: detail.cause,
      by: detail.by,
      reason: detail.reason,
      muted: detail.muted,
    })),
  };
}

/**
 * Alerts that fired at any time of the window, also those that began before it, newest first. Two indexed queries, which cost what
 * the window holds.
 */
export async function readHistory({ db }: StateStore, filter: Filter): Promise<readonly AlertRecord[]> {
  let query = db.selectFrom('alert_history').select('alert_id').where('transition', '=', 'fired');
  const { fromMs } = filter;
  if (fromMs !== undefined)
    query = query.where((row) => {
      const endedSince = row
        .selectFrom('alert_history as end')
        .select('end.alert_id')
        .where('end.transition', '=', 'resolved')
        .where('end.at_ms', '>=', fromMs);
      const active = row.selectFrom('alerts').select('alerts.id');
      return row.or([row('at_ms', '>=', fromMs), row('alert_id', 'in', endedSince), row('alert_id', 'in', active)]);
    });
  if (filter.toMs !== undefined) query = query.where('at_ms', '<=', filter.toMs);
  if (filter.metricName !== undefined) query = query.where('rule', '=', filter.metricName);
  const fired = await query
    .orderBy('at_ms', 'desc')
    .orderBy('alert_id')
    .limit(filter.limit)
    .offset(filter.offset ?? 0)
    .execute();
  if (fired.length === 0) return [];
  // One that was told once its silence ended fired twice.
  const ids = [...new Set(fired.map((row) => row.alert_id))];
  const rows = await db.selectFrom('alert_history').selectAll().where('alert_id', 'in', ids).orderBy('at_ms').execute();
  const byAlert = Map.groupBy(rows, (row) => row.alert_id);
  return ids.flatMap((id) => recordOf(byAlert.get(id) ?? []) ?? []);
}

/** Means by rule over the alerts that fired in the window, the newest 10,000 of them. One query more than `readHistory`, no row is folded twice. */
export async function readHistoryByRule(state: StateStore, window: Omit<Filter, 'limit' | 'offset'>): Promise<readonly RuleRecord[]> {
  const records = await readHistory(state, { ...window, limit: MOST_FOLDED });
  const byRule = Map.groupBy(records, (record) => record.metricName);
  return [...byRule]
    .map(([metricName, some]) => {
      const waits = some.flatMap(({ firedAtMs, acknowledgedAtMs }) =>
        acknowledgedAtMs === undefined ? [] : [acknowledgedAtMs - firedAtMs],
      );
      const lengths = some.flatMap(({ firedAtMs, resolvedAtMs }) => (resolvedAtMs === undefined ? [] : [resolvedAtMs - firedAtMs]));
      return {
        metricName,
        fired: some.length,
        acknowledged: waits.length,
        resolved: lengths.length,
        meanTimeToAcknowledgeMs: mean(waits),
        meanTimeToResolveMs: mean(lengths),
      };
    })
    .toSorted((a, b) => b.fired - a.fired || (a.metricName < b.metricName ? -1 : 1));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
