import type { AlertChange } from '../../alerts/alerting.ts';
import type { Stage } from './stage.ts';

/**
 * An alert whose severity changes may leave the groups and routes that it was told on, for matchers and `group_by` see severity as a label. There it ends, as
 * the alert with the old label does at Alertmanager; otherwise they would call it firing for ever. Where it stays, `dedupe` drops that end again. An alert that
 * is over ends where it was told last.
 */
export const move: Stage = (parcels) =>
  parcels.map((parcel) => ({
    ...parcel,
    changes: parcel.changes.flatMap((change): readonly AlertChange[] => {
      const { kind, alert, wasNotified, toldSeverity = alert.severity } = change;
      if (!wasNotified || toldSeverity === alert.severity) return [change];
      const ended: AlertChange = { ...change, kind: 'resolved', alert: { ...alert, severity: toldSeverity } };
      return kind === 'resolved' ? [ended] : [ended, change];
    }),
  }));
