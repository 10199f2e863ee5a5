import type { Labels } from '../../model/labels.ts';
import { aggregate } from './aggregate.ts';
import {
  unwrapParens,
  type AggregateNode,
  type CallNode,
  type Expr,
  type MatrixNode,
  type SubqueryNode,
  type UnaryNode,
} from '../parse/ast.ts';
import { mergeEqual, refuseEqual } from '../context/merge-equal.ts';
import { mayMixNames } from '../parse/may-mix-names.ts';
import { binary } from './binary.ts';
import type { Figure } from '../../store/sample-store.ts';
import { evaluateRanges, seriesOf, type RangeEvaluation } from './evaluate-ranges.ts';
import { METRIC_NAME, withoutName, type Column, type Frame, type Steps } from '../context/frame.ts';
import { labelJoin, labelReplace } from '../functions/label-functions.ts';
import { histogramFraction, histogramQuantile } from '../functions/histogram-quantile.ts';
import { CALENDAR_FUNCTIONS, MATH_FUNCTIONS, roundTo } from '../functions/math-functions.ts';
import type { QueryContext } from '../context/query-context.ts';
import { queryInvalid } from '../parse/query-error.ts';
import { RANGE_FUNCTIONS } from '../functions/range-functions.ts';
import { selectInstants } from './select.ts';
import { summarisedRanges } from './summarised-ranges.ts';
import { absent, clampColumns, mapColumns, scalarOf, sortColumns, vectorOf } from '../functions/vector-functions.ts';

/** Range functions that keep the metric's name, since their result is a sample of that metric. */
const KEEPS_NAME: ReadonlySet<string> = new Set(['last_over_time']);
const COUNTER_FUNCTIONS: ReadonlySet<string> = new Set(['rate', 'increase']);
const COUNTER_NAME = /_(total|sum|count|bucket)$/;

/** Evaluates an expression for all steps of the context at once. Expects that `checkTypes` accepted it. */
export async function evaluate(expr: Expr, context: QueryContext): Promise<Frame> {
  await context.budget.breathe();
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', values: new Float64Array(context.at.steps).fill(expr.value) };
    case 'string':
      return { type: 'string', value: expr.value };
    case 'paren':
      return await evaluate(expr.expr, context);
    case 'unary':
      return negated(expr, await evaluate(expr.expr, context));
    case 'selector':
      return { type: 'vector', columns: await selectInstants(expr, context) };
    case 'binary':
      return await binary(expr, { left: await evaluate(expr.left, context), right: await evaluate(expr.right, context) }, context);
    case 'aggregate':
      return await evaluateAggregate(expr, context);
    case 'call':
      return await evaluateCall(expr, context);
    default:
      throw queryInvalid('A range vector must be inside a function such as rate', expr);
  }
}

function negated(node: UnaryNode, frame: Frame): Frame {
  if (node.op === '+' || frame.type === 'string') return frame;
  if (frame.type === 'scalar') return { type: 'scalar', values: frame.values.map((value) => -value) };
  const columns = mapColumns(frame.columns, (value) => -value);
  if (mayMixNames(node.expr)) refuseEqual(columns, node);
  return { type: 'vector', columns };
}

async function columnsOf(expr: Expr | undefined, context: QueryContext): Promise<readonly Column[]> {
  if (expr === undefined) return [];
  const frame = await evaluate(expr, context);
  return frame.type === 'vector' ? frame.columns : [];
}

async function scalarsOf(expr: Expr | undefined, context: QueryContext): Promise<Float64Array> {
  const frame = expr === undefined ? undefined : await evaluate(expr, context);
  return frame?.type === 'scalar' ? frame.values : new Float64Array(context.at.steps).fill(Number.NaN);
}

async function textOf(expr: Expr | undefined, context: QueryContext): Promise<string> {
  const frame = expr === undefined ? undefined : await evaluate(expr, context);
  return frame?.type === 'string' ? frame.value : '';
}

async function evaluateAggregate(node: AggregateNode, context: QueryContext): Promise<Frame> {
  const columns = await columnsOf(node.expr, context);
  const param = node.param === undefined ? undefined : await evaluate(node.param, context);
  const parameters = param?.type === 'scalar' ? param.values : undefined;
  const label = param?.type === 'string' ? param.value : undefined;
  return { type: 'vector', columns: await aggregate({ node, columns, parameters, label, context }) };
}

/** What functions read where only roll-ups are left; the others read the last sample of each bucket. */
const FIGURES: ReadonlyMap<string, Figure> = new Map<string, Figure>([
  ['rate', 'counter'],
  ['increase', 'counter'],
  ['avg_over_time', 'sum'],
  ['sum_over_time', 'sum'],
  ['count_over_time', 'sum'],
  ['min_over_time', 'min'],
  ['max_over_time', 'max'],
]);

function rangeOf(expr: Expr, context: QueryContext, figure: Figure = 'last'): RangeEvaluation {
  const node = unwrapParens(expr) as MatrixNode | SubqueryNode;
  const evaluateInner = (inner: SubqueryNode, at: Steps): Promise<readonly Column[]> => columnsOf(inner.expr, { ...context, at });
  return { node, context, figure, evaluate: evaluateInner };
}

async function evaluateRangeCall(node: CallNode, context: QueryContext): Promise<Column[]> {
  const range = node.args.find((arg) => ['matrix', 'subquery'].includes(unwrapParens(arg).kind)) as Expr;
  const parameter = node.args.find((arg) => arg !== range);
  const start = RANGE_FUNCTIONS.get(node.name);
  if (start === undefined) throw queryInvalid(`The function ${node.name} is not supported`, node);
  const parameters = parameter === undefined ? undefined : await scalarsOf(parameter, context);
  // Prometheus evaluates a subquery as a selector of its own, whose position is the start of the text.
  const position = unwrapParens(range).kind === 'subquery' ? { start: 0, end: 0 } : range;
  const onResult = (labels: Labels): void => {
    const metric = labels[METRIC_NAME] ?? '';
    if (COUNTER_FUNCTIONS.has(node.name) && metric !== '' && !COUNTER_NAME.test(metric)) context.notes.maybeNoCounter(metric, position);
  };
  const keepsName = KEEPS_NAME.has(node.name);
  const evaluation = rangeOf(range, context, FIGURES.get(node.name));
  const summarised = await summarisedRanges(node.name, evaluation, keepsName);
  const columns = summarised ?? (await evaluateRanges(evaluation, { start, parameters, keepsName, onResult }));
  if (node.name === 'quantile_over_time' && parameters !== undefined)
    context.notes.checkQuantiles(
      parameters.filter((_, step) => columns.some(({ present }) => present[step] === 1)),
      parameter as Expr,
    );
  if (!keepsName && mayMixNames(range)) refuseEqual(columns, node);
  return columns;
}

async function absentOverTime(node: CallNode, context: QueryContext): Promise<Frame> {
  const range = rangeOf(node.args[0] as Expr, context);
  const present = RANGE_FUNCTIONS.get('present_over_time');
  const columns = present === undefined ? [] : await evaluateRanges(range, { start: present, parameters: undefined, keepsName: true });
  return { type: 'vector', columns: absent(columns, range.node.kind === 'matrix' ? range.node.selector : range.node, context) };
}

/** Seconds since the epoch at each step. */
function stepSeconds({ at }: QueryContext): Float64Array {
  return Float64Array.from({ length: at.steps }, (_, step) => (at.startMs + step * at.stepMs) / 1000);
}

async function evaluateCall(node: CallNode, context: QueryContext): Promise<Frame> {
  const { name, args } = node;
  if (name === 'absent_over_time') return await absentOverTime(node, context);
  if (RANGE_FUNCTIONS.has(name)) return { type: 'vector', columns: await evaluateRangeCall(node, context) };
  if (name === 'time') return { type: 'scalar', values: stepSeconds(context) };
  if (name === 'pi') return { type: 'scalar', values: new Float64Array(context.at.steps).fill(Math.PI) };
  if (name === 'vector') return { type: 'vector', columns: [vectorOf(await scalarsOf(args[0], context))] };
  if (name === 'scalar') return { type: 'scalar', values: scalarOf(await columnsOf(args[0], context), context.at.steps) };
  const columns = await vectorCall(node, context);
  return { type: 'vector', columns: args.some(mayMixNames) ? mergeEqual(columns, node) : columns };
}

async function vectorCall(node: CallNode, context: QueryContext): Promise<readonly Column[]> {
  const { name, args } = node;
  const math = MATH_FUNCTIONS.get(name);
  if (math !== undefined) return mapColumns(await columnsOf(args[0], context), math);
  const calendar = CALENDAR_FUNCTIONS.get(name);
  if (calendar !== undefined) {
    const times = args.length === 0 ? [vectorOf(stepSeconds(context))] : await columnsOf(args[0], context);
    return mapColumns(times, calendar);
  }
  switch (name) {
    case 'timestamp':
      return await timestamps(args[0] as Expr, context);
    case 'absent':
      return absent(await columnsOf(args[0], context), args[0] as Expr, context);
    case 'sort':
    case 'sort_desc':
      return sortColumns(await columnsOf(args[0], context), name === 'sort' ? 1 : -1);
    case 'round': {
      const to = args.length === 2 ? await scalarsOf(args[1], context) : new Float64Array(context.at.steps).fill(1);
      return mapColumns(await columnsOf(args[0], context), (value, step) => roundTo(value, to[step] as number));
    }
    case 'clamp':
    case 'clamp_min':
    case 'clamp_max':
      return await clamp(node, context);
    default:
      return await labelOrHistogramCall(node, context);
  }
}

async function clamp({ name, args }: CallNode, context: QueryContext): Promise<readonly Column[]> {
  const { steps } = context.at;
  const lowest = name === 'clamp_max' ? new Float64Array(steps).fill(-Infinity) : await scalarsOf(args[1], context);
  const highest = name === 'clamp_min' ? new Float64Array(steps).fill(Infinity) : await scalarsOf(args[name === 'clamp' ? 2 : 1], context);
  return clampColumns(await columnsOf(args[0], context), lowest, highest);
}

/** Of a selector the samples' own times, of anything else the times of the steps. */
async function timestamps(arg: Expr, context: QueryContext): Promise<readonly Column[]> {
  const inner = unwrapParens(arg);
  if (inner.kind === 'selector')
    return (await selectInstants(inner, context, 'times')).map((column) => ({ ...column, labels: withoutName(column.labels) }));
  const times = stepSeconds(context);
  return mapColumns(await columnsOf(arg, context), (_, step) => times[step] as number);
}

async function labelOrHistogramCall(node: CallNode, context: QueryContext): Promise<readonly Column[]> {
  const { name, args } = node;
  switch (name) {
    case 'label_replace':
    case 'label_join': {
      const texts = await Promise.all(args.slice(1).map((arg) => textOf(arg, context)));
      const columns = await columnsOf(args[0], context);
      return name === 'label_join' ? labelJoin(node, columns, texts) : labelReplace(node, columns, texts);
    }
    case 'histogram_quantile':
      return await histogramQuantile(node, await scalarsOf(args[0], context), { columns: await columnsOf(args[1], context), context });
    case 'histogram_fraction': {
      const lower = await scalarsOf(args[0], context);
      const upper = await scalarsOf(args[1], context);
      return await histogramFraction(node, { lower, upper }, { columns: await columnsOf(args[2], context), context });
    }
    default:
      // histogram_count, _sum, _avg, _stddev, _stdvar look at native histograms only, which float samples never are.
      await columnsOf(args[0], context);
      return [];
  }
}

/** The series of a range vector as they are, for an instant query of one. */
export async function evaluateMatrix(
  expr: Expr,
  context: QueryContext,
): Promise<{ readonly labels: Column['labels']; readonly timesMs: number[]; readonly values: number[] }[]> {
  const range = rangeOf(expr, context);
  const { node } = range;
  const shift = node.kind === 'matrix' ? node.selector : node;
  const result = [];
  for await (const { labels, timesMs, values, length } of seriesOf(range)) {
    const endMs =
      (shift.at === undefined ? context.at.startMs : shift.at === 'start' || shift.at === 'end' ? context.queryEndMs : shift.at.atMs) -
      shift.offsetMs;
    const kept: { timesMs: number[]; values: number[] } = { timesMs: [], values: [] };
    for (let i = 0; i < length; i++) {
      const atMs = timesMs[i] as number;
      if (atMs <= endMs - node.rangeMs || atMs > endMs) continue;
      kept.timesMs.push(atMs);
      kept.values.push(values[i] as number);
    }
    if (kept.timesMs.length > 0) result.push({ labels, ...kept });
  }
  return result;
}
