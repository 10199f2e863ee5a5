import type { CallNode, Expr } from '../parse/ast.ts';
import { METRIC_NAME, emptyColumn, signature, withoutName, type Column } from '../context/frame.ts';
import type { QueryContext } from '../context/query-context.ts';

interface Bucket {
  readonly upperBound: number;
  count: number;
}
interface BucketSeries {
  readonly upperBound: number;
  readonly column: Column;
}

/** Series with `le`, of one histogram or many. */
export interface HistogramInput {
  readonly columns: readonly Column[];
  readonly context: QueryContext;
}

const SMALL_DELTA = 1e-12;

/** Quantiles of classic histograms: series with `le`, one result for each set of other labels. */
export function histogramQuantile(node: CallNode, q: Float64Array, input: HistogramInput): Promise<Column[]> {
  const [quantile, vector] = node.args as [Expr, Expr];
  input.context.notes.checkQuantiles(q, quantile);
  return overHistograms(vector, input, (buckets, step, metric) =>
    bucketQuantile(q[step] as number, buckets, () => input.context.notes.forcedMonotonic(metric, vector)),
  );
}

/** The share of observations between two values, of classic histograms. */
export function histogramFraction(
  node: CallNode,
  bounds: { readonly lower: Float64Array; readonly upper: Float64Array },
  input: HistogramInput,
): Promise<Column[]> {
  return overHistograms(node.args[2] as Expr, input, (buckets, step) =>
    bucketFraction(bounds.lower[step] as number, bounds.upper[step] as number, buckets),
  );
}

async function overHistograms(
  vector: Expr,
  { columns, context }: HistogramInput,
  evaluate: (buckets: Bucket[], step: number, metric: string) => number,
): Promise<Column[]> {
  const { steps } = context.at;
  const groups = new Map<string, { readonly labels: Column['labels']; readonly series: BucketSeries[] }>();
  for (const column of columns) {
    const { le, ...labels } = column.labels;
    const upperBound = parseBound(le);
    if (upperBound === undefined) {
      context.notes.badBucketLabel(le ?? '', labels[METRIC_NAME] ?? '', vector);
      continue;
    }
    const key = signature(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, series: [{ upperBound, column }] });
    else group.series.push({ upperBound, column });
  }
  context.budget.countValues(steps * groups.size);
  const results: Column[] = [];
  for (const { labels, series } of groups.values()) {
    await context.budget.breathe();
    series.sort((a, b) => a.upperBound - b.upperBound);
    const result = emptyColumn(withoutName(labels), steps);
    for (let step = 0; step < steps; step++) {
      const buckets = bucketsAt(series, step);
      if (buckets.length === 0) continue;
      result.values[step] = evaluate(buckets, step, labels[METRIC_NAME] ?? '');
      result.present[step] = 1;
    }
    results.push(result);
  }
  return results;
}

function parseBound(le: string | undefined): number | undefined {
  if (le === undefined || le === '') return undefined;
  if (/^\+?inf$/i.test(le)) return Infinity;
  const value = Number(le);
  return Number.isNaN(value) ? undefined : value;
}

/** Buckets present at a step, those of equal bounds added up. */
function bucketsAt(series: readonly BucketSeries[], step: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { upperBound, column } of series) {
    if (column.present[step] !== 1) continue;
    const count = column.values[step] as number;
    const last = buckets.at(-1);
    if (last !== undefined && last.upperBound === upperBound) last.count += count;
    else buckets.push({ upperBound, count });
  }
  return buckets;
}

/**
 * Linear interpolation inside the bucket that holds the rank; the lowest bucket begins at 0 when its bound is positive, the highest gives
 * the bound below it. Counts that fall are lifted, with an info unless the fall is rounding.
 */
function bucketQuantile(q: number, buckets: Bucket[], onForced: () => void): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  if (buckets.at(-1)?.upperBound !== Infinity) return Number.NaN;
  if (liftFallingCounts(buckets)) onForced();
  if (buckets.length < 2) return Number.NaN;
  const observations = (buckets.at(-1) as Bucket).count;
  if (observations === 0 || Number.isNaN(observations)) return Number.NaN;
  let rank = q * observations;
  let index = buckets.findIndex(({ count }, i) => i < buckets.length - 1 && count >= rank);
  if (index < 0) index = buckets.length - 1;
  if (index === buckets.length - 1) return (buckets[index - 1] as Bucket).upperBound;
  const { upperBound, count } = buckets[index] as Bucket;
  if (index === 0 && upperBound <= 0) return upperBound;
  const below = index === 0 ? { upperBound: 0, count: 0 } : (buckets[index - 1] as Bucket);
  rank -= below.count;
  return below.upperBound + (upperBound - below.upperBound) * (rank / (count - below.count));
}

/** Makes counts non-decreasing; returns whether any fell by more than rounding explains. */
function liftFallingCounts(buckets: Bucket[]): boolean {
  let isForced = false;
  let previous = buckets[0]?.count ?? 0;
  for (const bucket of buckets) {
    if (bucket.count === previous) continue;
    const isSmall =
      Math.abs(bucket.count - previous) <= SMALL_DELTA * Math.min(Math.abs(bucket.count) + Math.abs(previous), Number.MAX_VALUE);
    if (isSmall) {
      bucket.count = previous;
    } else if (bucket.count < previous) {
      bucket.count = previous;
      isForced = true;
    }
    previous = bucket.count;
  }
  return isForced;
}

function bucketFraction(lower: number, upper: number, buckets: Bucket[]): number {
  if (Number.isNaN(lower) || Number.isNaN(upper) || buckets.at(-1)?.upperBound !== Infinity) return Number.NaN;
  if (buckets.length < 2) return Number.NaN;
  const total = (buckets.at(-1) as Bucket).count;
  if (total === 0 || Number.isNaN(total)) return Number.NaN;
  if (lower >= upper) return 0;
  return (Math.min(total, rankOf(upper, buckets)) - Math.min(total, rankOf(lower, buckets))) / total;
}

/** Observations at or below `value`, interpolated within its bucket. */
function rankOf(value: number, buckets: readonly Bucket[]): number {
  let lowerBound = (buckets[0] as Bucket).upperBound > 0 ? 0 : -Infinity;
  let lowerCount = 0;
  for (const { upperBound, count } of buckets) {
    if (value <= lowerBound) return lowerCount;
    if (value < upperBound) {
      if (upperBound === Infinity || lowerBound === -Infinity) return upperBound === Infinity ? lowerCount : 0;
      return lowerCount + (count - lowerCount) * ((value - lowerBound) / (upperBound - lowerBound));
    }
    lowerBound = upperBound;
    lowerCount = count;
  }
  return lowerCount;
}
