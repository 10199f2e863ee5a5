import { keepChanges, type Stage } from './stage.ts';

/**
 * What nobody took goes by itself. It leaves at once, and what it carried along would overtake the news of the group that is held back: an end that is told
 * before its beginning is forgotten.
 */
export const escalate: Stage = (parcels) =>
  parcels.flatMap((parcel) => [
    ...keepChanges(parcel, ({ kind }) => kind !== 'escalated'),
    ...keepChanges(parcel, ({ kind }) => kind === 'escalated'),
  ]);
