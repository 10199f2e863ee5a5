import { SEVERITIES, severityRank, type Severity } from '../../model/severity.ts';

/** One limit with hysteresis: crossing `fire` begins it, only coming back across `clear` ends it. Equal when there is none. */
export interface Level {
  readonly severity: Severity;
  readonly fire: number;
  readonly clear: number;
}

/** Limits of one value, from the least severe to the most. */
export interface Levels {
  readonly direction: 'above' | 'below';
  readonly levels: readonly Level[];
}

/**
 * The most severe level that holds: one whose `fire` is crossed, or one up to the present level whose `clear` is not yet come back across.
 * A value that equals a limit has not crossed it.
 * @param present the level that held before, if any.
 */
export function levelAt({ direction, levels }: Levels, value: number, present: Severity | undefined): Level | undefined {
  const isBeyond = (limit: number): boolean => (direction === 'above' ? value > limit : value < limit);
  return levels.findLast(
    ({ severity, fire, clear }) =>
      isBeyond(fire) || (present !== undefined && severityRank(severity) <= severityRank(present) && isBeyond(clear)),
  );
}

/** Why levels make no sense, or `undefined`. */
export function faultOf({ direction, levels }: Levels): string | undefined {
  const sign = direction === 'above' ? 1 : -1;
  for (const [i, { severity, fire, clear }] of levels.entries()) {
    if ((fire - clear) * sign < 0) return `${severity}: clear must be ${direction === 'above' ? 'at most' : 'at least'} fire`;
    const milder = levels[i - 1];
    if (milder !== undefined && (fire - milder.fire) * sign <= 0)
      return `${severity} must fire ${direction} ${milder.severity} (${milder.fire}), not at ${fire}`;
  }
  return undefined;
}

/** From least to most severe. */
export function inOrder(levels: readonly Level[]): readonly Level[] {
  return levels.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
