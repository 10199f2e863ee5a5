import type { Labels } from '../../model/labels.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import type { AggregateNode, BinaryNode, CallNode, Expr, MatrixNode, SelectorNode, SubqueryNode, TimeShift } from '../parse/ast.ts';
import { formatValue } from '../parse/literals.ts';
import { parseExpression } from '../parse/parse.ts';
import { NAIVE_MATHS, NAIVE_RANGES, quantile, variance, type Point } from './naive-functions.ts';
import type { WrittenSeries } from './write-to-prometheus.ts';

/** One element of an instant vector. */
interface Element {
  readonly labels: Labels;
  readonly value: number;
}
interface RangeElement {
  readonly labels: Labels;
  readonly points: readonly Point[];
}
export type NaiveValue = number | string | readonly Element[];

const LOOKBACK_MS = 300_000;
const DEFAULT_STEP_MS = 60_000;

/**
 * PromQL as its definition reads: one instant at a time, plain arrays, every sample looked at again for every step, nothing shared or
 * remembered. Slow, and short enough to be believed; the evaluator that answers users is compared with it.
 */
export class NaiveEvaluator {
  readonly #series: readonly { readonly labels: Labels; readonly points: readonly Point[] }[];
  readonly #startMs: number;
  readonly #endMs: number;
  /** Which series each result came from, by node: a call must not mix two under one name, at whatever steps. */
  readonly #origins = new Map<Expr, Map<string, string>>();

  constructor(series: readonly WrittenSeries[], query: { readonly fromMs: number; readonly toMs: number }) {
    this.#series = series.map(({ name, labels, samples }) => ({
      labels: { ...labels, __name__: name },
      points: samples.map(([atMs, value]) => ({ atMs, value: value as number })),
    }));
    this.#startMs = query.fromMs;
    this.#endMs = query.toMs;
  }

  evaluate(expression: string, atMs: number): NaiveValue {
    return this.#any(parseExpression(expression), atMs);
  }

  #any(expr: Expr, t: number): NaiveValue {
    switch (expr.kind) {
      case 'number':
      case 'string':
        return expr.value;
      case 'paren':
        return this.#any(expr.expr, t);
      case 'unary': {
        const value = this.#any(expr.expr, t);
        if (typeof value === 'number') return expr.op === '-' ? -value : value;
        return expr.op === '+' ? value : this.#renamed(expr, value as readonly Element[], (v) => -v);
      }
      case 'selector':
        return this.#select(expr, t).map(({ labels, point }) => ({ labels, value: point.value }));
      case 'call':
        return this.#call(expr, t);
      case 'aggregate':
        return this.#aggregate(expr, t);
      case 'binary':
        return this.#binary(expr, t);
      default:
        throw new Error('a range vector has no value of its own');
    }
  }

  #vector(expr: Expr, t: number): readonly Element[] {
    return this.#any(expr, t) as readonly Element[];
  }
  #scalar(expr: Expr, t: number): number {
    return this.#any(expr, t) as number;
  }

  #shifted({ at, offsetMs }: TimeShift, t: number): number {
    const base = at === undefined ? t : at === 'start' ? this.#startMs : at === 'end' ? this.#endMs : at.atMs;
    return base - offsetMs;
  }

  #matching({ matchers }: SelectorNode): { readonly labels: Labels; readonly points: readonly Point[] }[] {
    return this.#series.filter(({ labels }) => matchers.every((matcher) => compileMatcher(matcher)(labels[matcher.label] ?? '')));
  }

  #select(node: SelectorNode, t: number): { readonly labels: Labels; readonly point: Point }[] {
    const at = this.#shifted(node, t);
    return this.#matching(node).flatMap(({ labels, points }) => {
      const point = points.findLast(({ atMs }) => atMs <= at && atMs > at - LOOKBACK_MS);
      return point === undefined ? [] : [{ labels, point }];
    });
  }

  #ranges(
    node: MatrixNode | SubqueryNode,
    t: number,
  ): { readonly elements: RangeElement[]; readonly startMs: number; readonly endMs: number } {
    const end = this.#shifted(node.kind === 'matrix' ? node.selector : node, t);
    const start = end - node.rangeMs;
    const elements =
      node.kind === 'matrix'
        ? this.#matching(node.selector).map(({ labels, points }) => ({
            labels,
            points: points.filter(({ atMs }) => atMs > start && atMs <= end),
          }))
        : this.#steps(node, start, end);
    return { elements: elements.filter(({ points }) => points.length > 0), startMs: start, endMs: end };
  }

  /** A subquery: the expression at every multiple of the step in `(start, end]`. */
  #steps(node: SubqueryNode, start: number, end: number): RangeElement[] {
    const stepMs = node.stepMs ?? DEFAULT_STEP_MS;
    const byKey = new Map<string, { labels: Labels; points: Point[] }>();
    for (let t = (Math.floor(start / stepMs) + 1) * stepMs; t <= end; t += stepMs) {
      const value = this.#any(node.expr, t);
      const elements = typeof value === 'number' ? [{ labels: {}, value }] : (value as readonly Element[]);
      for (const one of elements) {
        const known = byKey.get(keyOf(one.labels)) ?? { labels: one.labels, points: [] };
        byKey.set(keyOf(one.labels), known);
        known.points.push({ atMs: t, value: one.value });
      }
    }
    return [...byKey.values()];
  }

  #call(node: CallNode, t: number): NaiveValue {
    const { name, args } = node;
    const range = args.map(inside).find((arg): arg is MatrixNode | SubqueryNode => arg.kind === 'matrix' || arg.kind === 'subquery');
    if (range !== undefined) return this.#rangeCall(node, range, t);
    const [first, second, third] = args as [Expr, Expr, Expr];
    const maths = NAIVE_MATHS[name];
    if (maths !== undefined)
      return this.#renamed(node, args.length === 0 ? [{ labels: {}, value: t / 1000 }] : this.#vector(first, t), maths);
    const values = (change: (value: number) => number): NaiveValue => this.#renamed(node, this.#vector(first, t), change);
    switch (name) {
      case 'time':
        return t / 1000;
      case 'pi':
        return Math.PI;
      case 'vector':
        return [{ labels: {}, value: this.#scalar(first, t) }];
      case 'scalar': {
        const [only, ...more] = this.#vector(first, t);
        return only === undefined || more.length > 0 ? Number.NaN : only.value;
      }
      case 'timestamp': {
        const inner = inside(first);
        if (inner.kind !== 'selector') return values(() => t / 1000);
        const found = this.#select(inner, t).map(({ labels, point }) => ({ labels, value: point.atMs / 1000 }));
        return this.#renamed(node, found, (value) => value);
      }
      case 'absent':
        return this.#vector(first, t).length > 0 ? [] : [{ labels: equalities(first), value: 1 }];
      case 'sort':
      case 'sort_desc':
        return this.#vector(first, t);
      case 'round': {
        const inverse = 1 / (args.length > 1 ? this.#scalar(second, t) : 1);
        return values((value) => Math.floor(value * inverse + 0.5) / inverse);
      }
      case 'clamp': {
        const [low, high] = [this.#scalar(second, t), this.#scalar(third, t)];
        return low > high ? [] : values((value) => Math.max(low, Math.min(high, value)));
      }
      case 'label_replace': {
        const [target = '', replacement = '', source = '', pattern = ''] = args.slice(1).map((arg) => this.#any(arg, t) as string);
        const changed = this.#vector(first, t).map(({ labels, value }) => {
          const text = labels[source] ?? '';
          const regex = new RegExp(`^(?:${pattern})$`, 's');
          return { labels: regex.test(text) ? withLabel(labels, target, text.replace(regex, replacement)) : labels, value };
        });
        return this.#distinct(changed);
      }
      case 'histogram_quantile':
        return this.#histogramQuantile(this.#scalar(first, t), this.#vector(second, t));
      default:
        throw new Error(`the naive evaluator does not know ${name}`);
    }
  }

  #rangeCall(node: CallNode, range: MatrixNode | SubqueryNode, t: number): NaiveValue {
    const { elements, startMs, endMs } = this.#ranges(range, t);
    if (node.name === 'absent_over_time')
      return elements.length > 0 ? [] : [{ labels: range.kind === 'matrix' ? equalities(range.selector) : {}, value: 1 }];
    const other = node.args.find((arg) => inside(arg) !== range);
    const parameter = other === undefined ? 0 : this.#scalar(other, t);
    const found = elements.flatMap(({ labels, points }) => {
      const value = NAIVE_RANGES[node.name]?.(points, { startMs, endMs, atMs: t, parameter });
      return value === undefined ? [] : [{ labels, value }];
    });
    return node.name === 'last_over_time' ? found : this.#renamed(node, found, (value) => value, { isWhole: true });
  }

  /** Values changed, names dropped. @param options `isWhole`: one result may come from one series alone over all steps. */
  #renamed(
    node: Expr,
    elements: readonly Element[],
    change: (value: number) => number,
    options: { readonly isWhole: boolean } = { isWhole: node.kind === 'unary' },
  ): readonly Element[] {
    const results = elements.map(({ labels, value }) => ({ labels: nameless(labels), value: change(value) }));
    if (!options.isWhole) return this.#distinct(results);
    const origins = this.#origins.get(node) ?? new Map<string, string>();
    this.#origins.set(node, origins);
    elements.forEach(({ labels }) => {
      const key = keyOf(nameless(labels));
      if ((origins.get(key) ?? keyOf(labels)) !== keyOf(labels)) throw new Error('two series get the same labels');
      origins.set(key, keyOf(labels));
    });
    return results;
  }

  #distinct(elements: readonly Element[]): readonly Element[] {
    if (new Set(elements.map(({ labels }) => keyOf(labels))).size < elements.length) throw new Error('two series get the same labels');
    return elements;
  }

  #histogramQuantile(q: number, vector: readonly Element[]): readonly Element[] {
    const groups = Map.groupBy(
      vector.filter(({ labels }) => labels['le'] !== undefined),
      ({ labels }) => keyOf(without(labels, ['le'])),
    );
    const results = [...groups.values()].map((members) => {
      const buckets = members
        .map(({ labels, value }) => ({ bound: labels['le'] === '+Inf' ? Infinity : Number(labels['le']), count: value }))
        .toSorted((a, b) => a.bound - b.bound);
      for (let i = 1; i < buckets.length; i++) {
        const [below, here] = [buckets[i - 1], buckets[i]] as [{ count: number }, { count: number }];
        if (here.count < below.count) here.count = below.count;
      }
      return { labels: without((members[0] as Element).labels, ['le', '__name__']), value: quantileOfBuckets(q, buckets) };
    });
    return this.#distinct(results);
  }

  #aggregate(node: AggregateNode, t: number): readonly Element[] {
    const { op, grouping } = node;
    let vector = this.#vector(node.expr, t);
    const kept = (labels: Labels): Labels => (node.without ? without(labels, [...grouping, '__name__']) : only(labels, grouping));
    const parameter = node.param === undefined ? 0 : this.#any(node.param, t);
    if (op === 'count_values')
      vector = vector.map(({ labels, value }) => ({ labels: withLabel(labels, parameter as string, formatValue(value)), value }));
    const group = ({ labels }: Element): string =>
      keyOf(op === 'count_values' && !node.without ? only(labels, [...grouping, parameter as string]) : kept(labels));
    return [...Map.groupBy(vector, group).values()].flatMap((members) => {
      const values = members.map(({ value }) => value);
      if (op === 'topk' || op === 'bottomk') {
        const sign = op === 'topk' ? -1 : 1;
        const ordered = members.toSorted(
          (a, b) => Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) || sign * (a.value - b.value),
        );
        return ordered.slice(0, Math.max(0, parameter as number));
      }
      const labels =
        op === 'count_values' && !node.without
          ? only((members[0] as Element).labels, [...grouping, parameter as string])
          : kept((members[0] as Element).labels);
      return [{ labels, value: fold(op, values, parameter as number) }];
    });
  }

  #binary(node: BinaryNode, t: number): NaiveValue {
    const left = this.#any(node.left, t) as number | readonly Element[];
    const right = this.#any(node.right, t) as number | readonly Element[];
    const isFilter = COMPARISONS[node.op] !== undefined && !node.returnsBool;
    const apply = (a: number, b: number): number => ARITHMETIC[node.op]?.(a, b) ?? Number(COMPARISONS[node.op]?.(a, b));
    if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
    if (typeof left === 'number' || typeof right === 'number') {
      const vector = (typeof left === 'number' ? right : left) as readonly Element[];
      const pair = (value: number): [number, number] => (typeof left === 'number' ? [left, value] : [value, right as number]);
      if (isFilter) return vector.filter(({ value }) => apply(...pair(value)) === 1);
      return this.#renamed(node, vector, (value) => apply(...pair(value)));
    }
    const { matching } = node;
    const key = ({ labels }: Element): string =>
      keyOf(matching.on ? only(labels, matching.labels) : without(labels, [...matching.labels, '__name__']));
    const has = (side: readonly Element[], one: Element): boolean => side.some((other) => key(other) === key(one));
    if (node.op === 'and') return left.filter((one) => has(right, one));
    if (node.op === 'unless') return left.filter((one) => !has(right, one));
    if (node.op === 'or') return [...left, ...right.filter((one) => !has(left, one))];
    return this.#match(node, { left, right, key, apply, isFilter });
  }

  #match(
    node: BinaryNode,
    {
      left,
      right,
      key,
      apply,
      isFilter,
    }: { left: readonly Element[]; right: readonly Element[]; key: (one: Element) => string; apply: Operate; isFilter: boolean },
  ): readonly Element[] {
    if (left.length === 0 || right.length === 0) return [];
    const { matching } = node;
    const isSwapped = matching.cardinality === 'one-to-many';
    const [many, one] = isSwapped ? [right, left] : [left, right];
    if (new Set(one.map(key)).size < one.length) throw new Error('several on the one side');
    const taken = new Set<string>();
    return many.flatMap((element) => {
      const partner = one.find((other) => key(other) === key(element));
      if (partner === undefined) return [];
      const result = isSwapped ? apply(partner.value, element.value) : apply(element.value, partner.value);
      if (isFilter && result === 0) return [];
      const base = isFilter ? element.labels : nameless(element.labels);
      let labels = base;
      if (matching.cardinality === 'one-to-one') labels = matching.on ? only(base, matching.labels) : without(base, matching.labels);
      else for (const name of matching.include) labels = withLabel(labels, name, partner.labels[name] ?? '');
      const unique = matching.cardinality === 'one-to-one' ? key(element) : keyOf(labels);
      if (taken.has(unique)) throw new Error('several results');
      taken.add(unique);
      return [{ labels, value: isFilter ? (isSwapped ? partner.value : element.value) : result }];
    });
  }
}

type Operate = (a: number, b: number) => number;
const ARITHMETIC: Readonly<Record<string, Operate>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  atan2: Math.atan2,
};
const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

function fold(op: string, values: readonly number[], parameter: number): number {
  switch (op) {
    case 'sum':
      return values.reduce((a, b) => a + b, 0);
    case 'avg':
      return values.reduce((a, b) => a + b, 0) / values.length;
    case 'min':
    case 'max': {
      const numbers = values.filter((value) => !Number.isNaN(value));
      return numbers.length === 0 ? Number.NaN : op === 'min' ? Math.min(...numbers) : Math.max(...numbers);
    }
    case 'stdvar':
      return variance(values);
    case 'stddev':
      return Math.sqrt(variance(values));
    case 'quantile':
      return quantile(parameter, values);
    default:
      return op === 'group' ? 1 : values.length;
  }
}

function quantileOfBuckets(q: number, buckets: readonly { readonly bound: number; readonly count: number }[]): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0 || q > 1) return q < 0 ? -Infinity : Infinity;
  if (buckets.at(-1)?.bound !== Infinity || buckets.length < 2 || !(total > 0 || total < 0)) return Number.NaN;
  const i = buckets.findIndex(({ count }) => count >= q * total);
  if (i < 0 || i === buckets.length - 1) return buckets.at(-2)?.bound ?? Number.NaN;
  const { bound, count } = buckets[i] as { bound: number; count: number };
  if (i === 0 && bound <= 0) return bound;
  const below = buckets[i - 1] ?? { bound: 0, count: 0 };
  return below.bound + (bound - below.bound) * ((q * total - below.count) / (count - below.count));
}

function inside(expr: Expr): Expr {
  return expr.kind === 'paren' ? inside(expr.expr) : expr;
}

function equalities(expr: Expr): Labels {
  const inner = inside(expr);
  if (inner.kind !== 'selector') return {};
  const counts = Map.groupBy(inner.matchers, ({ label }) => label);
  const pairs = [...counts].filter(([label, [first, ...more]]) => label !== '__name__' && more.length === 0 && first?.op === '=');
  return Object.fromEntries(pairs.map(([label, matchers]) => [label, matchers[0]?.value ?? '']));
}

const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const pick = (labels: Labels, test: (name: string) => boolean): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => test(name)));
const only = (labels: Labels, names: readonly string[]): Labels => pick(labels, (name) => names.includes(name));
const without = (labels: Labels, names: readonly string[]): Labels => pick(labels, (name) => !names.includes(name));
const nameless = (labels: Labels): Labels => without(labels, ['__name__']);
const withLabel = (labels: Labels, name: string, value: string): Labels =>
  value === '' ? without(labels, [name]) : { ...labels, [name]: value };
