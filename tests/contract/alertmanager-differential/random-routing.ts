/** Random configurations for Alertmanager, many side by side: each is a subtree of one root that takes only alerts with its own `subtree` label. */
import type { Chance } from './chance.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Matcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** A node of the tree as the file says it. */
export interface RouteConfig {
  readonly matchers: readonly string[];
  readonly routes: readonly RouteConfig[];
  readonly [field: string]: unknown;
}

/** Names of the labels of random alerts beside `alertname`, `severity` and `subtree`. */
const LABELS = ['a', 'b', 'c'];
const VALUES = ['x', 'y', 'z'];
const PATTERNS = ['x|y', 'y|z', '.+', '[xz]', '', 'x?'];
export const ALERTNAMES = ['Slow', 'Down', 'Full'];
const SEVERITIES = ['low', 'medium', 'high', 'critical'];
const GROUPINGS = [[], ['a'], ['alertname'], ['a', 'b'], ['severity'], ['...'], ['absent', 'c']];

/** `hears-ends` is told how alerts end, `hears-starts` is not. */
export const RECEIVERS = ['hears-ends', 'hears-starts'] as const;

export function randomLabels(chance: Chance, subtree: string): Labels {
  const some = LABELS.filter(() => chance.next() < 0.75).map((name) => [name, chance.pick(VALUES)] as const);
  return { alertname: chance.pick(ALERTNAMES), severity: chance.pick(SEVERITIES), subtree, ...Object.fromEntries(some) };
}

export function randomMatcher(chance: Chance): Matcher {
  const name = chance.pick([...LABELS, ...LABELS, 'alertname', 'severity']);
  const op = chance.pick(['=', '!=', '=~', '!~'] as const);
  const exact = name === 'alertname' ? ALERTNAMES : name === 'severity' ? SEVERITIES : [...VALUES, ''];
  return { name, op, value: chance.pick(op === '=' || op === '!=' ? exact : [...PATTERNS, chance.pick(exact)]) };
}

export function matcherText({ name, op, value }: Matcher): string {
  return `${name}${op}${JSON.stringify(value)}`;
}

/** Waits are a second at least: with none, Alertmanager tells an alert before it knows of one that came with it and explains it. */
function pace(chance: Chance): Readonly<Record<string, unknown>> {
  return {
    ...(chance.next() < 0.7 ? { group_by: chance.pick(GROUPINGS) } : {}),
    group_wait: chance.pick(['1s', '2s']),
    group_interval: chance.pick(['1s', '2s', '3s']),
    repeat_interval: '1h',
  };
}

function times(chance: Chance): Readonly<Record<string, unknown>> {
  const dice = chance.next();
  if (dice < 0.08) return { mute_time_intervals: [chance.pick(['always', 'never'])] };
  if (dice < 0.16) return { active_time_intervals: [chance.pick(['always', 'never'])] };
  return {};
}

function randomRoute(chance: Chance, matchers: readonly string[], depth: number): RouteConfig {
  const children = depth === 0 ? 0 : Math.floor(chance.next() * 4);
  return {
    receiver: chance.pick(RECEIVERS),
    matchers,
    ...(chance.next() < 0.6 || depth === 3 ? pace(chance) : {}),
    ...times(chance),
    ...(depth < 3 && chance.next() < 0.4 ? { continue: true } : {}),
    routes: Array.from({ length: children }, () => {
      const own = Array.from({ length: 1 + Math.floor(chance.next() * 2) }, () => matcherText(randomMatcher(chance)));
      return randomRoute(chance, own, depth - 1);
    }),
  };
}

export interface InhibitRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

function inhibitRule(chance: Chance, subtree: string): InhibitRule {
  const own: Matcher = { name: 'subtree', op: '=', value: subtree };
  return {
    source: [own, { name: 'alertname', op: '=', value: chance.pick(ALERTNAMES) }],
    target: [own, randomMatcher(chance)],
    equal: chance.pick([[], ['a'], ['b', 'c'], ['absent']]),
  };
}

/** Rules for half of the subtrees. */
export function randomInhibition(chance: Chance, subtrees: readonly string[]): readonly InhibitRule[] {
  return subtrees.filter(() => chance.next() < 0.5).map((subtree) => inhibitRule(chance, subtree));
}

export function fits(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ name, op, value }) => {
    const own = labels[name] ?? '';
    const isFit = op.endsWith('~') ? new RegExp(`^(?:${value})$`).test(own) : own === value;
    return op.startsWith('=') ? isFit : !isFit;
  });
}

/** The text of a configuration whose receivers post to `url` with their name behind. */
export function randomConfig(
  chance: Chance,
  { subtrees, rules, url }: { readonly subtrees: readonly string[]; readonly rules: readonly InhibitRule[]; readonly url: string },
): string {
  const config = {
    route: {
      receiver: RECEIVERS[0],
      group_by: ['subtree'],
      group_wait: '1s',
      group_interval: '2s',
      repeat_interval: '1h',
      routes: subtrees.map((subtree) => randomRoute(chance, [`subtree=${JSON.stringify(subtree)}`], 3)),
    },
    inhibit_rules: rules.map(({ source, target, equal }) => ({
      source_matchers: source.map(matcherText),
      target_matchers: target.map(matcherText),
      equal,
    })),
    time_intervals: [
      { name: 'always', time_intervals: [{ years: ['2000:2999'] }] },
      { name: 'never', time_intervals: [{ years: ['1990'] }] },
    ],
    receivers: RECEIVERS.map((name) => ({ name, webhook_configs: [{ url: `${url}/${name}`, send_resolved: name === 'hears-ends' }] })),
  };
  return JSON.stringify(config, undefined, 1);
}
