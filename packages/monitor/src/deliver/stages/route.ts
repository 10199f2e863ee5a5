import { matchableLabels } from '../../alerts/mutes/silences.ts';
import type { AlertChange } from '../../alerts/alerting.ts';
import type { Route } from '../routing/route-tree.ts';
import type { Stage } from './stage.ts';

/** One parcel for each route that any of the alerts goes by. */
export const route: Stage = (parcels, { routing }) =>
  parcels.flatMap((parcel) => {
    const byRoute = new Map<Route, AlertChange[]>();
    for (const change of parcel.changes)
      for (const found of routing.find(matchableLabels(change.alert))) {
        const changes = byRoute.get(found);
        if (changes === undefined) byRoute.set(found, [change]);
        else changes.push(change);
      }
    return [...byRoute].map(([found, changes]) => ({ ...parcel, route: found, changes }));
  });
