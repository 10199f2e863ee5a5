import { BellwetherError } from '../../base/errors.ts';
import { isMetricName } from '../../model/labels.ts';
import { parseRules } from '../../rules/groups/parse-rules.ts';
import type { AlertingRule } from '../../rules/groups/rule-group.ts';
import { isLowerWorse, parseThresholds, type Threshold } from '../../rules/thresholds.ts';
import { DEFAULT_GROUP_INTERVAL_MS } from '../../rules/groups/rule-files.ts';

/** A threshold as the rule it is: what its series would have to cross. @throws BellwetherError `threshold_invalid` | `rule_invalid` */
export function ruleOfThreshold(metric: string, threshold: Threshold, intervalMs: number): AlertingRule {
  if (!isMetricName(metric)) throw new BellwetherError('rule_invalid', `${JSON.stringify(metric.slice(0, 80))} is not a metric name`);
  const limits = parseThresholds({ [metric]: threshold })[metric] as Threshold;
  const thresholds = typeof limits === 'number' ? { high: limits } : { medium: limits.warning, critical: limits.critical };
  const direction = isLowerWorse(metric, limits) ? 'below' : 'above';
  const fresh = `${Math.ceil(Math.max(60_000, 3 * intervalMs) / 1000)}s`;
  const rule = ruleOf({ alert: metric, expr: `last_over_time(${metric}[${fresh}])`, x_bellwether: { thresholds, direction } });
  return { ...rule, keepFiringMs: Math.min(intervalMs, 5000) };
}

/** A rule as a rule file has it, as an object. @throws BellwetherError `rule_invalid` */
export function ruleOf(rule: Readonly<Record<string, unknown>>): AlertingRule {
  const [group] = parseRules(JSON.stringify({ name: 'backtest', rules: [rule] }), {
    file: '',
    defaultIntervalMs: DEFAULT_GROUP_INTERVAL_MS,
  });
  const [first] = group?.rules ?? [];
  if (first?.kind !== 'alerting') throw new BellwetherError('rule_invalid', 'The rule must be an alert: give "alert" and "expr"');
  return first;
}
