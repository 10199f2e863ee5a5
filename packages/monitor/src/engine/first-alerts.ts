import type { ActiveAlert, Alerting } from '../alerts/alerting.ts';
import type { SeverityBreakdown } from '../model/severity.ts';

/** Alerts that a live frame shows. */
export const ALERTS_IN_FRAME = 200;

/** What people see first of the alerts that fire, however many there are. */
export interface FirstAlerts {
  /** The first of them, most severe first, then newest. */
  readonly alerts: readonly ActiveAlert[];
  /** How many fire, by severity: all of them. */
  readonly alertCounts: SeverityBreakdown;
}

export function firstAlerts(alerting: Pick<Alerting, 'activeIds' | 'activeAlert' | 'activeCounts'>, limit: number): FirstAlerts {
  const ids = alerting.activeIds().slice(0, limit);
  return { alerts: ids.flatMap((id) => alerting.activeAlert(id) ?? []), alertCounts: alerting.activeCounts };
}
