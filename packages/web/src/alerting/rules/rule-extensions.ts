import type { AlertRule } from '@bellwether/server/api';
import { quantityText } from '../../format/number.ts';

type Extensions = AlertRule['x_bellwether'];

/** One limit of a rule that has several. */
export interface Level {
  readonly severity: string;
  /** Beyond it the alert begins. */
  readonly fire: number;
  /** Back across it the alert ends. */
  readonly clear: number;
}

/** The limits of a rule by severity, in the order of the API; none when it has no limits of its own. */
export function levelsOf(extensions: Extensions): readonly Level[] {
  const thresholds = (extensions?.['thresholds'] ?? {}) as Readonly<Record<string, Omit<Level, 'severity'>>>;
  return Object.entries(thresholds).map(([severity, { fire, clear }]) => ({ severity, fire, clear }));
}

type Fact = readonly [name: string, text: string];

function levelFact({ severity, fire, clear }: Level, isBelow: boolean): Fact {
  const back = clear === fire ? '' : `, ends back across ${quantityText(clear, '')}`;
  return [severity, `${isBelow ? 'below' : 'above'} ${quantityText(fire, '')}${back}`];
}

function learnedFacts({ dynamic, severity, direction }: NonNullable<Extensions>): readonly Fact[] {
  if (dynamic === undefined) return [];
  const { deviations, window } = dynamic as { readonly deviations: number; readonly window: string };
  const side = direction === 'both' ? 'either side' : `the side ${String(direction)}`;
  return [['learned', `${deviations} deviations from what the last ${window} make usual, on ${side}: ${String(severity)}`]];
}

const POLICIES: Readonly<Record<string, string>> = {
  alert: 'raises an alert of its own',
  keep: 'leaves the alert as it is',
  resolve: 'ends the alert',
};

function policyFact(name: string, given: unknown): readonly Fact[] {
  if (given === undefined) return [];
  const { policy, severity, missing_series: missing } = given as Readonly<Record<string, string | undefined>>;
  const grave = policy === 'alert' && severity !== undefined ? ` (${severity})` : '';
  const series = missing === undefined ? '' : `, also for each series gone within ${missing}`;
  return [[name, `${POLICIES[policy ?? ''] ?? policy}${grave}${series}`]];
}

/** What a rule asks beyond its expression, as names and words; nothing for a rule of Prometheus's own. */
export function extensionFacts(extensions: Extensions): readonly Fact[] {
  if (extensions === null) return [];
  return [
    ...levelsOf(extensions).map((level) => levelFact(level, extensions['direction'] === 'below')),
    ...learnedFacts(extensions),
    ...policyFact('without data', extensions['no_data']),
    ...policyFact('on an error', extensions['error']),
  ];
}
