import type { Labels } from '../../model/labels.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import type { Matcher } from '../../store/sample-store.ts';

/**
 * How the alerts of a route come together and how often they are told. `automatic`: by service, by job or all in one when many suffer at
 * once, with damping and a budget of messages; anything else is Alertmanager's way, label by label and by its three times.
 */
export type Grouping =
  | { readonly kind: 'automatic' }
  | {
      readonly kind: 'labels';
      /** Names of labels; `'all'`: each label set by itself. */
      readonly by: readonly string[] | 'all';
      /** Between the first alert of a group and its first message. */
      readonly waitMs: number;
      /** Between a message of a group and the next with news. */
      readonly intervalMs: number;
      /** Between a message and its repetition while nothing changes; > 0. */
      readonly repeatMs: number;
    };

/** A node of the tree that alerts walk down to their receivers. */
export interface Route {
  /** Path of the node, `0` for the root, `0.2` for its third child: part of the group's key, so it must stay the same over a reload. */
  readonly id: string;
  readonly receiver: string;
  /** All must fit; none fits everything. */
  readonly matchers: readonly Matcher[];
  /** Whether the next siblings are asked, too, when this one fits. */
  readonly continues: boolean;
  readonly grouping: Grouping;
  /** Names of time intervals in which nothing is told. */
  readonly muteTimes: readonly string[];
  /** Names of time intervals outside of which nothing is told; none: always. */
  readonly activeTimes: readonly string[];
  readonly routes: readonly Route[];
}

/** Finds the routes of an alert by its labels. */
export type FindRoutes = (labels: Labels) => readonly Route[];

interface Compiled {
  readonly route: Route;
  readonly fits: (labels: Labels) => boolean;
  readonly routes: readonly Compiled[];
}

function compile(route: Route): Compiled {
  const tests = route.matchers.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) }));
  return {
    route,
    fits: (labels) => tests.every(({ label, test }) => test(labels[label] ?? '')),
    routes: route.routes.map(compile),
  };
}

function find(node: Compiled, labels: Labels): readonly Route[] {
  const found: Route[] = [];
  for (const child of node.routes) {
    if (!child.fits(labels)) continue;
    found.push(...find(child, labels));
    if (!child.route.continues) break;
  }
  return found.length > 0 ? found : [node.route];
}

/**
 * Compiles a tree. An alert goes to the deepest routes that fit it, first come first served among siblings unless one continues; to the root
 * when none does. The root fits everything. @throws BellwetherError `query_invalid` for a regular expression that is not RE2.
 */
export function compileRoutes(root: Route): FindRoutes {
  const compiled = compile(root);
  return (labels) => find(compiled, labels);
}

/** A group of alerts on a route. */
export interface RouteGroup {
  readonly key: string;
  /** What it is about, for titles. */
  readonly subject: string;
  /** The labels that make it this group. */
  readonly labels: Labels;
}

/** The group of an alert on a route that groups by labels. */
export function groupOf(route: Route, labels: Labels): RouteGroup {
  const { grouping } = route;
  if (grouping.kind === 'automatic') throw new TypeError('Automatic groups depend on all alerts of a moment');
  const names = grouping.by === 'all' ? Object.keys(labels).toSorted() : grouping.by;
  const values = names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const]));
  const subject = values.map(([name, value]) => `${name}=${value}`).join(', ');
  return {
    key: JSON.stringify([route.id, route.receiver, ...values]),
    subject: subject || 'all alerts',
    labels: Object.fromEntries(values),
  };
}
