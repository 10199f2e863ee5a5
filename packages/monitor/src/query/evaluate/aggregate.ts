import type { AggregateNode } from '../parse/ast.ts';
import { CompensatedMean, quantileOf } from '../functions/compensated.ts';
import { compareNanLast } from '../context/compare-nan-last.ts';
import { emptyColumn, pickLabels, signature, type Column } from '../context/frame.ts';
import { formatValue } from '../parse/literals.ts';
import type { QueryContext } from '../context/query-context.ts';
import { queryFailed, queryInvalid } from '../parse/query-error.ts';

/** Columns of one group, and the group's labels. */
interface Group {
  readonly labels: Column['labels'];
  readonly members: Column[];
}

/** Folds the values of one group at one step, at least one of them. `values` may be reordered. */
type Fold = (values: Float64Array, parameter: number) => number;

const mean = new CompensatedMean();

const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  [
    'avg',
    (values) => {
      mean.reset();
      for (const value of values) mean.add(value);
      return mean.mean;
    },
  ],
  ['min', (values) => values.reduce((best, value) => (value < best || Number.isNaN(best) ? value : best))],
  ['max', (values) => values.reduce((best, value) => (value > best || Number.isNaN(best) ? value : best))],
  ['count', (values) => values.length],
  ['group', () => 1],
  ['stdvar', varianceOf],
  ['stddev', (values) => Math.sqrt(varianceOf(values))],
  ['quantile', (values, parameter) => quantileOf(parameter, values)],
]);

function varianceOf(values: Float64Array): number {
  let count = 0;
  let average = 0;
  let squares = 0;
  for (const value of values) {
    count++;
    const delta = value - average;
    average += delta / count;
    squares += delta * (value - average);
  }
  return squares / count;
}

/** What an aggregation works on: its own parameter per step, `undefined` when it takes none. */
export interface AggregateInput {
  readonly node: AggregateNode;
  readonly columns: readonly Column[];
  readonly parameters: Float64Array | undefined;
  readonly label: string | undefined;
  readonly context: QueryContext;
}

/** Gives way to other work between steps or series, as all loops do here whose length a query decides. */
export async function aggregate(input: AggregateInput): Promise<Column[]> {
  const { node, context } = input;
  const groups = groupsOf(input);
  switch (node.op) {
    case 'topk':
    case 'bottomk':
      checkCounts(input);
      return (await each(groups, (group) => extremes(group, input))).flat();
    case 'count_values':
      return await countValues(input);
    case 'sum':
      return await each(groups, (group) => sumGroup(group, input));
    default: {
      const fold = FOLDS.get(node.op);
      if (fold === undefined) throw queryInvalid(`The aggregation ${node.op} is not supported`, node);
      if (node.op === 'quantile' && node.param !== undefined)
        context.notes.checkQuantileRange(input.parameters ?? new Float64Array(), node.param);
      return await each(groups, (group) => foldGroup(group, fold, input));
    }
  }
}

async function each<T>(groups: readonly Group[], work: (group: Group) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const group of groups) results.push(await work(group));
  return results;
}

function groupsOf({ node, columns }: AggregateInput): Group[] {
  const names = new Set(node.grouping);
  const groups = new Map<string, Group>();
  for (const column of columns) {
    const labels = pickLabels(column.labels, names, node.without);
    const key = signature(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, members: [column] });
    else group.members.push(column);
  }
  return [...groups.values()];
}

/** Sums of a group at all steps, series after series: the order of additions is that of `foldGroup`, without a stride through memory. */
async function sumGroup(group: Group, { context }: AggregateInput): Promise<Column> {
  const { steps } = context.at;
  context.budget.countValues(steps);
  const { labels, values: sums, present } = emptyColumn(group.labels, steps);
  const lost = new Float64Array(steps);
  for (const member of group.members) {
    await context.budget.breathe();
    for (let step = 0; step < steps; step++) {
      if (member.present[step] !== 1) continue;
      const value = member.values[step] as number;
      const sum = sums[step] as number;
      const next = sum + value;
      if (next === Infinity || next === -Infinity) lost[step] = 0;
      else lost[step] = (lost[step] as number) + (Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum);
      sums[step] = next;
      present[step] = 1;
    }
  }
  return { labels, values: sums.map((sum, step) => (Number.isFinite(sum) ? sum + (lost[step] as number) : sum)), present };
}

async function foldGroup(group: Group, fold: Fold, { context, parameters }: AggregateInput): Promise<Column> {
  const { steps } = context.at;
  context.budget.countValues(steps);
  const result = emptyColumn(group.labels, steps);
  const scratch = new Float64Array(group.members.length);
  for (let step = 0; step < steps; step++) {
    await context.budget.breathe();
    let count = 0;
    for (const { values, present } of group.members) if (present[step] === 1) scratch[count++] = values[step] as number;
    if (count === 0) continue;
    result.values[step] = fold(scratch.subarray(0, count), parameters === undefined ? 0 : (parameters[step] as number));
    result.present[step] = 1;
  }
  return result;
}

/** The largest and smallest k that Prometheus's 64-bit integers hold. */
const MOST = 2 ** 63;

/** @throws BellwetherError `query_failed` when a k is no number, or too large a one; none below 1 is looked at. */
function checkCounts({ node, columns, parameters = new Float64Array() }: AggregateInput): void {
  if (columns.length === 0 || parameters.every((k) => k < 1)) return;
  const bad = parameters.find((k) => !(k >= -MOST && k < MOST));
  if (bad !== undefined) throw queryFailed(`${node.op} cannot take ${bad} series`, node.param ?? node);
}

/** topk and bottomk: the members themselves, each present only where it is among the k. NaN comes last in both. */
async function extremes(group: Group, { node, context, parameters }: AggregateInput): Promise<Column[]> {
  const { steps } = context.at;
  const results = group.members.map(({ labels }) => emptyColumn(labels, steps));
  context.budget.countValues(steps * results.length);
  const sign = node.op === 'topk' ? -1 : 1;
  for (let step = 0; step < steps; step++) {
    await context.budget.breathe();
    const k = Math.trunc(parameters?.[step] ?? 0);
    if (!(k >= 1)) continue;
    const candidates = group.members.map((_, i) => i).filter((i) => group.members[i]?.present[step] === 1);
    const valueOf = (i: number): number => group.members[i]?.values[step] ?? Number.NaN;
    candidates.sort((a, b) => compareNanLast(valueOf(a), valueOf(b), sign));
    for (const i of candidates.slice(0, k)) {
      const result = results[i] as Column;
      result.values[step] = valueOf(i);
      result.present[step] = 1;
    }
  }
  const kept = results.filter(({ present }) => present.includes(1));
  if (steps === 1) kept.sort((a, b) => compareNanLast(a.values[0] as number, b.values[0] as number, sign));
  return kept;
}

/** count_values: the value becomes a label before grouping, so that one column counts each distinct value of a group. */
async function countValues({ node, columns, context, label = '' }: AggregateInput): Promise<Column[]> {
  if (label === '') throw queryFailed('count_values needs the name of a label', node.param ?? node);
  const { steps } = context.at;
  const names = new Set(node.without ? node.grouping : [...node.grouping, label]);
  const counts = new Map<string, Column>();
  for (const { labels, values, present } of columns) {
    await context.budget.breathe();
    for (let step = 0; step < steps; step++) {
      if (present[step] !== 1) continue;
      const counted = pickLabels({ ...labels, [label]: formatValue(values[step] as number) }, names, node.without);
      const key = signature(counted);
      const count = counts.get(key) ?? emptyColumn(counted, steps);
      if (!counts.has(key)) context.budget.countValues(steps);
      counts.set(key, count);
      count.values[step] = (count.values[step] as number) + 1;
      count.present[step] = 1;
    }
  }
  return [...counts.values()];
}
