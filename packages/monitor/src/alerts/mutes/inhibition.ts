/**
 * Inhibition: an alert is not told while another one that explains it fires ("the host is down" explains "the shop on it is slow").
 *
 * A rule has matchers for the source and for the target, and names of labels on which both must agree. Asking is O(rules): per rule the firing
 * sources are kept by the values of those labels, as a set, so that a storm of 100,000 targets costs one look-up each. An alert that is
 * source and target of a rule does not inhibit itself, nor another that is both (Alertmanager's rule against mutual silence).
 */
import { compileMatcher } from '../../store/label-matcher.ts';
import type { Matcher } from '../../store/sample-store.ts';
import type { Labels } from '../../model/labels.ts';

export interface InhibitRule {
  /** Fit the alert that explains. At least one. */
  readonly source: readonly Matcher[];
  /** Fit the alerts that are explained. At least one. */
  readonly target: readonly Matcher[];
  /** Labels on which both agree; an absent label is the empty text. */
  readonly equal: readonly string[];
}

/** The id of a firing alert that explains the one with these labels, if any. */
export type FindInhibitor = (labels: Labels) => string | undefined;

/** An alert that fires, with its labels as matchers see them. */
export interface FiringAlert {
  readonly id: string;
  readonly labels: Labels;
}

interface CompiledRule {
  readonly isSource: (labels: Labels) => boolean;
  readonly isTarget: (labels: Labels) => boolean;
  readonly keyOf: (labels: Labels) => string;
}

function fitting(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) }));
  return (labels) => tests.every(({ label, test }) => test(labels[label] ?? ''));
}

/**
 * Compiles rules. The result takes the alerts that fire now and gives the question.
 * @throws BellwetherError `query_invalid` for a regular expression that is not RE2.
 */
export function compileInhibition(rules: readonly InhibitRule[]): (firing: Iterable<FiringAlert>) => FindInhibitor {
  const compiled: readonly CompiledRule[] = rules.map(({ source, target, equal }) => ({
    isSource: fitting(source),
    isTarget: fitting(target),
    keyOf: (labels) => JSON.stringify(equal.map((name) => labels[name] ?? '')),
  }));
  if (compiled.length === 0) return () => () => undefined;
  return (firing) => {
    const sources = compiled.map(() => ({ all: new Map<string, string>(), pure: new Map<string, string>() }));
    for (const { id, labels } of firing)
      for (const [i, rule] of compiled.entries()) {
        if (!rule.isSource(labels)) continue;
        const key = rule.keyOf(labels);
        sources[i]?.all.set(key, id);
        if (!rule.isTarget(labels)) sources[i]?.pure.set(key, id);
      }
    return (labels) => {
      for (const [i, rule] of compiled.entries()) {
        const { all, pure } = sources[i] as (typeof sources)[number];
        if (all.size === 0 || !rule.isTarget(labels)) continue;
        const inhibitor = (rule.isSource(labels) ? pure : all).get(rule.keyOf(labels));
        if (inhibitor !== undefined) return inhibitor;
      }
      return undefined;
    };
  };
}
