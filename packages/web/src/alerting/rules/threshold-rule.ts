import type { AlertRule, Threshold } from '@bellwether/server/api';

/** One limit that can be moved. */
export interface Limit {
  /** `warning`, `critical`, or empty for an only one. */
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

/** The rule as one whose threshold can be moved; `undefined` when it is no comparison of one value with a number. */
export function thresholdRuleOf(rule: AlertRule): ThresholdRule | undefined {
  const [, left = '', operator = '', number = ''] = COMPARED.exec(rule.expr.trim()) ?? [];
  if (rule.kind !== 'alerting' || left === '' || COMPOUND.test(bare(left))) return undefined;
  const isAbove = operator.startsWith('>');
  const seconds = (length: number): string => `${length}s`;
  return {
    id: rule.id,
    name: rule.name,
    expression: (step) => farthest(isAbove, `(${left})[${step}s:${Math.max(1, Math.ceil(step / 5))}s]`),
    isAbove,
    limits: [{ key: '', value: Number(number) }],
    body: ([limit = 0]) => ({
      rule: {
        alert: rule.name,
        expr: `${left} ${operator} ${limit}`,
        for: seconds(rule.for_seconds),
        keep_firing_for: seconds(rule.keep_firing_for_seconds),
        labels: rule.labels,
      },
    }),
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
