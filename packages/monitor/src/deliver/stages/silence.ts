import { keepChanges, type Stage } from './stage.ts';

/**
 * Drops what a silence covers or another alert explains; alerting tells it anew when that ends and the alert still fires. Drops the end of an alert that nobody
 * heard of, too.
 */
export const silence: Stage = (parcels) =>
  parcels.flatMap((parcel) =>
    keepChanges(
      parcel,
      ({ kind, alert, wasNotified }) => !alert.silenced && alert.inhibitedBy === undefined && (kind !== 'resolved' || wasNotified),
    ),
  );
