import type { AlertRule, Threshold } from '@bellwether/server/api';
import { levelsOf, type Level } from './rule-extensions.ts';

/** One limit that can be moved. */
export interface Limit {
  /** `warning`, `critical` or another severity, or empty for an only one. */
  readonly key: string;
  readonly value: number;
}

/** A rule that compares one value with a number, so that the number can be tried out. */
export interface ThresholdRule {
  /** Unlike any other on the page. */
  readonly id: string;
  readonly name: string;
  /** What is compared, in PromQL, as one line a chart can draw: in each step the value farthest out. */
  readonly expression: (stepSeconds: number) => string;
  readonly isAbove: boolean;
  readonly limits: readonly Limit[];
  /** The body of a back-test with other limits, in the order of `limits`. */
  readonly body: (limits: readonly number[]) => Readonly<Record<string, unknown>>;
}

const COMPARED = /^([^]+?)\s*(>=|<=|>|<)\s*(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;
/** A sample counts for a threshold for at least so long. */
const FRESH_SECONDS = 60;
/** Words and signs that make the left side more than one value compared once. */
const COMPOUND = /\b(and|or|unless|bool)\b|[<>]|[=!]=/i;

/** What remains of PromQL without its quoted texts and label matchers. */
const bare = (expression: string): string =>
  expression.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '').replace(/\{[^}]*\}/g, '');

function farthest(isAbove: boolean, range: string): string {
  const way = isAbove ? 'max' : 'min';
  return `${way}(${way}_over_time(${range}))`;
}

const seconds = (length: number): string => `${length}s`;

/** The form of a rule file, with another expression or other extensions. */
function ruleBody(rule: AlertRule, expr: string, extensions: AlertRule['x_bellwether']): Readonly<Record<string, unknown>> {
  return {
    rule: {
      alert: rule.name,
      expr,
      for: seconds(rule.for_seconds),
      keep_firing_for: seconds(rule.keep_firing_for_seconds),
      labels: rule.labels,
      ...(extensions === null ? {} : { x_bellwether: extensions }),
    },
  };
}

/** The expression of a rule as one line. */
function lineOf(expression: string, isAbove: boolean): ThresholdRule['expression'] {
  return (step) => farthest(isAbove, `(${expression})[${step}s:${Math.max(1, Math.ceil(step / 5))}s]`);
}

/** A rule with limits by severity: where an alert ends moves along with where it begins. */
function ruleOfLevels(rule: AlertRule, levels: readonly Level[]): ThresholdRule {
  const isAbove = rule.x_bellwether?.['direction'] !== 'below';
  const moved = (limits: readonly number[]): object =>
    Object.fromEntries(
      levels.map(({ severity, fire, clear }, index) => {
        const limit = limits[index] ?? fire;
        return [severity, { fire: limit, clear: limit + (clear - fire) }];
      }),
    );
  return {
    id: rule.id,
    name: rule.name,
    expression: lineOf(rule.expr, isAbove),
    isAbove,
    limits: levels.map(({ severity, fire }) => ({ key: severity, value: fire })),
    body: (limits) => ruleBody(rule, rule.expr, { ...rule.x_bellwether, thresholds: moved(limits) }),
  };
}

/** The rule as one whose threshold can be moved; `undefined` when it neither has limits nor compares one value with a number. */
export function thresholdRuleOf(rule: AlertRule): ThresholdRule | undefined {
  const levels = levelsOf(rule.x_bellwether);
  if (levels.length > 0) return ruleOfLevels(rule, levels);
  const [, left = '', operator = '', number = ''] = COMPARED.exec(rule.expr.trim()) ?? [];
  if (rule.kind !== 'alerting' || left === '' || COMPOUND.test(bare(left))) return undefined;
  const isAbove = operator.startsWith('>');
  return {
    id: rule.id,
    name: rule.name,
    expression: lineOf(left, isAbove),
    isAbove,
    limits: [{ key: '', value: Number(number) }],
    body: ([limit = 0]) => ruleBody(rule, `${left} ${operator} ${limit}`, rule.x_bellwether),
  };
}

/** A configured threshold as a rule. A bare number counts upwards but for hit rates, as the server reads it. */
export function ruleOfThreshold(metric: string, threshold: Threshold): ThresholdRule {
  const isPair = typeof threshold !== 'number';
  const isAbove = isPair ? threshold.critical >= threshold.warning : metric !== 'cache_hit_rate';
  return {
    id: `threshold ${metric}`,
    name: metric,
    expression: (step) => farthest(isAbove, `${metric}[${Math.max(step, FRESH_SECONDS)}s]`),
    isAbove,
    limits: isPair
      ? [
          { key: 'warning', value: threshold.warning },
          { key: 'critical', value: threshold.critical },
        ]
      : [{ key: '', value: threshold }],
    body: ([first = 0, second = 0]) => ({ metric, threshold: isPair ? { warning: first, critical: second } : first }),
  };
}
