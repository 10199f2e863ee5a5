import { keepChanges, type Stage } from './stage.ts';

/**
 * Drops what a silence covers or another alert explains; alerting tells it anew when that ends and the alert still fires. The end of an alert that was told is
 * told whatever covers it by then, so that nobody keeps waiting for it and no incident elsewhere stays open; the end of one that nobody heard of is not.
 */
export const silence: Stage = (parcels) =>
  parcels.flatMap((parcel) =>
    keepChanges(parcel, ({ kind, alert, wasNotified }) =>
      kind === 'resolved' ? wasNotified : !alert.silenced && alert.inhibitedBy === undefined,
    ),
  );
