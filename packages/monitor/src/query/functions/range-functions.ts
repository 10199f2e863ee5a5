import { CompensatedMean, CompensatedSum, CompensatedVariance } from './compensated.ts';
import { CounterResets } from './counter-resets.ts';
import { SortedWindow } from './sorted-window.ts';

/** The samples of one series in one range: indexes `from` to `to` (exclusive) of the arrays, at least one. Stale markers are gone. */
export interface Window {
  timesMs: Float64Array;
  values: Float64Array;
  /** How many samples each value is the sum of, where they are only kept rolled up. Absent: one each. Only functions of sums are given sums. */
  counts?: Float64Array | undefined;
  from: number;
  to: number;
  /** The step's instant. */
  atMs: number;
  /** The range `(startMs, endMs]` after offset and @. */
  startMs: number;
  endMs: number;
  /** The scalar argument of this step, where the function takes one. */
  parameter: number;
}

/** Puts its answer into `out.value`, or leaves `out.isPresent` false. Called for the windows of one series, which only move forwards. */
export type RangeFunction = (window: Window, out: RangeResult) => void;
/** Makes a function for one series, so that it may remember what it saw of it. */
export type StartRangeFunction = () => RangeFunction;

export interface RangeResult {
  value: number;
  isPresent: boolean;
}

function give(out: RangeResult, value: number): void {
  out.value = value;
  out.isPresent = true;
}

const total = new CompensatedSum();
const mean = new CompensatedMean();
const spread = new CompensatedVariance();

/**
 * Increase over the whole range from samples that cover only part of it. When the first or last sample is near the range's edge (within
 * 1.1 average intervals) the series is taken to go on to the edge, else for half an interval; a counter is never extrapolated below zero.
 */
function extrapolated(isCounter: boolean, isRate: boolean): RangeFunction {
  const resets = isCounter ? new CounterResets() : undefined;
  return (window, out) => {
    const { timesMs, values, from, to, startMs, endMs } = window;
    if (to - from < 2) return;
    const first = values[from] as number;
    let increase = (values[to - 1] as number) - first;
    if (resets !== undefined) increase += resets.lostIn(window);
    const firstMs = timesMs[from] as number;
    const lastMs = timesMs[to - 1] as number;
    const sampled = (lastMs - firstMs) / 1000;
    const average = sampled / (to - from - 1);
    let toStart = (firstMs - startMs) / 1000;
    let toEnd = (endMs - lastMs) / 1000;
    const threshold = average * 1.1;
    if (toStart >= threshold) toStart = average / 2;
    if (isCounter && increase > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / increase));
    if (toEnd >= threshold) toEnd = average / 2;
    let factor = (sampled + toStart + toEnd) / sampled;
    if (isRate) factor /= (endMs - startMs) / 1000;
    give(out, increase * factor);
  };
}

function instantDelta(isRate: boolean): RangeFunction {
  return ({ timesMs, values, from, to }, out) => {
    if (to - from < 2) return;
    const last = values[to - 1] as number;
    const previous = values[to - 2] as number;
    const isReset = isRate && last < previous;
    const delta = isReset ? last : last - previous;
    const intervalMs = (timesMs[to - 1] as number) - (timesMs[to - 2] as number);
    if (intervalMs > 0) give(out, isRate ? delta / (intervalMs / 1000) : delta);
  };
}

const sumX = new CompensatedSum();
const sumXY = new CompensatedSum();
const sumXX = new CompensatedSum();

/** Least squares through the window; x in seconds from `originMs`. */
function regression(window: Window, originMs: number): { slope: number; intercept: number } {
  const { timesMs, values, from, to } = window;
  for (const sum of [sumX, total, sumXY, sumXX]) sum.reset();
  const first = values[from] as number;
  let isConstant = true;
  for (let i = from; i < to; i++) {
    const x = ((timesMs[i] as number) - originMs) / 1000;
    const y = values[i] as number;
    if (y !== first) isConstant = false;
    sumX.add(x);
    total.add(y);
    sumXY.add(x * y);
    sumXX.add(x * x);
  }
  if (isConstant) return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN };
  const n = to - from;
  const x = sumX.sum + sumX.lost;
  const y = total.sum + total.lost;
  const covariance = sumXY.sum + sumXY.lost - (x * y) / n;
  const variance = sumXX.sum + sumXX.lost - (x * x) / n;
  const slope = covariance / variance;
  return { slope, intercept: y / n - (slope * x) / n };
}

function sumOf(values: Float64Array, from: number, to: number): number {
  total.reset();
  for (let i = from; i < to; i++) total.add(values[i] as number);
  return total.total;
}

function extreme(isMax: boolean): RangeFunction {
  return ({ values, from, to }, out) => {
    let best = values[from] as number;
    for (let i = from + 1; i < to; i++) {
      const value = values[i] as number;
      if ((isMax ? value > best : value < best) || Number.isNaN(best)) best = value;
    }
    give(out, best);
  };
}

function variance(finish: (variance: number) => number): RangeFunction {
  return ({ values, from, to }, out) => {
    spread.reset();
    for (let i = from; i < to; i++) spread.add(values[i] as number);
    give(out, finish(spread.variance));
  };
}

function countPairs(test: (previous: number, value: number) => boolean): RangeFunction {
  return ({ values, from, to }, out) => {
    let count = 0;
    for (let i = from + 1; i < to; i++) if (test(values[i - 1] as number, values[i] as number)) count++;
    give(out, count);
  };
}

function quantile(): RangeFunction {
  const sorted = new SortedWindow();
  return (window, out) => {
    const q = window.parameter;
    if (Number.isNaN(q)) return give(out, Number.NaN);
    if (q < 0 || q > 1) return give(out, q < 0 ? -Infinity : Infinity);
    sorted.moveTo(window);
    give(out, sorted.quantile(q));
  };
}

const always =
  (apply: RangeFunction): StartRangeFunction =>
  () =>
    apply;

/** Functions of one range vector, by name. `absent_over_time` is not among them: it looks at all series together. */
export const RANGE_FUNCTIONS: ReadonlyMap<string, StartRangeFunction> = new Map<string, StartRangeFunction>([
  ['rate', () => extrapolated(true, true)],
  ['increase', () => extrapolated(true, false)],
  ['delta', () => extrapolated(false, false)],
  ['irate', always(instantDelta(true))],
  ['idelta', always(instantDelta(false))],
  ['deriv', always((w, out) => void (w.to - w.from >= 2 && give(out, regression(w, w.timesMs[w.from] as number).slope)))],
  [
    'predict_linear',
    always((w, out) => {
      if (w.to - w.from < 2) return;
      const { slope, intercept } = regression(w, w.atMs);
      give(out, slope * w.parameter + intercept);
    }),
  ],
  ['changes', always(countPairs((previous, value) => value !== previous && !(Number.isNaN(value) && Number.isNaN(previous))))],
  ['resets', always(countPairs((previous, value) => value < previous))],
  [
    'avg_over_time',
    always(({ values, counts, from, to }, out) => {
      if (counts !== undefined) return give(out, sumOf(values, from, to) / sumOf(counts, from, to));
      mean.reset();
      for (let i = from; i < to; i++) mean.add(values[i] as number);
      give(out, mean.mean);
    }),
  ],
  ['sum_over_time', always(({ values, from, to }, out) => give(out, sumOf(values, from, to)))],
  ['count_over_time', always(({ counts, from, to }, out) => give(out, counts === undefined ? to - from : sumOf(counts, from, to)))],
  ['present_over_time', always((_, out) => give(out, 1))],
  ['last_over_time', always(({ values, to }, out) => give(out, values[to - 1] as number))],
  ['min_over_time', always(extreme(false))],
  ['max_over_time', always(extreme(true))],
  ['stddev_over_time', always(variance(Math.sqrt))],
  ['stdvar_over_time', always(variance((value) => value))],
  ['quantile_over_time', quantile],
]);
