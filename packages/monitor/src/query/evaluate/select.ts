import type { Labels } from '../../model/labels.ts';
import type { Figure, SeriesView } from '../../store/sample-store.ts';
import type { MatrixNode, SelectorNode } from '../parse/ast.ts';
import { METRIC_NAME, emptyColumn, hasAny, type Column } from '../context/frame.ts';
import { lastStepMs, shiftedSteps, type QueryContext } from '../context/query-context.ts';
import { isStaleAt } from '../../model/stale-marker.ts';

/** Samples of one series for range functions: ascending times, no stale markers. Valid until the next series is asked for. */
export interface SeriesSamples {
  /** With `__name__`. */
  readonly labels: Labels;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** How many samples each value stands for; absent: one each. */
  readonly counts?: Float64Array | undefined;
  readonly length: number;
}

const HOUR_MS = 3_600_000;

function labelsOf(view: SeriesView): Labels {
  return { [METRIC_NAME]: view.name, ...view.labels };
}

/**
 * The newest sample of each series within the lookback of each step (left end excluded), absent when that is a stale marker.
 * @param wanted `times` gives the samples' times in seconds instead of their values.
 */
export async function selectInstants(node: SelectorNode, context: QueryContext, wanted: 'values' | 'times' = 'values'): Promise<Column[]> {
  const { budget, store } = context;
  const looked = shiftedSteps(context, node);
  const { lookbackMs } = budget.limits;
  const columns: Column[] = [];
  for (const view of store.read(node.matchers, looked.startMs - lookbackMs + 1, lastStepMs(looked), 'newest')) {
    await budget.breathe();
    budget.countSamples(view.length);
    const column = emptyColumn(labelsOf(view), looked.steps);
    const { timesMs, values, length, hourlyToMs = -Infinity } = view;
    let next = 0;
    for (let step = 0; step < looked.steps; step++) {
      const atMs = looked.startMs + step * looked.stepMs;
      while (next < length && (timesMs[next] as number) <= atMs) next++;
      const newest = next - 1;
      if (newest < 0) continue;
      const reachMs = (timesMs[newest] as number) <= hourlyToMs ? Math.max(lookbackMs, HOUR_MS) : lookbackMs;
      if ((timesMs[newest] as number) <= atMs - reachMs || isStaleAt(values, newest)) continue;
      column.values[step] = wanted === 'times' ? (timesMs[newest] as number) / 1000 : (values[newest] as number);
      column.present[step] = 1;
    }
    if (!hasAny(column)) continue;
    budget.countValues(looked.steps);
    columns.push(column);
  }
  return columns;
}

/** Series with samples in the ranges that end at the steps, one after another. */
export async function* selectRanges(
  node: MatrixNode,
  { context, figure }: { readonly context: QueryContext; readonly figure: Figure },
): AsyncGenerator<SeriesSamples> {
  const { budget, store } = context;
  const looked = shiftedSteps(context, node.selector);
  for (const view of store.read(node.selector.matchers, looked.startMs - node.rangeMs + 1, lastStepMs(looked), figure)) {
    await budget.breathe();
    budget.countSamples(view.length);
    const length = dropStale(view);
    if (length > 0) yield { labels: labelsOf(view), timesMs: view.timesMs, values: view.values, counts: view.counts, length };
  }
}

/** Moves samples that are not stale markers together, in the store's buffers, which are ours until the next series. */
function dropStale(view: SeriesView): number {
  const { timesMs, values, counts, length } = view;
  let kept = 0;
  for (let i = 0; i < length; i++) {
    if (isStaleAt(values, i)) continue;
    if (kept !== i) {
      timesMs[kept] = timesMs[i] as number;
      values[kept] = values[i] as number;
      if (counts !== undefined) counts[kept] = counts[i] as number;
    }
    kept++;
  }
  return kept;
}
