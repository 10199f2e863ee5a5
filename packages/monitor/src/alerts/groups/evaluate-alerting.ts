import { messageOf as errorText } from '../../base/errors.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Labels } from '../../model/labels.ts';
import type { VectorSample } from '../../query/query-engine.ts';
import type { AlertingRule, GapPolicy, Templates } from '../../rules/groups/rule-group.ts';
import type { TemplateQuery } from '../../rules/template/template.ts';
import { INACTIVE, isActive, nextState } from '../state/next-state.ts';
import type { RuleAlerts, RuleOutcome } from '../state/alert-book.ts';
import { alertKey, type TrackedAlert } from '../state/tracked-alert.ts';
import { transition, type TransitionContext } from '../state/transition.ts';
import { judgeSample, messageOf, type RuleVerdict } from './judge-samples.ts';
import { severityOf } from './severity-of.ts';

export interface AlertingContext extends TransitionContext {
  readonly group: string;
  /** Alerts that the rule may have at once; 0 means no limit. */
  readonly limit: number;
  readonly newId: IdSource;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly query: TemplateQuery;
  /** Learned limit of a series, for rules that are dynamic. */
  readonly learned: (labels: Labels) => number | undefined;
}

/** A rule's expression gave nothing, or failed. */
export interface Gap {
  readonly kind: 'no_data' | 'error';
  readonly policy: GapPolicy;
  readonly text: string;
}

/** A rule that cannot be judged: two of its alerts have the same labels, or it has too many. */
export class RuleFault extends Error {
  override readonly name = 'RuleFault';
  /** Prometheus forgets the alerts of a rule beyond its limit, and keeps those of a rule with an error. */
  readonly endsAlerts: boolean;
  constructor(message: string, endsAlerts = false) {
    super(message);
    this.endsAlerts = endsAlerts;
  }
}

/** An alert as this evaluation finds it, before its state is stepped. */
interface Finding {
  readonly labels: Labels;
  readonly value: number;
  readonly verdict: RuleVerdict;
  readonly annotations: Labels;
}

/**
 * One evaluation of an alerting rule, with Prometheus's semantics: labels and annotations are expanded for each value, an alert that breaches for
 * `for` fires at that evaluation, one that is absent ends (or stays for `keep_firing_for`). Changes nothing: the outcome says what to write.
 * @throws RuleFault
 */
export async function evaluateAlerting(
  rule: AlertingRule,
  before: RuleAlerts,
  result: { readonly samples: readonly VectorSample[]; readonly gap: Gap | undefined },
  context: AlertingContext,
): Promise<RuleOutcome> {
  const { samples, gap } = result;
  if (gap?.policy.policy === 'keep') return { ruleId: rule.id, after: before, changes: [] };
  const found = await findings(rule, before, samples, context);
  if (gap?.policy.policy === 'alert') {
    const finding = await gapFinding(rule, gap, context);
    found.set(alertKey(rule.alert, finding.labels), finding);
  }
  const after = new Map<string, TrackedAlert>();
  const changes: RuleOutcome['changes'][number][] = [];
  for (const key of new Set([...before.keys(), ...found.keys()])) {
    const known = before.get(key);
    if (gap?.policy.policy === 'alert' && known !== undefined && !found.has(key)) {
      after.set(key, known);
      continue;
    }
    const finding = found.get(key);
    if (known === undefined && finding?.verdict.isBreached !== true) continue;
    const stepped = transition(known, stepAlert(rule, known, finding, context), context);
    if (stepped.alert.state.phase !== 'inactive') after.set(key, stepped.alert);
    if (stepped.change !== undefined) changes.push({ kind: stepped.change, alert: stepped.alert });
  }
  if (context.limit > 0 && after.size > context.limit)
    throw new RuleFault(`exceeded limit of ${context.limit} with ${after.size} alerts`, true);
  return { ruleId: rule.id, after, changes };
}

/** All alerts of a rule end. */
export function endAll(ruleId: string, before: RuleAlerts, endReason: NonNullable<RuleOutcome['endReason']>): RuleOutcome {
  const active = [...before.values()].filter((alert) => isActive(alert.state));
  const changes = active.map((alert) => ({ kind: 'resolved' as const, alert: { ...alert, state: INACTIVE } }));
  return { ruleId, after: new Map(), changes, endReason };
}

async function findings(
  rule: AlertingRule,
  before: RuleAlerts,
  samples: readonly VectorSample[],
  context: AlertingContext,
): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  for (const { labels: own, value } of samples) {
    const labels = await alertLabels(rule, own, value, context);
    const key = alertKey(rule.alert, labels);
    if (found.has(key)) throw new RuleFault('vector contains metrics with the same labelset after applying alert labels');
    const known = before.get(key);
    const verdict = judgeSample(rule, value, { present: known?.severity, learned: context.learned(own) });
    const annotations = verdict.isBreached ? await expanded(rule.annotations, own, value, context) : (known?.annotations ?? {});
    found.set(key, { labels, value, verdict, annotations });
  }
  return found;
}

async function alertLabels(rule: AlertingRule, own: Labels, value: number, context: AlertingContext): Promise<Labels> {
  const { __name__: _, alertname: __, ...labels } = { ...own, ...(await expanded(rule.labels, own, value, context)) };
  // An empty label is no label.
  return Object.values(labels).includes('') ? Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== '')) : labels;
}

async function expanded(templates: Templates, labels: Labels, value: number, context: AlertingContext): Promise<Labels> {
  const { externalLabels, externalUrl, nowMs, query } = context;
  const texts: Record<string, string> = {};
  for (const name in templates) {
    try {
      const text = templates[name]?.expand({ labels, value, externalLabels, externalUrl, nowMs }, query) ?? '';
      texts[name] = typeof text === 'string' ? text : await text;
    } catch (error) {
      texts[name] = `<error expanding template: ${errorText(error)}>`;
    }
  }
  return texts;
}

async function gapFinding(rule: AlertingRule, gap: Gap, context: AlertingContext): Promise<Finding> {
  const labels = { ...(await alertLabels(rule, {}, Number.NaN, context)), cause: gap.kind };
  const verdict = { isBreached: true, severity: gap.policy.severity, threshold: 0, cause: gap.kind };
  return { labels, value: Number.NaN, verdict, annotations: { summary: gap.text } };
}

function stepAlert(
  rule: AlertingRule,
  known: TrackedAlert | undefined,
  finding: Finding | undefined,
  context: AlertingContext,
): TrackedAlert {
  const { nowMs } = context;
  const isBreached = finding?.verdict.isBreached === true;
  const state = nextState(known?.state ?? INACTIVE, isBreached, nowMs, { holdMs: rule.holdMs, keepFiringMs: rule.keepFiringMs });
  if (finding === undefined || !isBreached) {
    const alert = known as TrackedAlert;
    return { ...alert, currentValue: finding?.value ?? alert.currentValue, updatedAtMs: nowMs, state };
  }
  const { labels, value, verdict, annotations } = finding;
  return {
    id: known?.id ?? context.newId(),
    key: known?.key ?? alertKey(rule.alert, labels),
    ruleId: rule.id,
    group: context.group,
    metricName: rule.alert,
    labels: known?.labels ?? labels,
    annotations,
    threshold: verdict.threshold,
    currentValue: value,
    severity: verdict.severity ?? severityOf(labels['severity']),
    message: messageOf(rule.alert, value, annotations),
    cause: verdict.cause,
    updatedAtMs: nowMs,
    acknowledgedBy: known?.acknowledgedBy,
    escalationLevel: known?.escalationLevel ?? 0,
    state,
    wasNotified: known?.wasNotified ?? false,
    ...(known?.toldSeverity === undefined ? {} : { toldSeverity: known.toldSeverity }),
  };
}
