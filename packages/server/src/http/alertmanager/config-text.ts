import { EVERYBODY, type AlertRoute, type DeliveryConfig, type Matcher } from '@bellwether/monitor/engine';

const ALL_CHANNELS = 'all channels';
const receiverName = (receiver: string): string => (receiver === EVERYBODY ? ALL_CHANNELS : receiver);
const matcherText = ({ label, op, value }: Matcher): string => `${label}${op}${JSON.stringify(value)}`;

function routeView(route: AlertRoute): object {
  const { receiver, matchers, continues, grouping, muteTimes, activeTimes, routes } = route;
  return {
    receiver: receiverName(receiver),
    ...(matchers.length === 0 ? {} : { matchers: matchers.map(matcherText) }),
    ...(continues ? { continue: true } : {}),
    ...(grouping.kind === 'automatic'
      ? {}
      : {
          group_by: grouping.by === 'all' ? ['...'] : grouping.by,
          group_wait: `${grouping.waitMs}ms`,
          group_interval: `${grouping.intervalMs}ms`,
          repeat_interval: `${grouping.repeatMs}ms`,
        }),
    ...(muteTimes.length === 0 ? {} : { mute_time_intervals: muteTimes }),
    ...(activeTimes.length === 0 ? {} : { active_time_intervals: activeTimes }),
    ...(routes.length === 0 ? {} : { routes: routes.map(routeView) }),
  };
}

function namesOf(route: AlertRoute): readonly string[] {
  return [receiverName(route.receiver), ...route.routes.flatMap(namesOf)];
}

/**
 * The routes at work as a configuration that Alertmanager's tools read (JSON is YAML). What receivers send to is left out, since it holds
 * secrets, and so are the hours of time intervals.
 */
export function configText({ routing }: DeliveryConfig, root: AlertRoute): string {
  const names = new Set([...namesOf(root), ...(routing.receivers?.keys() ?? [])]);
  const intervals = [...(routing.intervals?.keys() ?? [])];
  const config = {
    route: routeView(root),
    receivers: [...names].map((name) => ({ name })),
    ...(intervals.length === 0 ? {} : { time_intervals: intervals.map((name) => ({ name, time_intervals: [] })) }),
  };
  return `# As it is at work. Addresses of receivers and hours of time intervals are left out.\n${JSON.stringify(config, undefined, 2)}\n`;
}
