import { COMPARISONS, type BinaryNode, type Matching } from '../parse/ast.ts';
import { ARITHMETIC, COMPARE } from './binary-operators.ts';
import { emptyColumn, formatLabels, hasAny, pickLabels, signature, withoutName, type Column, type Frame } from '../context/frame.ts';
import type { QueryContext } from '../context/query-context.ts';
import { mergeEqual } from '../context/merge-equal.ts';
import { mayMixNames } from '../parse/may-mix-names.ts';
import { queryFailed, queryInvalid } from '../parse/query-error.ts';

/** Gives the result of one pair of values into `put`, or nothing when a filter drops it. */
type Combine = (a: number, b: number) => number | undefined;

/** @param kept Which side's value a filtering comparison passes on. */
function combiner(node: BinaryNode, kept: 'left' | 'right'): Combine {
  const arithmetic = ARITHMETIC.get(node.op);
  if (arithmetic !== undefined) return arithmetic;
  const compare = COMPARE.get(node.op);
  if (compare === undefined) throw queryInvalid(`The operator ${node.op} is not supported`, node);
  if (node.returnsBool) return (a, b) => (compare(a, b) ? 1 : 0);
  return kept === 'left' ? (a, b) => (compare(a, b) ? a : undefined) : (a, b) => (compare(a, b) ? b : undefined);
}

export async function binary(
  node: BinaryNode,
  sides: { readonly left: Frame; readonly right: Frame },
  context: QueryContext,
): Promise<Frame> {
  const { left, right } = sides;
  if (left.type === 'scalar' && right.type === 'scalar') {
    const combine = combiner(node, 'left');
    return { type: 'scalar', values: left.values.map((a, step) => combine(a, right.values[step] as number) as number) };
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    const combine = combiner(node, 'left');
    return withScalar(node, left.columns, { combine: (value, step) => combine(value, right.values[step] as number), context });
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    const combine = combiner(node, 'right');
    return withScalar(node, right.columns, { combine: (value, step) => combine(left.values[step] as number, value), context });
  }
  if (left.type !== 'vector' || right.type !== 'vector') throw queryInvalid(`${node.op} needs scalars or instant vectors`, node);
  const keyOf = matchingKey(node.matching);
  const operands = { left: left.columns, right: right.columns, keyOf, context };
  if (node.op === 'and' || node.op === 'or' || node.op === 'unless')
    return { type: 'vector', columns: await setOperation(node.op, operands) };
  return { type: 'vector', columns: await matchVectors(node, operands) };
}

/** Whether the result loses the metric name: it does unless values pass through unchanged. */
function dropsName(node: BinaryNode): boolean {
  return node.returnsBool || !COMPARISONS.has(node.op);
}

function withScalar(
  node: BinaryNode,
  columns: readonly Column[],
  by: { readonly combine: (value: number, step: number) => number | undefined; readonly context: QueryContext },
): Frame {
  const { steps } = by.context.at;
  by.context.budget.countValues(steps * columns.length);
  const results = columns.map(({ labels, values, present }) => {
    const result = emptyColumn(dropsName(node) ? withoutName(labels) : labels, steps);
    for (let step = 0; step < steps; step++) {
      if (present[step] !== 1) continue;
      const value = by.combine(values[step] as number, step);
      if (value === undefined) continue;
      result.values[step] = value;
      result.present[step] = 1;
    }
    return result;
  });
  const kept = results.filter(hasAny);
  const mayClash = dropsName(node) && (mayMixNames(node.left) || mayMixNames(node.right));
  return { type: 'vector', columns: mayClash ? mergeEqual(kept, node) : kept };
}

interface Operands {
  readonly left: readonly Column[];
  readonly right: readonly Column[];
  readonly keyOf: (labels: Column['labels']) => string;
  readonly context: QueryContext;
}

function matchingKey(matching: Matching): (labels: Column['labels']) => string {
  const names = new Set(matching.labels);
  return (labels) => signature(pickLabels(labels, names, !matching.on));
}

function byKey(columns: readonly Column[], keyOf: Operands['keyOf']): Map<string, Column[]> {
  const groups = new Map<string, Column[]>();
  for (const column of columns) {
    const key = keyOf(column.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [column]);
    else group.push(column);
  }
  return groups;
}

/** At which steps any series of a key is present. */
function presence(columns: readonly Column[], keyOf: Operands['keyOf']): Map<string, Uint8Array> {
  const byStep = new Map<string, Uint8Array>();
  for (const { labels, present } of columns) {
    const key = keyOf(labels);
    const known = byStep.get(key);
    if (known === undefined) byStep.set(key, present.slice());
    else for (let step = 0; step < known.length; step++) known[step] = (known[step] as number) | (present[step] as number);
  }
  return byStep;
}

async function setOperation(op: 'and' | 'or' | 'unless', { left, right, keyOf, context }: Operands): Promise<Column[]> {
  const { steps } = context.at;
  const [kept, others] = op === 'or' ? [right, left] : [left, right];
  const otherPresent = presence(others, keyOf);
  const wanted = op === 'and' ? 1 : 0;
  context.budget.countValues(steps * kept.length);
  const filtered: Column[] = [];
  for (const column of kept) {
    await context.budget.breathe();
    const other = otherPresent.get(keyOf(column.labels));
    const result = emptyColumn(column.labels, steps);
    for (let step = 0; step < steps; step++) {
      if (column.present[step] !== 1 || (other?.[step] ?? 0) !== wanted) continue;
      result.values[step] = column.values[step] as number;
      result.present[step] = 1;
    }
    if (hasAny(result)) filtered.push(result);
  }
  return op === 'or' ? [...left, ...filtered] : filtered;
}

/**
 * Arithmetic and comparisons between vectors. One side is the "one" side: at each step at most one of its series may carry a key.
 * The result has the labels of the "many" side, or of the key for one-to-one.
 */
async function matchVectors(node: BinaryNode, operands: Operands): Promise<Column[]> {
  const { keyOf, context } = operands;
  const isSwapped = node.matching.cardinality === 'one-to-many';
  const [many, one] = isSwapped ? [operands.right, operands.left] : [operands.left, operands.right];
  const oneByKey = byKey(one, keyOf);
  const combine = combiner(node, 'left');
  const results = new Map<string, Column>();
  const { steps } = context.at;
  const isOneToOne = node.matching.cardinality === 'one-to-one';
  /** Which "many" series took a key at a step, to refuse a second one. */
  const taken = new Map<string, Uint8Array>();
  refuseSeveral(node, oneByKey, { many, steps, side: isSwapped ? 'left' : 'right' });
  for (const column of many) {
    await context.budget.breathe();
    const key = keyOf(column.labels);
    for (const partner of oneByKey.get(key) ?? []) {
      const labels = resultLabels(node, column.labels, partner.labels);
      const resultKey = signature(labels);
      const result = results.get(resultKey) ?? emptyColumn(labels, steps);
      if (!results.has(resultKey)) context.budget.countValues(steps);
      results.set(resultKey, result);
      const takenKey = isOneToOne ? key : resultKey;
      const used = taken.get(takenKey) ?? new Uint8Array(steps);
      taken.set(takenKey, used);
      for (let step = 0; step < steps; step++) {
        if (column.present[step] !== 1 || partner.present[step] !== 1) continue;
        const a = column.values[step] as number;
        const b = partner.values[step] as number;
        const value = isSwapped ? combine(b, a) : combine(a, b);
        if (value === undefined) continue;
        if (used[step] === 1) throw severalResults(node, labels);
        used[step] = 1;
        result.values[step] = value;
        result.present[step] = 1;
      }
    }
  }
  return [...results.values()].filter(hasAny);
}

function severalResults(node: BinaryNode, labels: Column['labels']): Error {
  const shown = formatLabels(labels);
  return queryFailed(
    node.matching.cardinality === 'one-to-one'
      ? `Several series on the left of ${node.op} match the same one on the right, for ${shown}: write group_left or group_right to allow it`
      : `${node.op} gives several results for ${shown}: the labels that are kept must tell them apart`,
    node,
  );
}

/** Refuses two series with one key on the "one" side at a step where the other side has any. */
function refuseSeveral(
  node: BinaryNode,
  oneByKey: ReadonlyMap<string, readonly Column[]>,
  other: { readonly many: readonly Column[]; readonly steps: number; readonly side: string },
): void {
  const anyOfMany = presence(other.many, () => '').get('');
  for (const partners of oneByKey.values()) {
    if (partners.length < 2) continue;
    const first = new Map<number, Column>();
    for (const partner of partners) {
      for (let step = 0; step < other.steps; step++) {
        if (partner.present[step] !== 1 || anyOfMany?.[step] !== 1) continue;
        const before = first.get(step);
        if (before === undefined) {
          first.set(step, partner);
          continue;
        }
        const labels = [before, partner].map((one) => formatLabels(one.labels));
        throw queryFailed(`Several series on the ${other.side} of ${node.op} match each other: ${labels.join(' and ')}`, node);
      }
    }
  }
}

function resultLabels(node: BinaryNode, many: Column['labels'], one: Column['labels']): Column['labels'] {
  const { matching } = node;
  const base = dropsName(node) ? withoutName(many) : many;
  if (matching.cardinality === 'one-to-one') {
    const names = new Set(matching.labels);
    if (matching.on) return pickLabels(base, names, false);
    const kept: Record<string, string> = {};
    for (const name in base) if (!names.has(name)) kept[name] = base[name] as string;
    return kept;
  }
  const labels: Record<string, string> = { ...base };
  for (const name of matching.include) {
    const value = one[name] ?? '';
    if (value === '') delete labels[name];
    else labels[name] = value;
  }
  return labels;
}
