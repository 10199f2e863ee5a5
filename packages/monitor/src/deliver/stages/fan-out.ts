import { severityRank, type Severity } from '../../model/severity.ts';
import type { AlertChange } from '../../alerts/alerting.ts';
import { keepChanges, type PlanTarget, type Stage } from './stage.ts';

/** The most severe each alert has been since it fired: who heard of it at its worst hears how it goes on. */
export type WorstSeverities = Map<string, Severity>;

function isFor(change: AlertChange, target: PlanTarget, worst: Severity): boolean {
  if (target.escalationOnly === true && change.alert.escalationLevel === 0) return false;
  return severityRank(worst) >= severityRank(target.minimumSeverity ?? 'low');
}

/** One parcel for each channel that wants any of it. @param worst Kept up to date here; forgets alerts that resolved. */
export function fanOut(worst: WorstSeverities): Stage {
  return (parcels, { targets, routing }) => {
    for (const { alert } of parcels.flatMap((parcel) => parcel.changes)) {
      const before = worst.get(alert.id) ?? 'low';
      worst.set(alert.id, severityRank(alert.severity) > severityRank(before) ? alert.severity : before);
    }
    const sent = parcels.flatMap((parcel) => {
      const names = routing.channelsOf(parcel.route.receiver);
      const receiving = names === undefined ? targets : targets.filter(({ name }) => names.includes(name));
      return receiving.flatMap((target) =>
        keepChanges({ ...parcel, channel: target.name }, (change) => isFor(change, target, worst.get(change.alert.id) ?? 'low')),
      );
    });
    for (const { kind, alert } of parcels.flatMap((parcel) => parcel.changes)) if (kind === 'resolved') worst.delete(alert.id);
    return sent;
  };
}
