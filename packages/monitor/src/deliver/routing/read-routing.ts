import { messageOf } from '../../base/errors.ts';
import type { InhibitRule } from '../../alerts/mutes/inhibition.ts';
import { parseTimeInterval, type TimeInterval } from '../../model/time-interval.ts';
import type { YamlReader } from '../../rules/groups/yaml-reader.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import type { Matcher } from '../../store/sample-store.ts';
import { parseMatchers } from './parse-matchers.ts';
import type { Grouping, Route } from './route-tree.ts';

const ROUTE_FIELDS = [
  'receiver',
  'matchers',
  'match',
  'match_re',
  'continue',
  'group_by',
  'group_wait',
  'group_interval',
  'repeat_interval',
  'mute_time_intervals',
  'active_time_intervals',
  'routes',
] as const;

/** What a node of the tree hands down to its children. */
interface Inherited {
  readonly id: string;
  readonly receiver: string | undefined;
  readonly grouping: Grouping;
}

/** How deep routes may be nested. */
export const DEEPEST = 20;
const DEFAULT_TIMES = { waitMs: 30_000, intervalMs: 300_000, repeatMs: 14_400_000 };

/** As Alertmanager groups when nothing else is said: all alerts of a route in one group. */
export const ALERTMANAGER_GROUPING: Grouping = { kind: 'labels', by: [], ...DEFAULT_TIMES };

/** Does `read` and tells its problem with the line. */
function at<T>(reader: YamlReader, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return reader.refuse(messageOf(error));
  }
}

function matcherOf(reader: YamlReader, label: string, op: '=' | '=~'): Matcher {
  const matcher: Matcher = { label, op, value: reader.text('') };
  at(reader, () => compileMatcher(matcher));
  return matcher;
}

/** Matchers in the three forms that Alertmanager knows. */
function matchersOf(lists: {
  readonly matchers: YamlReader;
  readonly match: YamlReader;
  readonly match_re: YamlReader;
}): readonly Matcher[] {
  const { matchers, match, match_re } = lists;
  const texts = matchers.isAbsent ? [] : matchers.scalar === undefined ? matchers.items() : [matchers];
  return [
    ...texts.flatMap((reader) => at(reader, () => parseMatchers(reader.text()))),
    ...[...match.members()].map(([label, reader]) => matcherOf(reader, label, '=')),
    ...[...match_re.members()].map(([label, reader]) => matcherOf(reader, label, '=~')),
  ];
}

function groupingOf(given: Readonly<Record<(typeof ROUTE_FIELDS)[number], YamlReader>>, inherited: Grouping): Grouping {
  const { group_by, group_wait, group_interval, repeat_interval } = given;
  if ([group_by, group_wait, group_interval, repeat_interval].every(({ isAbsent }) => isAbsent)) return inherited;
  const base = inherited.kind === 'labels' ? inherited : { ...DEFAULT_TIMES, by: [] };
  const own = group_by.isAbsent ? [] : group_by.items().map((reader) => reader.text());
  // An empty list is handed down like an absent one, as Alertmanager does.
  const names = own.length === 0 ? base.by : own;
  const repeatMs = repeat_interval.durationMs(base.repeatMs);
  if (repeatMs <= 0) repeat_interval.refuse('must be longer than 0');
  const intervalMs = group_interval.durationMs(base.intervalMs);
  if (intervalMs <= 0) group_interval.refuse('must be longer than 0');
  return {
    kind: 'labels',
    by: names !== 'all' && names.includes('...') ? 'all' : names,
    waitMs: group_wait.durationMs(base.waitMs),
    intervalMs,
    repeatMs,
  };
}

const textsOf = (reader: YamlReader): readonly string[] => reader.items().map((item) => item.text());

export interface RouteSurroundings {
  /** Of the root, when it says nothing. */
  readonly grouping: Grouping;
  readonly receivers: ReadonlySet<string>;
  readonly intervals: ReadonlySet<string>;
}

function checkNames(reader: YamlReader, known: ReadonlySet<string>, what: string): void {
  for (const item of reader.items())
    if (!known.has(item.text()))
      item.refuse(`there is no ${what} ${JSON.stringify(item.text())}; there are: ${[...known].join(', ') || 'none'}`);
}

function readNode(reader: YamlReader, inherited: Inherited, surroundings: RouteSurroundings): Route {
  const given = reader.object(ROUTE_FIELDS);
  const depth = inherited.id.split('.').length;
  if (depth > DEEPEST) reader.refuse(`routes may be nested ${DEEPEST} deep`);
  const receiver = given.receiver.isAbsent ? inherited.receiver : given.receiver.text();
  if (receiver === undefined) return reader.refuse('the first route needs a receiver');
  if (!surroundings.receivers.has(receiver))
    given.receiver.refuse(
      `there is no receiver ${JSON.stringify(receiver)}; there are: ${[...surroundings.receivers].join(', ') || 'none'}`,
    );
  for (const times of [given.mute_time_intervals, given.active_time_intervals]) checkNames(times, surroundings.intervals, 'time interval');
  const matchers = matchersOf(given);
  if (depth === 1 && matchers.length > 0) reader.refuse('the first route takes every alert and must have no matchers');
  const grouping = groupingOf(given, inherited.grouping);
  return {
    id: inherited.id,
    receiver,
    matchers,
    continues: given.continue.boolean(false),
    grouping,
    muteTimes: textsOf(given.mute_time_intervals),
    activeTimes: textsOf(given.active_time_intervals),
    routes: given.routes
      .items()
      .map((child, position) => readNode(child, { id: `${inherited.id}.${position}`, receiver, grouping }, surroundings)),
  };
}

/** Reads a tree of routes as Alertmanager writes it. @throws BellwetherError `rule_invalid` with file, line and what is allowed */
export function readRoutes(reader: YamlReader, surroundings: RouteSurroundings): Route {
  return readNode(reader, { id: '0', receiver: undefined, grouping: surroundings.grouping }, surroundings);
}

/** Reads a route that stands below a root which is known. @param id Not that of any route of the tree. @throws as `readRoutes` */
export function readChildRoute(reader: YamlReader, id: string, root: Route, surroundings: Omit<RouteSurroundings, 'grouping'>): Route {
  return readNode(reader, { id, receiver: root.receiver, grouping: root.grouping }, { ...surroundings, grouping: root.grouping });
}

const INHIBIT_FIELDS = [
  'source_matchers',
  'source_match',
  'source_match_re',
  'target_matchers',
  'target_match',
  'target_match_re',
  'equal',
  'name',
] as const;

/** Reads `inhibit_rules`. @throws BellwetherError `rule_invalid` with file, line and what is allowed */
export function readInhibitRules(reader: YamlReader): readonly InhibitRule[] {
  return reader.items().map((item) => {
    const given = item.object(INHIBIT_FIELDS);
    const source = matchersOf({ matchers: given.source_matchers, match: given.source_match, match_re: given.source_match_re });
    const target = matchersOf({ matchers: given.target_matchers, match: given.target_match, match_re: given.target_match_re });
    if (source.length === 0 || target.length === 0) item.refuse('needs source_matchers and target_matchers');
    return { source, target, equal: textsOf(given.equal) };
  });
}

/** Reads named `time_intervals`. @throws BellwetherError `rule_invalid` with file, line and what is allowed */
export function readTimeIntervals(reader: YamlReader): ReadonlyMap<string, readonly TimeInterval[]> {
  const named = new Map<string, readonly TimeInterval[]>();
  for (const item of reader.items()) {
    const { name, time_intervals } = item.object(['name', 'time_intervals']);
    if (named.has(name.text())) name.refuse('is used twice');
    named.set(
      name.text(),
      time_intervals.items().map((one) => at(one, () => parseTimeInterval(one.plain))),
    );
  }
  return named;
}
