import { messageOf as errorText } from '../../base/errors.ts';
import type { LearnedBand } from '../../analyse/learned-threshold.ts';
import type { IdSource } from '../../base/ids.ts';
import { NO_LABELS, type Labels } from '../../model/labels.ts';
import type { VectorSample } from '../../query/query-engine.ts';
import type { AlertingRule, GapPolicy, Templates } from '../../rules/groups/rule-group.ts';
import { TemplateBudgetError, type TemplateBudget } from '../../rules/template/template-budget.ts';
import type { TemplateQuery } from '../../rules/template/template.ts';
import { INACTIVE, isActive, nextState } from '../state/next-state.ts';
import { OutcomeDraft, type RuleAlerts, type RuleOutcome } from '../state/rule-outcome.ts';
import { alertKey, keptAlert, type TrackedAlert } from '../state/tracked-alert.ts';
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
  /** What the templates of this evaluation may use together; also gives way to others. */
  readonly templates: TemplateBudget;
  /** What is usual for a series, for rules that are dynamic. */
  readonly learned: (labels: Labels) => LearnedBand | undefined;
}

/** A rule's expression gave nothing, or failed. */
export interface Gap {
  readonly kind: 'no_data' | 'error';
  readonly policy: GapPolicy;
  readonly text: string;
}

/** What the expression of a rule gave. */
export interface EvaluatedResult {
  readonly samples: readonly VectorSample[];
  readonly gap: Gap | undefined;
  /** Series that it gave a while ago, and should still give. @default none */
  readonly missing?: readonly Labels[];
}

/** A rule that cannot be judged: two of its alerts have the same labels, it has too many, or its templates take too long. */
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
  readonly key: string;
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
  result: EvaluatedResult,
  context: AlertingContext,
): Promise<RuleOutcome> {
  const { samples, gap, missing = [] } = result;
  const draft = new OutcomeDraft(rule.id, before);
  if (gap?.policy.policy === 'keep') return draft.outcome();
  const seen = new Set<string>();
  const fresh: Finding[] = [];
  const meet = (finding: Finding): void => {
    seen.add(finding.key);
    const known = before.get(finding.key);
    if (known !== undefined) draft.take(transition(known, stepAlert(rule, known, finding, context), context));
    else if (finding.verdict.isBreached) fresh.push(finding);
  };
  for (const sample of samples) {
    const finding = await findingOf(rule, before, sample, context);
    if (seen.has(finding.key)) throw new RuleFault('vector contains metrics with the same labelset after applying alert labels');
    meet(finding);
    await context.templates.breathe();
  }
  const isKept = gap?.policy.policy === 'alert';
  if (isKept) meet(await gapFinding(rule, gap, context));
  const missed = await missSeries(rule, gap === undefined ? missing : [], context);
  for (const finding of missed.findings) meet(finding);
  if (!isKept)
    for (const [key, known] of before)
      if (!seen.has(key) && !missed.kept.has(key)) draft.take(transition(known, stepAlert(rule, known, undefined, context), context));
  for (const finding of fresh) draft.take(transition(undefined, stepAlert(rule, undefined, finding, context), context));
  if (context.limit > 0 && draft.size > context.limit)
    throw new RuleFault(`exceeded limit of ${context.limit} with ${draft.size} alerts`, true);
  return draft.outcome(isKept || missed.kept.size > 0 ? undefined : context.nowMs);
}

/** All alerts of a rule end. */
export function endAll(ruleId: string, before: RuleAlerts, endReason: NonNullable<RuleOutcome['endReason']>): RuleOutcome {
  const ended = [...before.values()];
  const active = ended.filter((alert) => isActive(alert.state));
  const changes = active.map((alert) => ({ kind: 'resolved' as const, alert: { ...alert, state: INACTIVE } }));
  return { ruleId, written: [], ended, changes, endReason };
}

async function findingOf(
  rule: AlertingRule,
  before: RuleAlerts,
  { labels: own, value }: VectorSample,
  context: AlertingContext,
): Promise<Finding> {
  const labels = await alertLabels(rule, own, value, context);
  const key = alertKey(rule.alert, labels);
  const known = before.get(key);
  const verdict = judgeSample(rule, value, { present: known?.severity, learned: context.learned(own) });
  const annotations = verdict.isBreached ? await expanded(rule.annotations, own, value, context) : (known?.annotations ?? {});
  return { key, labels, value, verdict, annotations };
}

async function alertLabels(rule: AlertingRule, own: Labels, value: number, context: AlertingContext): Promise<Labels> {
  const { __name__: _, alertname: __, ...labels } = { ...own, ...(await expanded(rule.labels, own, value, context)) };
  // An empty label is no label.
  return Object.values(labels).includes('') ? Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== '')) : labels;
}

async function expanded(templates: Templates, labels: Labels, value: number, context: AlertingContext): Promise<Labels> {
  const { externalLabels, externalUrl, nowMs, query, templates: budget } = context;
  const texts: Record<string, string> = {};
  for (const name in templates) {
    try {
      const text = templates[name]?.expand({ labels, value, externalLabels, externalUrl, nowMs }, query, budget) ?? '';
      texts[name] = typeof text === 'string' ? text : await text;
      await budget.breathe();
    } catch (error) {
      if (error instanceof TemplateBudgetError) throw new RuleFault(error.message);
      texts[name] = `<error expanding template: ${errorText(error)}>`;
    }
  }
  return texts;
}

/** What missing series make of a rule: alerts of their own if it says so, and keys of the alerts that stay as they are meanwhile. */
async function missSeries(
  rule: AlertingRule,
  missing: readonly Labels[],
  context: AlertingContext,
): Promise<{ readonly findings: readonly Finding[]; readonly kept: ReadonlySet<string> }> {
  const kept = new Set<string>();
  const found: Finding[] = [];
  const { noData } = rule.extensions;
  for (const series of missing) {
    kept.add(alertKey(rule.alert, await alertLabels(rule, series, Number.NaN, context)));
    const gap: Gap = { kind: 'no_data', policy: noData, text: `${rule.alert} has no data of ${labelsText(series)}` };
    if (noData.policy === 'alert') found.push(await gapFinding(rule, gap, context, series));
    await context.templates.breathe();
  }
  return { findings: found, kept };
}

function labelsText({ __name__: _, ...labels }: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(', ')}}`;
}

async function gapFinding(rule: AlertingRule, gap: Gap, context: AlertingContext, series: Labels = NO_LABELS): Promise<Finding> {
  const labels = { ...(await alertLabels(rule, series, Number.NaN, context)), cause: gap.kind };
  const verdict = { isBreached: true, severity: gap.policy.severity, threshold: 0, cause: gap.kind };
  return { key: alertKey(rule.alert, labels), labels, value: Number.NaN, verdict, annotations: { summary: gap.text } };
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
    return keptAlert(alert, { ...alert, currentValue: finding?.value ?? alert.currentValue, updatedAtMs: nowMs, state });
  }
  const { key, labels, value, verdict, annotations } = finding;
  return keptAlert(known, {
    id: known?.id ?? context.newId(),
    key: known?.key ?? key,
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
    climb: known?.climb,
    state,
    wasNotified: known?.wasNotified ?? false,
    ...(known?.toldSeverity === undefined ? {} : { toldSeverity: known.toldSeverity }),
  });
}
