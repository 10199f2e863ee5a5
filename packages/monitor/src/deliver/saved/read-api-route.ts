import { BellwetherError, messageOf } from '../../base/errors.ts';
import type { IdSource } from '../../base/ids.ts';
import { parseTimeInterval, type TimeInterval } from '../../model/time-interval.ts';
import { YamlReader } from '../../rules/groups/yaml-reader.ts';
import { DEEPEST, readChildRoute } from '../routing/read-routing.ts';
import type { Route } from '../routing/route-tree.ts';

/** An id for a new route: unlike the places that routes of the file have in their tree, it stays when others come and go. */
export function newRouteId(ids: IdSource): string {
  return `api.${ids()}`;
}

/** What a route of the API may name. */
export interface KnownNames {
  readonly root: Route;
  /** Receivers of the file, channels included. */
  readonly receivers: ReadonlySet<string>;
  readonly channels: ReadonlySet<string>;
  readonly intervals: ReadonlySet<string>;
}

/** A route with what it brings along. */
export interface ApiRoute {
  readonly route: Route;
  /** Channels by receivers that exist for it alone. */
  readonly receivers: ReadonlyMap<string, readonly string[]>;
  /** Time intervals that stand in it, by names of their own. */
  readonly intervals: ReadonlyMap<string, readonly TimeInterval[]>;
  /** Names of channels that do not exist and were left out. */
  readonly missing: readonly string[];
}

type Written = Readonly<Record<string, unknown>>;

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(problem: string): never {
  throw new BellwetherError('config_invalid', `route: ${problem}`);
}

/**
 * Turns what only routes of the API have into what those of the file have: `channels` becomes a receiver named as the route, a time interval
 * that stands in the route one with a name.
 */
class Translation {
  readonly receivers = new Map<string, readonly string[]>();
  readonly intervals = new Map<string, readonly TimeInterval[]>();
  readonly missing: string[] = [];
  readonly #channels: ReadonlySet<string>;

  constructor(channels: ReadonlySet<string>) {
    this.#channels = channels;
  }

  written(value: unknown, id: string, depth = 2): unknown {
    if (depth > DEEPEST) return refuse(`routes may be nested ${DEEPEST} deep`);
    if (!isWritten(value)) return refuse('must be an object');
    const { channels, mute_time_intervals: mute, active_time_intervals: active, routes, ...rest } = value;
    return {
      ...rest,
      ...(channels === undefined ? {} : { receiver: this.#receiver(channels, id, rest['receiver']) }),
      ...(mute === undefined ? {} : { mute_time_intervals: this.#times(mute, `${id}/mute`) }),
      ...(active === undefined ? {} : { active_time_intervals: this.#times(active, `${id}/active`) }),
      ...(Array.isArray(routes)
        ? { routes: routes.map((child, position) => this.written(child, `${id}.${position}`, depth + 1)) }
        : { routes }),
    };
  }

  #receiver(channels: unknown, id: string, receiver: unknown): string {
    if (receiver !== undefined) refuse('has a receiver and channels; give one of the two');
    if (!Array.isArray(channels) || channels.length === 0 || channels.some((name) => typeof name !== 'string'))
      return refuse('channels must be a list of at least one name');
    const known = (channels as string[]).filter((name) => this.#channels.has(name));
    this.missing.push(...(channels as string[]).filter((name) => !this.#channels.has(name)));
    if (known.length === 0) refuse(missingChannels(this.missing, this.#channels));
    this.receivers.set(id, [...new Set(known)]);
    return id;
  }

  #times(list: unknown, prefix: string): unknown {
    if (!Array.isArray(list)) return refuse('time intervals must be a list of names and intervals');
    return list.map((one: unknown, position) => {
      if (!isWritten(one)) return one;
      const name = `${prefix}/${position}`;
      try {
        this.intervals.set(name, [parseTimeInterval(one)]);
      } catch (error) {
        return refuse(`${prefix.endsWith('mute') ? 'mute' : 'active'}_time_intervals[${position}]: ${messageOf(error)}`);
      }
      return name;
    });
  }
}

/** The sentence about channels that do not exist. */
export function missingChannels(missing: readonly string[], known: ReadonlySet<string>): string {
  const names = [...new Set(missing)].map((name) => JSON.stringify(name.slice(0, 64))).join(', ');
  return `there is no channel ${names}; there are: ${[...known].join(', ') || 'none'}`;
}

/**
 * Reads a route as the API takes it: the form of the configuration file, and `channels` in the place of a receiver, and time intervals in the
 * place of their names.
 * @param id Of the route: part of the keys of its groups.
 * @throws BellwetherError `config_invalid` that names the field and what is allowed
 */
export function readApiRoute(value: unknown, id: string, { root, receivers, channels, intervals }: KnownNames): ApiRoute {
  const translation = new Translation(channels);
  const written = translation.written(value, id);
  try {
    const route = readChildRoute(YamlReader.parse(JSON.stringify(written), ''), id, root, {
      receivers: new Set([...receivers, ...channels, ...translation.receivers.keys(), root.receiver]),
      intervals: new Set([...intervals, ...translation.intervals.keys()]),
    });
    return { route, receivers: translation.receivers, intervals: translation.intervals, missing: translation.missing };
  } catch (error) {
    // The text has one line, and no file.
    return refuse(messageOf(error).replace(/^:\d+: /, ''));
  }
}
