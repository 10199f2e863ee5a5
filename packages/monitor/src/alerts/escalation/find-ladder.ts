import type { Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import { matchableLabels } from '../mutes/silences.ts';
import { DEFAULT_LADDER, type Ladder, type NamedLadder } from './ladder.ts';

/** What decides on which ladder an alert is. */
export interface LadderAlert {
  readonly metricName: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly group?: string;
}

/** Finds the ladder of an alert. */
export type FindLadder<Found extends Ladder = Ladder> = (alert: LadderAlert) => Found;

/**
 * The first ladder that fits an alert takes it, the built-in one what is left.
 * @throws BellwetherError `query_invalid` for a regular expression that is not RE2.
 */
export function compileLadders(ladders: readonly NamedLadder[]): FindLadder<NamedLadder> {
  const compiled = ladders.map((ladder) => ({
    ladder,
    tests: ladder.matchers.map((matcher) => ({ label: matcher.label, test: compileMatcher(matcher) })),
  }));
  return (alert) => {
    let labels: Labels | undefined;
    for (const { ladder, tests } of compiled) {
      if (tests.length === 0) return ladder;
      const known = (labels ??= matchableLabels(alert));
      if (tests.every(({ label, test }) => test(known[label] ?? ''))) return ladder;
    }
    return DEFAULT_LADDER;
  };
}
