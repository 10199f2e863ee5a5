import type { ActiveAlert, Engine, RuleAlert, RuleGroupStatus, RuleStatus, Severity, Threshold } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { isoTime } from '../time-view.ts';
import { route, type Route } from '../route.ts';
import { prometheusSuccess } from './answer.ts';
import { valueText } from './value-view.ts';

const TAG = 'Prometheus';

/** As Prometheus writes it; the members named are those that requests choose by. */
interface RuleView extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
}
interface GroupView extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly file: string;
  readonly interval: number;
  readonly limit: number;
  readonly rules: readonly RuleView[];
}

const manyTexts = z.union([z.string(), z.array(z.string())]).optional();
const listOf = (value: string | string[] | undefined): readonly string[] => (value === undefined ? [] : [value].flat());

/** An alert as Prometheus lists it. */
function alertView(alert: ActiveAlert): object {
  return {
    labels: { ...alert.labels, alertname: alert.metricName, severity: alert.severity },
    annotations: { summary: alert.message },
    state: 'firing',
    activeAt: isoTime(alert.firedAtMs),
    value: valueText(alert.currentValue),
  };
}

function limitsOf(threshold: Threshold): readonly { readonly severity: Severity; readonly expression: string }[] {
  if (typeof threshold === 'number') return [{ severity: 'high', expression: `> ${threshold}` }];
  const sign = threshold.critical < threshold.warning ? '<' : '>';
  return [
    { severity: 'medium', expression: `${sign} ${threshold.warning}` },
    { severity: 'critical', expression: `${sign} ${threshold.critical}` },
  ];
}

function rulesOf(engine: Engine): readonly RuleView[] {
  const active = engine.alerting.active();
  return Object.entries(engine.alerting.thresholds).flatMap(([metric, threshold]) =>
    limitsOf(threshold).map(({ severity, expression }) => {
      const alerts = active.filter((alert) => alert.metricName === metric && alert.severity === severity);
      return {
        name: metric,
        query: `${metric} ${expression}`,
        duration: 0,
        labels: { severity },
        annotations: {},
        alerts: alerts.map(alertView),
        health: 'ok',
        state: alerts.length > 0 ? 'firing' : 'inactive',
        type: 'alerting' as const,
      };
    }),
  );
}

function ruleAlertView(alert: RuleAlert): object {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    state: alert.state,
    activeAt: isoTime(alert.activeAtMs),
    value: exponentText(alert.value),
    ...(alert.keepFiringSinceMs === undefined ? {} : { keepFiringSince: isoTime(alert.keepFiringSinceMs) }),
  };
}

/** As Go's `strconv.FormatFloat(value, 'e', -1, 64)`: `1.5e+00`. */
function exponentText(value: number): string {
  if (!Number.isFinite(value)) return valueText(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function groupView({ group, rules, evaluatedAtMs, evaluationMs }: RuleGroupStatus): GroupView {
  return {
    name: group.name,
    file: group.file,
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: evaluationMs / 1000,
    lastEvaluation: isoTime(evaluatedAtMs ?? 0),
    rules: rules.map(ruleView),
  };
}

function ruleView({ rule, alerts, health, lastError, evaluatedAtMs, evaluationMs }: RuleStatus): RuleView {
  const shared = {
    query: rule.expr,
    health,
    ...(lastError === undefined ? {} : { lastError }),
    evaluationTime: evaluationMs / 1000,
    lastEvaluation: isoTime(evaluatedAtMs ?? 0),
  };
  if (rule.kind === 'recording') return { name: rule.record, labels: rule.labels, ...shared, type: 'recording' };
  const isFiring = alerts.some(({ state }) => state === 'firing');
  return {
    state: isFiring ? 'firing' : alerts.length > 0 ? 'pending' : 'inactive',
    name: rule.alert,
    duration: rule.holdMs / 1000,
    keepFiringFor: rule.keepFiringMs / 1000,
    labels: rule.source.labels,
    annotations: rule.source.annotations,
    alerts: alerts.map(ruleAlertView),
    ...shared,
    type: 'alerting',
  };
}

/** Lists what a client asks for, as Prometheus does. */
const rulesQuery = z.object({
  type: z.enum(['alert', 'record', '']).optional(),
  'rule_name[]': manyTexts,
  'rule_group[]': manyTexts,
  'file[]': manyTexts,
});

const shared = { method: 'GET', tag: TAG, scope: 'read', lenient: true, errors: 'prometheus' } as const;

export const ruleRoutes: readonly Route[] = [
  route({
    ...shared,
    path: '/api/v1/rules',
    summary: 'Rule groups and their alerts in Prometheus’s form; thresholds are a group of their own',
    query: rulesQuery,
    handle: ({ query }, { engine }) => {
      const thresholds: GroupView = {
        name: 'thresholds',
        file: '',
        interval: engine.collection.intervalMs / 1000,
        limit: 0,
        rules: rulesOf(engine),
      };
      const groups = [thresholds, ...engine.alerting.rules.groups().map(groupView)];
      return prometheusSuccess(JSON.stringify({ groups: wanted(groups, query) }));
    },
  }),
  route({
    ...shared,
    path: '/api/v1/alerts',
    summary: 'Pending and firing alerts in Prometheus’s form',
    handle: (_request, { engine }) => {
      const ofThresholds = engine.alerting.active().filter((alert) => alert.group === undefined);
      const ofRules = engine.alerting.rules.groups().flatMap((group) => group.rules.flatMap((rule) => rule.alerts.map(ruleAlertView)));
      return prometheusSuccess(JSON.stringify({ alerts: [...ofThresholds.map(alertView), ...ofRules] }));
    },
  }),
];

function wanted(groups: readonly GroupView[], query: z.infer<typeof rulesQuery>): readonly GroupView[] {
  const fits = (value: string, allowed: readonly string[]): boolean => allowed.length === 0 || allowed.includes(value);
  const [names, groupNames, files] = [query['rule_name[]'], query['rule_group[]'], query['file[]']].map(listOf);
  const isOfType = ({ type }: RuleView): boolean => query.type === undefined || query.type === '' || type.startsWith(query.type);
  const isFiltered = (query.type ?? '') !== '' || (names ?? []).length > 0;
  return groups
    .filter((group) => fits(group.name, groupNames ?? []) && fits(group.file, files ?? []))
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => isOfType(rule) && fits(rule.name, names ?? [])) }))
    .filter((group) => !isFiltered || group.rules.length > 0);
}
