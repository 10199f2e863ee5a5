/** A sample of one series. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

type Maths = (value: number) => number;
const date = (seconds: number): Date => new Date(Math.trunc(seconds) * 1000);

/** Functions of one value, from their definitions. */
export const NAIVE_MATHS: Readonly<Record<string, Maths>> = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  cos: Math.cos,
  cosh: Math.cosh,
  deg: (value) => (value * 180) / Math.PI,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  rad: (value) => (value * Math.PI) / 180,
  sgn: Math.sign,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
  day_of_month: (seconds) => date(seconds).getUTCDate(),
  day_of_week: (seconds) => date(seconds).getUTCDay(),
  hour: (seconds) => date(seconds).getUTCHours(),
  minute: (seconds) => date(seconds).getUTCMinutes(),
  month: (seconds) => date(seconds).getUTCMonth() + 1,
  year: (seconds) => date(seconds).getUTCFullYear(),
};

export interface NaiveRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly atMs: number;
  readonly parameter: number;
}
type OverRange = (points: readonly Point[], range: NaiveRange) => number | undefined;

const valuesOf = (points: readonly Point[]): number[] => points.map(({ value }) => value);
const NONE: Point = { atMs: Number.NaN, value: Number.NaN };
const first = (points: readonly Point[]): Point => points[0] ?? NONE;
const last = (points: readonly Point[]): Point => points.at(-1) ?? NONE;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const pairs = (points: readonly Point[]): (readonly [Point, Point])[] => points.slice(1).map((point, i) => [points[i] ?? NONE, point]);
const numbers = (points: readonly Point[]): number[] => valuesOf(points).filter((value) => !Number.isNaN(value));

/** The increase between the first and last sample, stretched over the range as the documentation of `rate` says. */
function stretched(points: readonly Point[], { startMs, endMs }: NaiveRange, isCounter: boolean): number | undefined {
  if (points.length < 2) return undefined;
  let increase = last(points).value - first(points).value;
  if (isCounter) for (const [before, after] of pairs(points)) if (after.value < before.value) increase += before.value;
  const covered = (last(points).atMs - first(points).atMs) / 1000;
  const interval = covered / (points.length - 1);
  const near = (gap: number): number => (gap >= interval * 1.1 ? interval / 2 : gap);
  let before = near((first(points).atMs - startMs) / 1000);
  const after = near((endMs - last(points).atMs) / 1000);
  if (isCounter && increase > 0 && first(points).value >= 0) before = Math.min(before, covered * (first(points).value / increase));
  return increase * ((covered + before + after) / covered);
}

function line(points: readonly Point[], originMs: number): { readonly slope: number; readonly level: number } | undefined {
  if (points.length < 2) return undefined;
  if (points.every(({ value }) => value === first(points).value)) {
    const { value } = first(points);
    return Number.isFinite(value) ? { slope: 0, level: value } : { slope: Number.NaN, level: Number.NaN };
  }
  const xs = points.map(({ atMs }) => (atMs - originMs) / 1000);
  const ys = valuesOf(points);
  const [meanX, meanY] = [sum(xs) / xs.length, sum(ys) / ys.length];
  const slope = sum(xs.map((x, i) => (x - meanX) * ((ys[i] ?? 0) - meanY))) / sum(xs.map((x) => (x - meanX) ** 2));
  return { slope, level: meanY - slope * meanX };
}

function lastTwo(points: readonly Point[], isRate: boolean): number | undefined {
  const [before, after] = points.slice(-2);
  if (before === undefined || after === undefined) return undefined;
  const change = isRate && after.value < before.value ? after.value : after.value - before.value;
  return isRate ? change / ((after.atMs - before.atMs) / 1000) : change;
}

/** Functions of the samples in one range, at least one; `undefined` gives no result. */
export const NAIVE_RANGES: Readonly<Record<string, OverRange>> = {
  rate: (points, range) => {
    const increase = stretched(points, range, true);
    return increase === undefined ? undefined : increase / ((range.endMs - range.startMs) / 1000);
  },
  increase: (points, range) => stretched(points, range, true),
  delta: (points, range) => stretched(points, range, false),
  irate: (points) => lastTwo(points, true),
  idelta: (points) => lastTwo(points, false),
  deriv: (points) => line(points, first(points).atMs)?.slope,
  predict_linear: (points, { atMs, parameter }) => {
    const found = line(points, atMs);
    return found === undefined ? undefined : found.level + found.slope * parameter;
  },
  changes: (points) => pairs(points).filter(([a, b]) => a.value !== b.value && !(Number.isNaN(a.value) && Number.isNaN(b.value))).length,
  resets: (points) => pairs(points).filter(([a, b]) => b.value < a.value).length,
  avg_over_time: (points) => sum(valuesOf(points)) / points.length,
  sum_over_time: (points) => sum(valuesOf(points)),
  count_over_time: (points) => points.length,
  present_over_time: () => 1,
  last_over_time: (points) => last(points).value,
  min_over_time: (points) => (numbers(points).length === 0 ? Number.NaN : Math.min(...numbers(points))),
  max_over_time: (points) => (numbers(points).length === 0 ? Number.NaN : Math.max(...numbers(points))),
  stdvar_over_time: (points) => variance(valuesOf(points)),
  stddev_over_time: (points) => Math.sqrt(variance(valuesOf(points))),
  quantile_over_time: (points, { parameter }) => quantile(parameter, valuesOf(points)),
};

export function variance(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / values.length;
}

/** Linear between the two nearest ranks; NaN is the smallest value. */
export function quantile(q: number, values: readonly number[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0 || q > 1) return q < 0 ? -Infinity : Infinity;
  const sorted = values.toSorted((a, b) => Number(Number.isNaN(b)) - Number(Number.isNaN(a)) || (a === b ? 0 : a - b));
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const share = rank - below;
  const lower = sorted[below] as number;
  const upper = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return lower * (1 - share) + upper * share;
}
