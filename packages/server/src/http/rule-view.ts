import type { RuleGroupStatus, RuleStatus } from '@bellwether/monitor/engine';
import type { AlertRule, RuleGroup } from '../api-types.ts';
import { ruleExtensionsView } from './rule-extensions-view.ts';
import { isoTimeOrNull } from './time-view.ts';

function stateOf({ alerts }: RuleStatus): AlertRule['state'] {
  if (alerts.some(({ state }) => state === 'firing')) return 'firing';
  return alerts.length > 0 ? 'pending' : 'inactive';
}

function ruleView(status: RuleStatus): AlertRule {
  const { rule, health, lastError, evaluatedAtMs, alerts } = status;
  const isAlert = rule.kind === 'alerting';
  return {
    id: rule.id,
    kind: rule.kind,
    name: isAlert ? rule.alert : rule.record,
    expr: rule.expr,
    for_seconds: isAlert ? rule.holdMs / 1000 : 0,
    keep_firing_for_seconds: isAlert ? rule.keepFiringMs / 1000 : 0,
    labels: isAlert ? rule.source.labels : rule.labels,
    annotations: isAlert ? rule.source.annotations : {},
    x_bellwether: (isAlert ? ruleExtensionsView(rule.extensions) : undefined) ?? null,
    state: stateOf(status),
    firing: alerts.filter(({ state }) => state === 'firing').length,
    pending: alerts.filter(({ state }) => state === 'pending').length,
    health,
    last_error: lastError ?? null,
    evaluated_at: isoTimeOrNull(evaluatedAtMs),
  };
}

export function ruleGroupView({ group, rules, evaluatedAtMs, evaluationMs }: RuleGroupStatus): RuleGroup {
  return {
    name: group.name,
    file: group.file,
    interval_seconds: group.intervalMs / 1000,
    limit: group.limit,
    evaluated_at: isoTimeOrNull(evaluatedAtMs),
    evaluation_seconds: evaluationMs / 1000,
    rules: rules.map(ruleView),
  };
}
