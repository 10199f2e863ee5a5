/**
 * What a rule would have done over stored history.
 *
 * The expression is asked once, as a range query with a step of the rule's interval, instead of once per evaluation: the values are the same, the
 * cost is that of one chart. Each series then walks through the machine that live alerts walk through (`nextState`, levels, learned bands), so a
 * replay and the real thing cannot drift apart. Bounded: 11,000 steps, the query's own limits, 1,000 looks at the learned band, 500 intervals told.
 * A rule that reads ALERTS or recorded series sees what was recorded then, not what changed rules would have recorded.
 */
import { learnedBand, type LearnedBand } from '../../analyse/learned-threshold.ts';
import { BellwetherError } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import { severityRank, type Severity } from '../../model/severity.ts';
import type { MatrixSeries, QueryEngine } from '../../query/query-engine.ts';
import type { AlertingRule } from '../../rules/groups/rule-group.ts';
import { judgeSample, type RuleVerdict } from '../groups/judge-samples.ts';
import { severityOf } from '../groups/severity-of.ts';
import { INACTIVE, isActive, nextState, type AlertState } from '../state/next-state.ts';

export interface BacktestWindow {
  readonly fromMs: number;
  /** After `fromMs`. */
  readonly toMs: number;
  /** Between evaluations, > 0; longer when the window has more than 11,000 of them. */
  readonly intervalMs: number;
  /** @default 10,000 */
  readonly timeoutMs?: number;
}

/** One time the alert would have fired. */
export interface BacktestFiring {
  readonly labels: Labels;
  /** The worst it became. */
  readonly severity: Severity;
  readonly firedAtMs: number;
  /** `undefined`: it still fires at the end of the window. */
  readonly resolvedAtMs: number | undefined;
  /** The value farthest out. */
  readonly peak: number;
}

export interface Backtest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly intervalMs: number;
  readonly evaluations: number;
  /** Series the expression gave at any moment. */
  readonly series: number;
  readonly fired: number;
  /** Breaches that ended before `for` had passed. */
  readonly pendingOnly: number;
  /** Firings that began within 15 min of the end of the one before. */
  readonly flaps: number;
  readonly firingMs: number;
  readonly longestMs: number;
  /** Share of the window in which at least one alert fired, 0 to 1. */
  readonly firingRatio: number;
  /** Newest first, 500 at most. */
  readonly firings: readonly BacktestFiring[];
  readonly notes: readonly string[];
}

const MOST_STEPS = 11_000;
const MOST_FIRINGS = 500;
const FLAP_MS = 900_000;
const REFRESH_MS = 60_000;
const MOST_REFRESHES = 1000;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Replays a rule. Rejects as the query engine does. @throws BellwetherError `rule_invalid` for a window that is none */
export async function backtest(query: QueryEngine, rule: AlertingRule, window: BacktestWindow): Promise<Backtest> {
  const { fromMs, toMs, timeoutMs = DEFAULT_TIMEOUT_MS } = window;
  if (!(toMs > fromMs) || !(window.intervalMs > 0)) throw new BellwetherError('rule_invalid', 'The window must end after it begins');
  const learnMs = rule.extensions.dynamic?.windowMs ?? 0;
  const intervalMs = Math.max(window.intervalMs, Math.ceil((toMs - fromMs + learnMs) / (MOST_STEPS - 1)));
  const lead = Math.ceil(learnMs / intervalMs);
  const { value } = await query.range(rule.expr, { fromMs: fromMs - lead * intervalMs, toMs, stepMs: intervalMs }, { timeoutMs });
  const series = value.type === 'matrix' ? value.series : [];
  const evaluations = Math.floor((toMs - fromMs) / intervalMs) + 1;
  const walks = series.map((one) => walk(rule, one, { fromMs, intervalMs, evaluations }));
  const firings = walks.flatMap((one) => one.firings).toSorted((a, b) => b.firedAtMs - a.firedAtMs);
  const lengths = firings.map(({ firedAtMs, resolvedAtMs = toMs }) => resolvedAtMs - firedAtMs);
  return {
    fromMs,
    toMs,
    intervalMs,
    evaluations,
    series: series.length,
    fired: firings.length,
    pendingOnly: sum(walks.map((one) => one.pendingOnly)),
    flaps: sum(walks.map((one) => flapsOf(one.firings))),
    firingMs: sum(lengths),
    longestMs: lengths.reduce((longest, length) => Math.max(longest, length), 0),
    firingRatio: coveredMs(firings, toMs) / (toMs - fromMs),
    firings: firings.slice(0, MOST_FIRINGS),
    notes: notesOf(rule, { intervalMs, wantedMs: window.intervalMs, firings: firings.length }),
  };
}

interface Steps {
  readonly fromMs: number;
  readonly intervalMs: number;
  readonly evaluations: number;
}

/** Takes one series through the state machine, step by step; a step without a value is an absence. */
function walk(
  rule: AlertingRule,
  { labels: all, timesMs, values }: MatrixSeries,
  { fromMs, intervalMs, evaluations }: Steps,
): { readonly firings: readonly BacktestFiring[]; readonly pendingOnly: number } {
  const { __name__: _, ...labels } = all;
  const learned = learnedOver(rule, { timesMs, values }, intervalMs * evaluations);
  const firings: BacktestFiring[] = [];
  let pendingOnly = 0;
  let state: AlertState = INACTIVE;
  let severity: Severity | undefined;
  let open: BacktestFiring | undefined;
  let next = timesMs.findIndex((atMs) => atMs >= fromMs);
  if (next < 0) return { firings, pendingOnly };
  for (let step = 0; step < evaluations; step++) {
    const nowMs = fromMs + step * intervalMs;
    const value = timesMs[next] === nowMs ? values[next++] : undefined;
    const verdict = value === undefined ? undefined : judgeSample(rule, value, { present: severity, learned: learned(nowMs) });
    const isBreached = verdict?.isBreached === true;
    const after: AlertState = nextState(state, isBreached, nowMs, rule);
    if (isBreached) severity = verdict.severity ?? severityOf(rule.source.labels['severity'] ?? labels['severity']);
    if (state.phase === 'pending' && after.phase === 'inactive') pendingOnly++;
    if (isActive(after) && value !== undefined && severity !== undefined) {
      open =
        open === undefined
          ? { labels, severity, firedAtMs: nowMs, resolvedAtMs: undefined, peak: value }
          : widened(open, severity, value, isBelow(rule, value, verdict));
    }
    if (isActive(state) && !isActive(after) && open !== undefined) {
      firings.push({ ...open, resolvedAtMs: nowMs });
      open = undefined;
    }
    if (after.phase === 'inactive') severity = undefined;
    state = after;
  }
  if (open !== undefined) firings.push(open);
  return { firings, pendingOnly };
}

/** Whether lower values of the rule are worse, as far as this one tells. */
function isBelow({ extensions: { levels } }: AlertingRule, value: number, verdict: RuleVerdict | undefined): boolean {
  return verdict?.cause === 'learned' ? value < verdict.threshold : levels?.direction === 'below';
}

function widened(open: BacktestFiring, severity: Severity, value: number, isLowerWorse: boolean): BacktestFiring {
  const peak = (isLowerWorse ? value < open.peak : value > open.peak) ? value : open.peak;
  return { ...open, peak, severity: severityRank(severity) > severityRank(open.severity) ? severity : open.severity };
}

/** What is usual as it would have been known at each moment. */
function learnedOver(
  rule: AlertingRule,
  { timesMs, values }: Pick<MatrixSeries, 'timesMs' | 'values'>,
  windowMs: number,
): (nowMs: number) => LearnedBand | undefined {
  const { dynamic } = rule.extensions;
  if (dynamic === undefined) return () => undefined;
  const refreshMs = Math.max(REFRESH_MS, windowMs / MOST_REFRESHES);
  let band: LearnedBand | undefined;
  let refreshAtMs = Number.NEGATIVE_INFINITY;
  let [first, last] = [0, 0];
  return (nowMs) => {
    if (nowMs < refreshAtMs) return band;
    refreshAtMs = nowMs + refreshMs;
    while (last < timesMs.length && (timesMs[last] as number) < nowMs) last++;
    while (first < last && (timesMs[first] as number) < nowMs - dynamic.windowMs) first++;
    const known = values.slice(first, last).filter(Number.isFinite);
    band = learnedBand(known, { deviations: dynamic.deviations, absoluteFloor: dynamic.minimum });
    return band;
  };
}

function flapsOf(firings: readonly BacktestFiring[]): number {
  return firings.filter(({ firedAtMs }, i) => i > 0 && firedAtMs - (firings[i - 1]?.resolvedAtMs ?? Number.NEGATIVE_INFINITY) <= FLAP_MS)
    .length;
}

/** Length of the union of all firings. */
function coveredMs(newestFirst: readonly BacktestFiring[], toMs: number): number {
  let covered = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const { firedAtMs, resolvedAtMs = toMs } of newestFirst.toReversed()) {
    covered += Math.max(0, resolvedAtMs - Math.max(firedAtMs, untilMs));
    untilMs = Math.max(untilMs, resolvedAtMs);
  }
  return covered;
}

function notesOf(
  rule: AlertingRule,
  { intervalMs, wantedMs, firings }: { readonly intervalMs: number; readonly wantedMs: number; readonly firings: number },
): readonly string[] {
  const notes = [];
  if (intervalMs > wantedMs)
    notes.push(`Evaluated every ${Math.round(intervalMs / 1000)} s instead of ${wantedMs / 1000} s, for the window is long`);
  if (firings > MOST_FIRINGS) notes.push(`The newest ${MOST_FIRINGS} of ${firings} firings are listed`);
  if (/\bALERTS(?:_FOR_STATE)?\b/.test(rule.expr)) notes.push('The rule reads ALERTS as it was recorded then');
  return notes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
