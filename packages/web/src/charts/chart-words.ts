import { quantityText } from '../format/number.ts';

/** What a line did, in numbers. `undefined` when it has no points. */
export interface LineFacts {
  readonly newest: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  /** Last sixth against the first five: a change of less than 10 % of the spread counts as steady. */
  readonly trend: 'rising' | 'falling' | 'steady';
}

/** @param values Oldest first; `null` is a hole. Not modified. */
export function lineFacts(values: readonly (number | null)[]): LineFacts | undefined {
  const points = values.filter((value) => value !== null);
  const newest = points.at(-1);
  if (newest === undefined) return undefined;
  const mean = (part: readonly number[]): number => part.reduce((sum, value) => sum + value, 0) / part.length;
  const split = Math.floor((points.length * 5) / 6);
  const min = points.reduce((least, value) => Math.min(least, value), Infinity);
  const max = points.reduce((most, value) => Math.max(most, value), -Infinity);
  const drift = split > 0 && split < points.length ? mean(points.slice(split)) - mean(points.slice(0, split)) : 0;
  const isSteady = Math.abs(drift) <= Math.max((max - min) * 0.1, Math.abs(max) * 0.02);
  return { newest, average: mean(points), min, max, trend: isSteady ? 'steady' : drift > 0 ? 'rising' : 'falling' };
}

/** One sentence a line, as a chart's text alternative: `CPU 23.4 %, steady; average 20.1 %, between 12.0 % and 44.8 %.` */
export function lineSentence(title: string, values: readonly (number | null)[], unit: string): string {
  const facts = lineFacts(values);
  if (facts === undefined) return `${title}: no data.`;
  const say = (value: number): string => quantityText(value, unit);
  return `${title} ${say(facts.newest)}, ${facts.trend}; average ${say(facts.average)}, between ${say(facts.min)} and ${say(facts.max)}.`;
}
