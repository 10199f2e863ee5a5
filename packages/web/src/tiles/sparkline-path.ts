const WIDTH = 100;
const HEIGHT = 24;
const MARGIN = 2;
const POINTS = 60;

/**
 * SVG path data of a line through `values` in a box of 100 × 24, thinned to at most 60 points by taking means. Holes are bridged.
 * The scale covers at least a fifth of the largest value, so that noise on a steady metric does not look like drama. Empty under two points.
 * @param values Oldest first. Not modified.
 */
export function sparklinePath(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return '';
  const stride = Math.max(1, Math.ceil(known.length / POINTS));
  const means: number[] = [];
  for (let from = 0; from < known.length; from += stride) {
    const part = known.slice(from, from + stride);
    means.push(part.reduce((sum, value) => sum + value, 0) / part.length);
  }
  if (means.length < 2) return '';
  const min = Math.min(...means);
  const max = Math.max(...means);
  const span = Math.max(max - min, Math.abs(max) * 0.2, Number.MIN_VALUE);
  const base = (min + max) / 2 - span / 2;
  const x = (index: number): string => ((index / (means.length - 1)) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - MARGIN - ((value - base) / span) * (HEIGHT - 2 * MARGIN)).toFixed(1);
  return `M${means.map((value, index) => `${x(index)} ${y(value)}`).join('L')}`;
}
