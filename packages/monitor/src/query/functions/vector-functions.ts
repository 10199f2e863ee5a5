import type { Labels } from '../../model/labels.ts';
import { compareNanLast } from '../context/compare-nan-last.ts';
import { unwrapParens, type Expr } from '../parse/ast.ts';
import { METRIC_NAME, emptyColumn, hasAny, withoutName, type Column } from '../context/frame.ts';
import type { QueryContext } from '../context/query-context.ts';

/** Applies a function to every present value; the metric name goes, as the values are no longer that metric's. */
export function mapColumns(columns: readonly Column[], map: (value: number, step: number) => number): Column[] {
  return columns.map(({ labels, values, present }) => ({
    labels: withoutName(labels),
    values: values.map((value, step) => (present[step] === 1 ? map(value, step) : 0)),
    present,
  }));
}

/** A vector of one element without labels. */
export function vectorOf(values: Float64Array): Column {
  return { labels: {}, values, present: new Uint8Array(values.length).fill(1) };
}

/** The one element's value at each step; NaN where there are none or several. */
export function scalarOf(columns: readonly Column[], steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, step) => {
    const present = columns.filter((column) => column.present[step] === 1);
    return present.length === 1 ? (present[0]?.values[step] as number) : Number.NaN;
  });
}

/** By the value of the first step, NaN last: only instant queries have an order. @param sign 1 ascending, −1 descending. */
export function sortColumns(columns: readonly Column[], sign: 1 | -1): Column[] {
  return columns.toSorted((a, b) => compareNanLast(a.values[0] as number, b.values[0] as number, sign));
}

/** Values held within limits per step; where the lower limit is above the upper one there is no result. */
export function clampColumns(columns: readonly Column[], lowest: Float64Array, highest: Float64Array): Column[] {
  return columns
    .map(({ labels, values, present }) => ({
      labels: withoutName(labels),
      values: values.map((value, step) => Math.max(lowest[step] as number, Math.min(highest[step] as number, value))),
      present: present.map((isPresent, step) => ((lowest[step] as number) > (highest[step] as number) ? 0 : isPresent)),
    }))
    .filter(hasAny);
}

/** 1 at steps where no series is present, labelled with what the selector's equality conditions say. */
export function absent(columns: readonly Column[], expr: Expr, context: QueryContext): Column[] {
  const column = emptyColumn(labelsOfEqualities(expr), context.at.steps);
  for (let step = 0; step < context.at.steps; step++) {
    if (columns.some(({ present }) => present[step] === 1)) continue;
    column.values[step] = 1;
    column.present[step] = 1;
  }
  return hasAny(column) ? [column] : [];
}

function labelsOfEqualities(expr: Expr): Labels {
  const inner = unwrapParens(expr);
  if (inner.kind !== 'selector') return {};
  const labels: Record<string, string> = {};
  const seen = new Set<string>();
  for (const { label, op, value } of inner.matchers) {
    if (label === METRIC_NAME) continue;
    if (op === '=' && !seen.has(label)) labels[label] = value;
    else delete labels[label];
    seen.add(label);
  }
  return labels;
}
