import { OWN_CHANNELS } from '../../alerts/escalation/ladder.ts';
import { severityRank, type Severity } from '../../model/severity.ts';
import type { AlertChange } from '../../alerts/alerting.ts';
import { CHANNEL_FAILING } from '../channel.ts';
import { keepChanges, type PlanTarget, type Stage } from './stage.ts';

/** The most severe each alert has been since it fired: who heard of it at its worst hears how it goes on. */
export type WorstSeverities = Map<string, Severity>;

interface Situation {
  readonly worst: Severity;
  /** Whether the alert's route leads to the channel. */
  readonly isOnRoute: boolean;
}

function isFor({ kind, alert }: AlertChange, target: PlanTarget, { worst, isOnRoute }: Situation): boolean {
  // That a channel fails is told on the others.
  if (alert.metricName === CHANNEL_FAILING && alert.labels['channel'] === target.name) return false;
  const { told = [], last = [] } = alert.climb ?? {};
  const named = kind === 'escalated' ? last : told;
  if (named.includes(target.name)) return true;
  if (kind === 'escalated' && !last.includes(OWN_CHANNELS)) return false;
  if (target.escalationOnly === true && !told.includes(OWN_CHANNELS)) return false;
  return isOnRoute && severityRank(worst) >= severityRank(target.minimumSeverity ?? 'low');
}

/**
 * One parcel for each channel that wants any of it: those its route leads to, and those that a step of the escalation ladder names, which hear
 * how it goes on, too.
 * @param worst Kept up to date here; forgets alerts that resolved.
 */
export function fanOut(worst: WorstSeverities): Stage {
  return (parcels, { targets, routing }) => {
    for (const { alert } of parcels.flatMap((parcel) => parcel.changes)) {
      const before = worst.get(alert.id) ?? 'low';
      worst.set(alert.id, severityRank(alert.severity) > severityRank(before) ? alert.severity : before);
    }
    const sent = parcels.flatMap((parcel) => {
      const names = routing.channelsOf(parcel.route.receiver);
      return targets.flatMap((target) => {
        const isOnRoute = names?.includes(target.name) ?? true;
        return keepChanges({ ...parcel, channel: target.name }, (change) =>
          isFor(change, target, { worst: worst.get(change.alert.id) ?? 'low', isOnRoute }),
        );
      });
    });
    const changes = parcels.flatMap((parcel) => parcel.changes);
    // One that leaves a group for another goes on.
    const goOn = new Set(changes.filter(({ kind }) => kind !== 'resolved').map(({ alert }) => alert.id));
    for (const { kind, alert } of changes) if (kind === 'resolved' && !goOn.has(alert.id)) worst.delete(alert.id);
    return sent;
  };
}
