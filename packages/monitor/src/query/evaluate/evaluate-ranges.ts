import type { Labels } from '../../model/labels.ts';
import type { MatrixNode, SubqueryNode } from '../parse/ast.ts';
import { emptyColumn, hasAny, withoutName, type Column, type Steps } from '../context/frame.ts';
import { shiftedSteps, type QueryContext } from '../context/query-context.ts';
import type { RangeFunction, RangeResult, StartRangeFunction, Window } from '../functions/range-functions.ts';
import type { Figure } from '../../store/sample-store.ts';
import { selectRanges, type SeriesSamples } from './select.ts';

/** Evaluates an expression at other instants: how this file reaches the evaluator without importing it. */
export type EvaluateColumns = (node: SubqueryNode, at: Steps) => Promise<readonly Column[]>;

export interface RangeEvaluation {
  readonly node: MatrixNode | SubqueryNode;
  readonly context: QueryContext;
  /** What stands for samples that are only kept rolled up. */
  readonly figure: Figure;
  readonly evaluate: EvaluateColumns;
}

/** The range vector's series, whatever it is made of. */
export function seriesOf(range: RangeEvaluation): AsyncGenerator<SeriesSamples> {
  return range.node.kind === 'matrix' ? selectRanges(range.node, range) : subquerySeries(range.node, range);
}

/** Applies a function to the range that ends at each step, series by series, so that only one series' samples are held at a time. */
export async function evaluateRanges(
  range: RangeEvaluation,
  call: {
    readonly start: StartRangeFunction;
    readonly parameters: Float64Array | undefined;
    readonly keepsName: boolean;
    /** Told the labels, name included, of each series that gave a result. */
    readonly onResult?: (labels: Labels) => void;
  },
): Promise<Column[]> {
  const columns: Column[] = [];
  for await (const series of seriesOf(range)) {
    const column = emptyColumn(call.keepsName ? series.labels : withoutName(series.labels), range.context.at.steps);
    await slide(series, range, { apply: call.start(), parameters: call.parameters, column });
    if (!hasAny(column)) continue;
    call.onResult?.(series.labels);
    range.context.budget.countValues(range.context.at.steps);
    columns.push(column);
  }
  return columns;
}

/** A window may hold many samples, so even one series can take long. */
const STEPS_BETWEEN_BREATHS = 64;

/** Moves the window over one series. Both ends only go forward, so the cost is steps + samples, plus the function's own. */
async function slide(
  series: SeriesSamples,
  range: RangeEvaluation,
  call: { readonly apply: RangeFunction; readonly parameters: Float64Array | undefined; readonly column: Column },
): Promise<void> {
  const { node, context } = range;
  const looked = shiftedSteps(context, node.kind === 'matrix' ? node.selector : node);
  const { timesMs, values, counts, length } = series;
  const window: Window = { timesMs, values, counts, from: 0, to: 0, atMs: 0, startMs: 0, endMs: 0, parameter: 0 };
  const result: RangeResult = { value: 0, isPresent: false };
  for (let step = 0; step < looked.steps; step++) {
    window.endMs = looked.startMs + step * looked.stepMs;
    window.startMs = window.endMs - node.rangeMs;
    window.atMs = context.at.startMs + step * context.at.stepMs;
    while (window.to < length && (timesMs[window.to] as number) <= window.endMs) window.to++;
    while (window.from < window.to && (timesMs[window.from] as number) <= window.startMs) window.from++;
    if (window.from === window.to) continue;
    if (step % STEPS_BETWEEN_BREATHS === STEPS_BETWEEN_BREATHS - 1) await context.budget.breathe();
    if (call.parameters !== undefined) window.parameter = call.parameters[step] as number;
    result.isPresent = false;
    call.apply(window, result);
    if (!result.isPresent) continue;
    call.column.values[step] = result.value;
    call.column.present[step] = 1;
  }
}

/** A subquery's inner expression at every multiple of its step within all the ranges, as samples. */
async function* subquerySeries(node: SubqueryNode, range: RangeEvaluation): AsyncGenerator<SeriesSamples> {
  const { context } = range;
  const stepMs = node.stepMs ?? context.budget.limits.defaultStepMs;
  const looked = shiftedSteps(context, node);
  const earliestMs = looked.startMs - node.rangeMs;
  const startMs = (Math.floor(earliestMs / stepMs) + 1) * stepMs;
  const endMs = looked.startMs + (looked.steps - 1) * looked.stepMs;
  if (startMs > endMs) return;
  const steps = Math.floor((endMs - startMs) / stepMs) + 1;
  context.budget.countValues(steps);
  const allTimesMs = Float64Array.from({ length: steps }, (_, i) => startMs + i * stepMs);
  for (const { labels, values, present } of await range.evaluate(node, { startMs, stepMs, steps })) {
    await context.budget.breathe();
    const timesMs = allTimesMs.filter((_, i) => present[i] === 1);
    yield { labels, timesMs, values: values.filter((_, i) => present[i] === 1), length: timesMs.length };
  }
}
