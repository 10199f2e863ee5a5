import type { AlertChange } from '../../alerts/alerting.ts';
import { keepChanges, type Stage } from './stage.ts';

/** Keeps the last change of each alert: an evaluation that says two things of one alert sends the later. */
export const dedupe: Stage = (parcels) =>
  parcels.flatMap((parcel) => {
    const last = new Map<string, AlertChange>(parcel.changes.map((change) => [change.alert.id, change]));
    return keepChanges(parcel, (change) => last.get(change.alert.id) === change);
  });
