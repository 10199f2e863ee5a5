import type { Severity } from '../../model/severity.ts';
import { isInside, type TimeInterval } from '../../model/time-interval.ts';
import { compileRoutes, type FindRoutes, type Route } from './route-tree.ts';

/** What a message waits for when it must not be told now. */
export interface MutedMessage {
  readonly channel: string;
  /** Of the route it came by. */
  readonly routeId: string;
  readonly severity: Severity;
}

/** Where alerts go and when nobody wants to hear of them. */
export interface Routing {
  readonly find: FindRoutes;
  /** Names of a receiver's channels; `undefined`: all there are. */
  readonly channelsOf: (receiver: string) => readonly string[] | undefined;
  /** Whether the message must wait at that moment. */
  readonly isMuted: (message: MutedMessage, atMs: number) => boolean;
}

export interface RoutingOptions {
  /** @default one route to all channels, with automatic groups */
  readonly root?: Route;
  /** Channels by receiver; a receiver that is not named is the channel of that name. */
  readonly receivers?: ReadonlyMap<string, readonly string[]>;
  /** What routes name in `muteTimes` and `activeTimes`. */
  readonly intervals?: ReadonlyMap<string, readonly TimeInterval[]>;
  /** Times in which a channel is told only of what is critical, by its name. */
  readonly quietHours?: ReadonlyMap<string, readonly TimeInterval[]>;
}

/** The receiver that is every channel. */
export const EVERYBODY = '';

export const DEFAULT_ROUTE: Route = {
  id: '0',
  receiver: EVERYBODY,
  matchers: [],
  continues: false,
  grouping: { kind: 'automatic' },
  muteTimes: [],
  activeTimes: [],
  routes: [],
};

function everyRoute(route: Route): readonly Route[] {
  return [route, ...route.routes.flatMap(everyRoute)];
}

/** @throws BellwetherError `query_invalid` | RangeError for a name of an interval that is not given. */
export function createRouting(options: RoutingOptions = {}): Routing {
  const { root = DEFAULT_ROUTE, receivers = new Map(), intervals = new Map(), quietHours = new Map() } = options;
  const routes = new Map(everyRoute(root).map((route) => [route.id, route]));
  for (const { muteTimes, activeTimes } of routes.values())
    for (const name of [...muteTimes, ...activeTimes])
      if (!intervals.has(name)) throw new RangeError(`a route names the time interval ${JSON.stringify(name)}, which does not exist`);
  const isNow = (names: readonly string[], atMs: number): boolean => names.some((name) => isInside(intervals.get(name) ?? [], atMs));
  return {
    find: compileRoutes(root),
    channelsOf: (receiver) => (receiver === EVERYBODY ? undefined : (receivers.get(receiver) ?? [receiver])),
    isMuted({ channel, routeId, severity }, atMs) {
      if (severity !== 'critical' && isInside(quietHours.get(channel) ?? [], atMs)) return true;
      const { muteTimes = [], activeTimes = [] } = routes.get(routeId) ?? {};
      return isNow(muteTimes, atMs) || (activeTimes.length > 0 && !isNow(activeTimes, atMs));
    },
  };
}
