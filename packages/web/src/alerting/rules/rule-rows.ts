import type { AlertRule, RuleGroup, RuleRecord, Thresholds } from '@bellwether/server/api';
import { quantityText } from '../../format/number.ts';
import { extensionFacts } from './rule-extensions.ts';

/** What of a rule is listed. */
export interface RuleRow {
  /** Unlike any other on the page. */
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly kind: 'alerting' | 'recording' | 'threshold';
  readonly state: AlertRule['state'];
  /** Alerts that fire now. */
  readonly firing: number;
  readonly error: string;
  /** What it asks, as people wrote it. */
  readonly text: string;
  /** What it asks beyond that. */
  readonly facts: readonly (readonly [name: string, text: string])[];
}

export const THRESHOLD_GROUP = 'Thresholds';

function thresholdText(threshold: Thresholds[string], unit: string): string {
  if (typeof threshold === 'number') return `limit ${quantityText(threshold, unit)}`;
  return `warning ${quantityText(threshold.warning, unit)}, critical ${quantityText(threshold.critical, unit)}`;
}

function rowOf(rule: AlertRule, group: string): RuleRow {
  const held = rule.for_seconds > 0 ? ` for ${rule.for_seconds} s` : '';
  return {
    id: rule.id,
    group,
    name: rule.name,
    kind: rule.kind,
    state: rule.state,
    firing: rule.firing,
    error: rule.last_error ?? '',
    text: rule.expr + held,
    facts: extensionFacts(rule.x_bellwether),
  };
}

/** What the rows are made of. */
export interface RuleSources {
  readonly groups: readonly RuleGroup[];
  readonly thresholds: Thresholds;
  /** Over all time: what fired and did not resolve still fires. The API tells the state of rules, but not of thresholds. */
  readonly records: readonly RuleRecord[];
  readonly unitOf: (metric: string) => string;
}

/** Thresholds first, then the rules of each group. */
export function ruleRows({ groups, thresholds, records, unitOf }: RuleSources): readonly RuleRow[] {
  const firing = new Map(records.map(({ metric_name, fired, resolved }) => [metric_name, fired - resolved]));
  const limits = Object.entries(thresholds).map(([metric, threshold]): RuleRow => {
    const count = firing.get(metric) ?? 0;
    return {
      id: `threshold ${metric}`,
      group: THRESHOLD_GROUP,
      name: metric,
      kind: 'threshold',
      state: count > 0 ? 'firing' : 'inactive',
      firing: count,
      error: '',
      text: thresholdText(threshold, unitOf(metric)),
      facts: [],
    };
  });
  return [...limits, ...groups.flatMap((group) => group.rules.map((rule) => rowOf(rule, group.name)))];
}
