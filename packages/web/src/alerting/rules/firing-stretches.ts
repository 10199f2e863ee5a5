import type { AlertRecord } from '@bellwether/server/api';

/** A stretch in which at least one alert fired, in ms since the epoch. */
export interface FiringStretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When any of the alerts fired inside the window, oldest first; stretches that touch are one. One that still fires lasts to the end. */
export function firingStretches(
  records: readonly Pick<AlertRecord, 'fired_at' | 'resolved_at'>[],
  [startMs, endMs]: readonly [number, number],
): readonly FiringStretch[] {
  const clipped = records
    .map(({ fired_at, resolved_at }) => ({
      fromMs: Math.max(startMs, Date.parse(fired_at)),
      toMs: Math.min(endMs, resolved_at === null ? endMs : Date.parse(resolved_at)),
    }))
    .filter(({ fromMs, toMs }) => fromMs <= toMs)
    .toSorted((left, right) => left.fromMs - right.fromMs);
  const merged: FiringStretch[] = [];
  for (const { fromMs, toMs } of clipped) {
    const last = merged.at(-1);
    if (last !== undefined && fromMs <= last.toMs) merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, toMs) };
    else merged.push({ fromMs, toMs });
  }
  return merged;
}

export function totalMs(stretches: readonly FiringStretch[]): number {
  return stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}
