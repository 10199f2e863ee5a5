/**
 * What decides who hears of what: the configuration file, and on top of it what was saved over the API.
 *
 * The file never depends on what was saved: it wins where both have a name, its routes are asked first, and nothing that was saved can keep a
 * server from starting or a file from being taken. What was saved and does not fit the file, or no longer, is left out and told with its problem,
 * or works as far as it can: a route or a step loses the channels that are gone and keeps the others. Pure.
 */
import { DEFAULT_LADDER, type NamedLadder } from '../../alerts/escalation/ladder.ts';
import { BellwetherError } from '../../base/errors.ts';
import { parseChannel, type ChannelConfig } from '../channels/channel-config.ts';
import type { DeliveryConfig } from '../delivery-config.ts';
import { parseLadder } from '../routing/parse-ladders.ts';
import type { Route } from '../routing/route-tree.ts';
import { DEFAULT_ROUTE } from '../routing/routing.ts';
import type { DeliveryPart, DeliveryParts, PartKind } from './delivery-parts.ts';
import { shadowedByFile } from './edit-parts.ts';
import { missingChannels, readApiRoute, type KnownNames } from './read-api-route.ts';
import { checkReferences } from './secret-fields.ts';
import { codedProblem } from './unmade-channel.ts';

/** File and API together. */
export interface CombinedDelivery {
  /** As the file's, with the root of its routes given. */
  readonly config: DeliveryConfig;
  /** Names of channels that come from the API. */
  readonly ofApi: ReadonlySet<string>;
  /** What does not work as it was saved, by kind and name. */
  readonly problems: Readonly<Record<PartKind, ReadonlyMap<string, BellwetherError>>>;
}

/** Names that the API cannot have, by kind. */
export function fileNames(file: DeliveryConfig): Readonly<Record<PartKind, ReadonlySet<string>>> {
  const ids = (route: Route): readonly string[] => [route.id, ...route.routes.flatMap(ids)];
  return {
    channel: new Set(file.channels.map(({ name }) => name)),
    route: new Set(ids(file.routing.root ?? DEFAULT_ROUTE)),
    ladder: new Set([...file.ladders.map(({ name }) => name), DEFAULT_LADDER.name]),
  };
}

type Problems = Map<string, BellwetherError>;

/** Reads each part; one that cannot be read, or whose name the file has, yields nothing but its problem. */
function readEach<T>(
  parts: readonly DeliveryPart[],
  { taken, problems, kind }: { readonly taken: ReadonlySet<string>; readonly problems: Problems; readonly kind: PartKind },
  read: (part: DeliveryPart) => T,
): readonly T[] {
  return parts.flatMap((part) => {
    try {
      if (taken.has(part.name)) throw shadowedByFile(kind, part.name);
      return [read(part)];
    } catch (error) {
      problems.set(part.name, codedProblem(error));
      return [];
    }
  });
}

/** One that cannot be read still has a place, so that what waits for it goes on waiting and who names it does not lose it. */
function apiChannel({ name, body }: DeliveryPart, problems: Problems): ChannelConfig {
  try {
    const config = parseChannel({ ...(body as object), name }, 0);
    checkReferences(config);
    return config;
  } catch (error) {
    problems.set(name, codedProblem(error));
    return { name, kind: 'webhook', url: '' };
  }
}

function apiLadder({ name, body }: DeliveryPart, channels: ReadonlySet<string>, problems: Problems): NamedLadder {
  const ladder = parseLadder({ ...(body as object), name }, undefined);
  const missing = ladder.steps.flatMap((step) => step.channels ?? []).filter((channel) => !channels.has(channel));
  if (missing.length === 0) return ladder;
  problems.set(name, new BellwetherError('config_invalid', `escalation: ${missingChannels(missing, channels)}`));
  const steps = ladder.steps.map(({ afterMs, channels: named = [] }) => {
    const known = named.filter((channel) => channels.has(channel));
    // Nobody of those it names is there: better those of the alert than nobody.
    return known.length === 0 ? { afterMs } : { afterMs, channels: known };
  });
  return { ...ladder, steps };
}

/** Those that take every alert come last: the file's would leave none to the API's. */
function inOrder(ofFile: readonly NamedLadder[], ofApi: readonly NamedLadder[]): readonly NamedLadder[] {
  const all = [...ofFile, ...ofApi];
  return [...all.filter(({ matchers }) => matchers.length > 0), ...all.filter(({ matchers }) => matchers.length === 0)];
}

function withRoutes(
  { routing }: DeliveryConfig,
  parts: readonly DeliveryPart[],
  {
    channels,
    problems,
    taken,
  }: { readonly channels: ReadonlySet<string>; readonly problems: Problems; readonly taken: ReadonlySet<string> },
): DeliveryConfig['routing'] {
  const { root = DEFAULT_ROUTE, receivers = new Map<string, never>(), intervals = new Map<string, never>() } = routing;
  const known: KnownNames = { root, channels, receivers: new Set(receivers.keys()), intervals: new Set(intervals.keys()) };
  const read = readEach(parts, { taken, problems, kind: 'route' }, ({ name, body }) => {
    const route = readApiRoute(body, name, known);
    if (route.missing.length > 0)
      problems.set(name, new BellwetherError('config_invalid', `route: ${missingChannels(route.missing, channels)}`));
    return route;
  });
  return {
    ...routing,
    root: { ...root, routes: [...root.routes, ...read.map(({ route }) => route)] },
    receivers: new Map([...receivers, ...read.flatMap((one) => [...one.receivers])]),
    intervals: new Map([...intervals, ...read.flatMap((one) => [...one.intervals])]),
  };
}

/** Never throws: see `problems`. */
export function combineDelivery(file: DeliveryConfig, parts: DeliveryParts): CombinedDelivery {
  const taken = fileNames(file);
  const problems = { channel: new Map(), route: new Map(), ladder: new Map() } satisfies Record<PartKind, Problems>;
  const ofApi = readEach(parts.channel, { taken: taken.channel, problems: problems.channel, kind: 'channel' }, (part) =>
    apiChannel(part, problems.channel),
  );
  const channels = [...file.channels, ...ofApi];
  const names = new Set(channels.map(({ name }) => name));
  const ladders = readEach(parts.ladder, { taken: taken.ladder, problems: problems.ladder, kind: 'ladder' }, (part) =>
    apiLadder(part, names, problems.ladder),
  );
  return {
    config: {
      ...file,
      channels,
      ladders: inOrder(file.ladders, ladders),
      routing: withRoutes(file, parts.route, { channels: names, problems: problems.route, taken: taken.route }),
    },
    ofApi: new Set(ofApi.map(({ name }) => name)),
    problems,
  };
}
