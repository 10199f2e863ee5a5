import type { LearnedBand } from '../../analyse/learned-threshold.ts';
import type { Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import { levelAt } from '../../rules/groups/levels.ts';
import type { AlertingRule, DynamicLimit } from '../../rules/groups/rule-group.ts';
import type { ActiveAlert } from '../alerting.ts';

/** What a rule says of one value. */
export interface RuleVerdict {
  readonly isBreached: boolean;
  readonly severity: Severity | undefined;
  readonly threshold: number;
  readonly cause: ActiveAlert['cause'];
}

/**
 * Judges a value of the rule's expression. Without extensions every value is a breach, for the expression has compared; with levels the level tells,
 * hysteresis included; a learned band speaks where no level is crossed.
 * @param present severity of the alert that the value has already, if any
 * @param learned what is usual for the value's series, `undefined` while learning
 */
export function judgeSample(
  rule: AlertingRule,
  value: number,
  { present, learned }: { readonly present: Severity | undefined; readonly learned: LearnedBand | undefined },
): RuleVerdict {
  const { levels, dynamic } = rule.extensions;
  if (levels === undefined && dynamic === undefined)
    return { isBreached: true, severity: undefined, threshold: rule.comparedWith ?? 0, cause: 'rule' };
  const level = levels === undefined ? undefined : levelAt(levels, value, present);
  if (level !== undefined) return { isBreached: true, severity: level.severity, threshold: level.fire, cause: 'rule' };
  const edge = dynamic === undefined || learned === undefined ? undefined : crossedEdge(dynamic.direction, learned, value);
  if (edge !== undefined)
    return { isBreached: true, severity: dynamic?.severity, threshold: Number(edge.toPrecision(6)), cause: 'learned' };
  return { isBreached: false, severity: undefined, threshold: 0, cause: 'rule' };
}

/** The edge of the band that the value is beyond, if it is on a side that is looked at. */
function crossedEdge(direction: DynamicLimit['direction'], { lower, upper }: LearnedBand, value: number): number | undefined {
  if (direction !== 'below' && value > upper) return upper;
  return direction !== 'above' && value < lower ? lower : undefined;
}

/** What people read: the annotations say it, or the name and the value do. */
export function messageOf(name: string, value: number, annotations: Labels): string {
  const { summary, message, title, description } = annotations as Partial<Record<string, string>>;
  return summary ?? message ?? title ?? description ?? `${name} is firing with value ${Number(value.toPrecision(6))}`;
}
