/** What a day is like: where alerts go, who is told when nobody takes them, when nobody wants to hear. */
import { DEFAULT_LADDER, type Ladder } from '../../../alerts/escalation/ladder.ts';
import type { InhibitRule } from '../../../alerts/mutes/inhibition.ts';
import { isInside, type TimeInterval } from '../../../model/time-interval.ts';
import { parseRules } from '../../../rules/groups/parse-rules.ts';
import type { RuleGroup } from '../../../rules/groups/rule-group.ts';
import type { PlanTarget } from '../../stages/stage.ts';
import type { Grouping, Route } from '../../routing/route-tree.ts';
import { createRouting, DEFAULT_ROUTE, EVERYBODY, type Routing } from '../../routing/routing.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Metrics with thresholds, and those that only rules watch. */
export const METRICS = ['cpu_usage', 'memory_usage', 'disk_usage', 'error_rate'] as const;
export const RULED = ['queue_depth', 'failed_jobs'] as const;
export const INSTANCES = ['a', 'b', 'c'] as const;
export const CHANNELS = ['pager', 'chat', 'boss'] as const;

/** Its alert explains that of the target on the same instance. */
export const SOURCE = 'disk_usage';
export const TARGET = 'error_rate';

const INHIBIT: readonly InhibitRule[] = [
  {
    source: [{ label: 'alertname', op: '=', value: SOURCE }],
    target: [{ label: 'alertname', op: '=', value: TARGET }],
    equal: ['instance'],
  },
];

export const RULES: readonly RuleGroup[] = parseRules(
  `
groups:
- name: queues
  interval: 1m
  rules:
  - { alert: Backlog, expr: queue_depth > 70, for: 2m, labels: { severity: high } }
  - { alert: FailedJobs, expr: failed_jobs > 70, keep_firing_for: 5m, labels: { severity: critical } }
`,
  { file: 'rules.yml', defaultIntervalMs: MINUTE, environment: undefined },
);

/** Its last step tells somebody who hears of nothing else. */
const LONG_LADDER: Ladder = {
  steps: [{ afterMs: 10 * MINUTE }, { afterMs: 30 * MINUTE, channels: ['boss'] }],
  repeatMs: 6 * HOUR,
  minimumSeverity: 'high',
};

export interface Shape {
  readonly routing: Routing;
  readonly targets: readonly PlanTarget[];
  readonly ladder: Ladder;
  readonly inhibitRules: readonly InhibitRule[];
  /** Between a message of a group and its repetition; `undefined`: groups are automatic and never repeated. */
  readonly repeatMsOf: (instance: string) => number | undefined;
  /** Whether alerts of the instance go to the channel, escalations aside. */
  readonly isTold: (channel: string, instance: string) => boolean;
  /** Whether the channel wants to hear only of what is critical at that moment. */
  readonly isQuiet: (channel: string, atMs: number) => boolean;
}

type Chance = () => number;

export function pick<T>(items: readonly T[], chance: Chance): T {
  const wanted = Math.floor(chance() * items.length);
  for (const [place, item] of items.entries()) if (place === wanted) return item;
  throw new RangeError('there is nothing to pick from');
}

function pacedGrouping(chance: Chance): Grouping & { readonly kind: 'labels' } {
  return {
    kind: 'labels',
    by: pick([['instance'], ['alertname'], [], 'all'] as const, chance),
    waitMs: pick([0, 30_000, 5 * MINUTE], chance),
    intervalMs: pick([MINUTE, 5 * MINUTE, 10 * MINUTE], chance),
    repeatMs: pick([3 * HOUR, 8 * HOUR], chance),
  };
}

function quietHours(chance: Chance): readonly TimeInterval[] {
  const from = Math.floor(chance() * 16) * 60;
  return [{ minutes: [{ from, to: from + 8 * 60 }], zone: 'UTC' }];
}

/** Automatic groups everywhere, a pace of its own everywhere, or one for instance b alone, which only the pager hears. */
export function shapeOf(chance: Chance): Shape {
  const kind = pick(['automatic', 'automatic', 'paced', 'tree'] as const, chance);
  const grouping = pacedGrouping(chance);
  const child: Route = {
    ...DEFAULT_ROUTE,
    id: '0.0',
    receiver: 'pager',
    matchers: [{ label: 'instance', op: '=', value: 'b' }],
    grouping,
  };
  const root: Route = {
    ...DEFAULT_ROUTE,
    receiver: EVERYBODY,
    ...(kind === 'paced' ? { grouping } : {}),
    routes: kind === 'tree' ? [child] : [],
  };
  const quiet = chance() < 0.4 ? quietHours(chance) : [];
  const isBeside = (instance: string): boolean => kind === 'tree' && instance === 'b';
  return {
    routing: createRouting({ root, quietHours: new Map([['chat', quiet]]) }),
    targets: CHANNELS.map((name) => ({ name, kind: 'webhook', escalationOnly: name === 'boss' })),
    ladder: pick([DEFAULT_LADDER, LONG_LADDER], chance),
    inhibitRules: chance() < 0.7 ? INHIBIT : [],
    repeatMsOf: (instance) => (kind === 'paced' || isBeside(instance) ? grouping.repeatMs : undefined),
    isTold: (channel, instance) => channel !== 'boss' && (!isBeside(instance) || channel === 'pager'),
    isQuiet: (channel, atMs) => channel === 'chat' && isInside(quiet, atMs),
  };
}
