import type { Labels } from '../../model/labels.ts';
import { isInside, type TimeInterval } from '../../model/time-interval.ts';
import { BellwetherError } from '../../base/errors.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import type { Matcher } from '../../store/sample-store.ts';
import type { SilenceRow } from '../../store/state-tables.ts';
import type { Silence } from '../alerting.ts';

const LONGEST_TEXT = 1024;
const MOST_MATCHERS = 32;
const MOST_TIMES = 50;

/** What matchers need of an alert. */
export interface MatchableAlert {
  readonly metricName: string;
  readonly labels: Labels;
  readonly severity: string;
  readonly group?: string;
}

/** The labels an alert shows to matchers: its own, and `alertname` and `severity` as Alertmanager users expect them. A rule's own word for severity stays. */
export function matchableLabels(alert: MatchableAlert): Labels {
  const own = alert.group === undefined ? undefined : alert.labels['severity'];
  return { ...alert.labels, alertname: alert.metricName, severity: own ?? alert.severity };
}

/** A silence made quick to ask. */
export interface CompiledSilence {
  readonly silence: Silence;
  readonly covers: (labels: Labels) => boolean;
}

/** @throws BellwetherError `query_invalid` for a regular expression that is not RE2. */
export function compileSilence(silence: Silence): CompiledSilence {
  const tests = silence.matchers.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) }));
  return { silence, covers: (labels) => tests.every(({ label, test }) => test(labels[label] ?? '')) };
}

/** Ids of those that cover an alert with these labels at that moment. */
export function silencesAt(silences: readonly CompiledSilence[], labels: Labels, nowMs: number): readonly string[] {
  const covering: string[] = [];
  for (const { silence, covers } of silences) if (isHolding(silence, nowMs) && covers(labels)) covering.push(silence.id);
  return covering;
}

/** Whether it holds at that moment: a maintenance window only at its times. */
export function isHolding({ startsAtMs, endsAtMs, times }: Silence, nowMs: number): boolean {
  return startsAtMs <= nowMs && nowMs < endsAtMs && (times === undefined || isInside(times, nowMs));
}

function refuse(why: string): never {
  throw new BellwetherError('config_invalid', `The silence is refused: ${why}`);
}

/** @throws BellwetherError `config_invalid` | `query_invalid` */
export function validateSilence(silence: Omit<Silence, 'id'>, nowMs: number): void {
  const { matchers, startsAtMs, endsAtMs, times, author, comment } = silence;
  if (!Number.isFinite(startsAtMs) || !Number.isFinite(endsAtMs) || endsAtMs <= startsAtMs) refuse('it must end after it starts');
  if (endsAtMs <= nowMs) refuse('its end is in the past');
  if (times !== undefined && (times.length === 0 || times.length > MOST_TIMES)) refuse(`its times must be 1 to ${MOST_TIMES}`);
  if (author.length > LONGEST_TEXT || comment.length > LONGEST_TEXT) refuse(`author and comment may have ${LONGEST_TEXT} characters each`);
  validateMatchers(matchers);
}

/** @throws BellwetherError `config_invalid` for matchers that hide everything | `query_invalid` */
export function validateMatchers(matchers: readonly Matcher[]): void {
  if (matchers.length === 0) refuse('it has no matcher, so it would hide every alert');
  if (matchers.length > MOST_MATCHERS) refuse(`it has more than ${MOST_MATCHERS} matchers`);
  const tests = matchers.map(compileMatcher);
  if (tests.every((test) => test('')))
    refuse('every matcher fits an absent label, so it would hide alerts that have nothing to do with it');
}

export function silenceOfRow(row: SilenceRow): Silence {
  return {
    id: row.id,
    matchers: JSON.parse(row.matchers_json) as Silence['matchers'],
    startsAtMs: row.starts_at_ms,
    endsAtMs: row.ends_at_ms,
    ...(row.times_json === null || row.times_json === undefined ? {} : { times: JSON.parse(row.times_json) as TimeInterval[] }),
    author: row.author,
    comment: row.comment,
  };
}

export function rowOfSilence(silence: Silence, nowMs: number): SilenceRow {
  return {
    id: silence.id,
    matchers_json: JSON.stringify(silence.matchers),
    starts_at_ms: silence.startsAtMs,
    ends_at_ms: silence.endsAtMs,
    times_json: silence.times === undefined ? null : JSON.stringify(silence.times),
    author: silence.author,
    comment: silence.comment,
    created_at_ms: nowMs,
  };
}
