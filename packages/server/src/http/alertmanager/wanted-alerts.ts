import { matchableLabels, type ActiveAlert, type AlertRoute, type Engine, type Labels } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { activeAlerts } from '../alert-view.ts';
import { receiversOfRoutes, type Receiver } from './alert-views.ts';
import { matchesAll, parseFilters } from './filter.ts';

/** What is asked of alerts, in Alertmanager's words. */
export interface AlertsQuery {
  readonly filter?: string | string[] | undefined;
  readonly active: boolean;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly unprocessed: boolean;
  readonly receiver?: string | undefined;
}

/** What Alertmanager's generated server takes for true; anything else is false. */
const TRUE = new Set(['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled']);
const flag = z
  .string()
  .default('true')
  .transform((text) => TRUE.has(text.toLowerCase()));

/** `unprocessed` is taken and changes nothing, as with Alertmanager. */
export const alertsQuery: z.ZodType<AlertsQuery> = z.object({
  filter: z.union([z.string(), z.array(z.string())]).optional(),
  active: flag,
  silenced: flag,
  inhibited: flag,
  unprocessed: flag,
  receiver: z.string().optional(),
});

/** An alert that was asked for, and the routes of it by which a wanted receiver hears. */
export interface WantedAlert {
  readonly alert: ActiveAlert;
  readonly labels: Labels;
  readonly routes: readonly AlertRoute[];
  readonly receivers: readonly Receiver[];
}

/** By Alertmanager's rules: what is both silenced and inhibited must be wanted as both; `active` is what is neither. */
function hasWantedState({ silenced, inhibitedBy }: ActiveAlert, query: AlertsQuery): boolean {
  if (!silenced && inhibitedBy === undefined) return query.active;
  return (query.silenced || !silenced) && (query.inhibited || inhibitedBy === undefined);
}

/**
 * Those that fire and were asked for, one at a time; `undefined` stands for one that was not, so that a walk through many can be interrupted.
 * @throws ApiProblem `parameter_invalid` | BellwetherError `query_invalid` before the first
 */
export function wantedAlerts(query: AlertsQuery, engine: Engine): Iterable<WantedAlert | undefined> {
  const filters = parseFilters(query.filter, engine);
  const { receiver = '' } = query;
  const ofReceiver = receiver === '' ? [] : parseFilters(`receiver=~${JSON.stringify(receiver)}`, engine);
  const { routing } = engine.notifying;
  /** Who hears by which routes, by their ids: alerts by the thousand take the same ones. */
  const known = new Map<string, Pick<WantedAlert, 'routes' | 'receivers'>>();
  const waysOf = (labels: Labels): Pick<WantedAlert, 'routes' | 'receivers'> => {
    const found = routing.find(labels);
    const key = found.map(({ id }) => id).join();
    const ways = known.get(key) ?? wantedWays(found);
    known.set(key, ways);
    return ways;
  };
  const isWantedReceiver = ({ name }: Receiver): boolean => ofReceiver.length === 0 || matchesAll(ofReceiver, { receiver: name });
  const wantedWays = (found: readonly AlertRoute[]): Pick<WantedAlert, 'routes' | 'receivers'> => ({
    routes: found.filter((route) => ofReceiver.length === 0 || receiversOfRoutes([route], engine).some(isWantedReceiver)),
    receivers: receiversOfRoutes(found, engine),
  });
  return walk();

  function* walk(): Generator<WantedAlert | undefined> {
    for (const alert of activeAlerts(engine)) {
      const labels = matchableLabels(alert);
      const isWanted = hasWantedState(alert, query) && matchesAll(filters, labels);
      const ways = isWanted ? waysOf(labels) : undefined;
      yield ways === undefined || (ofReceiver.length > 0 && ways.routes.length === 0) ? undefined : { alert, labels, ...ways };
    }
  }
}
