import type { Labels } from '../model/labels.ts';
import { emptyColumn, hasAny, signature, withoutName, type Column } from './frame.ts';
import type { QueryContext } from './query-context.ts';

interface Bucket {
  readonly upper: number;
  readonly column: Column;
}
interface Histogram {
  readonly labels: Labels;
  /** By upper bound, ascending. */
  readonly buckets: readonly Bucket[];
}

/** Cumulative counts of one histogram at one step, made to grow as they should. */
interface Counts {
  readonly uppers: readonly number[];
  readonly counts: readonly number[];
}

function parseBound(text: string): number {
  if (text === '+Inf') return Infinity;
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** Series with a readable `le`, by their other labels. */
function histogramsOf(columns: readonly Column[]): Histogram[] {
  const groups = new Map<string, { readonly labels: Labels; readonly buckets: Bucket[] }>();
  for (const column of columns) {
    const { le, ...labels } = withoutName(column.labels);
    const upper = le === undefined ? Number.NaN : parseBound(le);
    if (Number.isNaN(upper)) continue;
    const key = signature(labels);
    const group = groups.get(key) ?? { labels, buckets: [] };
    groups.set(key, group);
    group.buckets.push({ upper, column });
  }
  return [...groups.values()].map(({ labels, buckets }) => ({ labels, buckets: buckets.toSorted((a, b) => a.upper - b.upper) }));
}

/** `undefined` without a `+Inf` bucket, or with fewer than two buckets. */
function countsAt({ buckets }: Histogram, step: number): Counts | undefined {
  const uppers: number[] = [];
  const counts: number[] = [];
  for (const { upper, column } of buckets) {
    if (column.present[step] !== 1) continue;
    const value = column.values[step] as number;
    if (uppers.at(-1) === upper) counts[counts.length - 1] = (counts.at(-1) as number) + value;
    else {
      uppers.push(upper);
      // Scrapes are not atomic: a later bucket may lag behind, but counts below it cannot be fewer.
      counts.push(Math.max(value, counts.at(-1) ?? value));
    }
  }
  return uppers.length >= 2 && uppers.at(-1) === Infinity ? { uppers, counts } : undefined;
}

/** Linear between the bounds of the bucket the quantile falls into, as Prometheus does; the lowest bucket begins at 0 when its bound is positive. */
function quantileOf(q: number, { uppers, counts }: Counts): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const total = counts.at(-1) as number;
  if (total === 0) return Number.NaN;
  const rank = q * total;
  const found = counts.findIndex((count) => count >= rank);
  const index = Math.min(found === -1 ? counts.length - 1 : found, counts.length - 1);
  if (index === counts.length - 1) return uppers[index - 1] as number;
  const upper = uppers[index] as number;
  if (index === 0 && upper <= 0) return upper;
  const lower = index === 0 ? 0 : (uppers[index - 1] as number);
  const below = index === 0 ? 0 : (counts[index - 1] as number);
  const inside = (counts[index] as number) - below;
  return lower + (upper - lower) * ((rank - below) / inside);
}

/** Share of observations at or under `bound`, by the same interpolation. */
function rankOf(bound: number, { uppers, counts }: Counts): number {
  const total = counts.at(-1) as number;
  if (bound === Infinity) return total;
  const index = uppers.findIndex((upper) => bound < upper);
  const lower = index <= 0 ? 0 : (uppers[index - 1] as number);
  const below = index <= 0 ? 0 : (counts[index - 1] as number);
  const upper = uppers[index] as number;
  if (upper === Infinity || bound <= lower) return below;
  return below + ((counts[index] as number) - below) * ((bound - lower) / (upper - lower));
}

function perHistogram(columns: readonly Column[], context: QueryContext, valueAt: (counts: Counts, step: number) => number): Column[] {
  return histogramsOf(columns)
    .map((histogram) => {
      const column = emptyColumn(histogram.labels, context.at.steps);
      for (let step = 0; step < context.at.steps; step++) {
        const counts = countsAt(histogram, step);
        if (counts === undefined) continue;
        column.values[step] = valueAt(counts, step);
        column.present[step] = 1;
      }
      return column;
    })
    .filter(hasAny);
}

/** φ-quantile of classic histograms: series with an `le` label. */
export function histogramQuantile(q: Float64Array, columns: readonly Column[], context: QueryContext): Column[] {
  if (q.some((value) => !(value >= 0 && value <= 1))) context.notes.warn('histogram_quantile: the quantile must be between 0 and 1');
  return perHistogram(columns, context, (counts, step) => quantileOf(q[step] as number, counts));
}

/** Share of observations between two bounds of classic histograms. */
export function histogramFraction(
  bounds: { readonly lower: Float64Array; readonly upper: Float64Array },
  columns: readonly Column[],
  context: QueryContext,
): Column[] {
  return perHistogram(columns, context, (counts, step) => {
    const lower = bounds.lower[step] as number;
    const upper = bounds.upper[step] as number;
    const total = counts.counts.at(-1) as number;
    if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
    return lower >= upper ? 0 : (rankOf(upper, counts) - rankOf(lower, counts)) / total;
  });
}
