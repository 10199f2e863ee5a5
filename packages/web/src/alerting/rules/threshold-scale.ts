/** The values a chart of a threshold shows, bottom to top. */
export interface Scale {
  readonly min: number;
  readonly max: number;
}

/** Room for all values: from 0, or the least if it is below, to a little above the greatest. */
export function scaleOf(values: readonly number[]): Scale {
  const min = values.reduce((least, value) => Math.min(least, value), 0);
  const max = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return { min, max: max > min ? max + (max - min) * 0.1 : min + 1 };
}

/** A hundredth of the scale, or less, that reads well: 1, 2 or 5 times a power of ten. */
export function stepOf({ min, max }: Scale): number {
  const ideal = (max - min) / 100;
  const power = 10 ** Math.floor(Math.log10(ideal));
  return ([5, 2].find((factor) => factor * power <= ideal) ?? 1) * power;
}

/** The value on the scale's steps, inside it, without the noise of binary fractions. */
export function snapped(value: number, scale: Scale): number {
  const step = stepOf(scale);
  const inside = Math.min(scale.max, Math.max(scale.min, value));
  return Number((Math.round(inside / step) * step).toPrecision(12));
}

/** Where a key moves a threshold; `undefined` when the key is not ours. */
export function movedByKey(key: string, value: number, scale: Scale): number | undefined {
  const step = stepOf(scale);
  const moves: Record<string, number> = {
    ArrowUp: value + step,
    ArrowRight: value + step,
    ArrowDown: value - step,
    ArrowLeft: value - step,
    PageUp: value + 10 * step,
    PageDown: value - 10 * step,
    Home: scale.min,
    End: scale.max,
  };
  const to = moves[key];
  return to === undefined ? undefined : snapped(to, scale);
}
