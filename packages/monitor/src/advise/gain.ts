/** By how much something improves, in percent of its present value, from the cautious to the hopeful end. */
export interface GainInterval {
  /** 0 to 100. */
  readonly lowerPercent: number;
  /** ≥ `lowerPercent`, at most 100. */
  readonly upperPercent: number;
}

/** An interval of two fractions in either order, made percent and kept within 0 to 100, with one decimal. */
export function gainInterval(oneRatio: number, otherRatio: number): GainInterval {
  const percent = (ratio: number): number => Math.round(1000 * Math.min(1, Math.max(0, ratio))) / 10;
  return { lowerPercent: percent(Math.min(oneRatio, otherRatio)), upperPercent: percent(Math.max(oneRatio, otherRatio)) };
}
