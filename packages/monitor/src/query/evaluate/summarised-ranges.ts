import type { SeriesSummary } from '../../store/sample-store.ts';
import { METRIC_NAME, type Column } from '../context/frame.ts';
import { shiftedSteps } from '../context/query-context.ts';
import type { RangeEvaluation } from './evaluate-ranges.ts';

/** Functions that a store's statistics of a window answer. */
const FROM_SUMMARY: ReadonlyMap<string, (summary: SeriesSummary) => number> = new Map<string, (summary: SeriesSummary) => number>([
  ['avg_over_time', ({ sum, samples }) => sum / samples],
  ['sum_over_time', ({ sum }) => sum],
  ['count_over_time', ({ samples }) => samples],
  ['min_over_time', ({ min }) => min],
  ['max_over_time', ({ max }) => max],
  ['last_over_time', ({ last }) => last],
  ['present_over_time', () => 1],
]);
/** Shorter ranges are mostly in memory, where reading the samples costs as little. */
const SHORTEST_RANGE_MS = 3_600_000;

/**
 * A function over one long range from the statistics that the store keeps beside its samples, so that whole chunks are answered without
 * being decoded. Sums are compensated within and between chunks, which may differ from one running sum in the last digit.
 * @returns `undefined` when it cannot be done so: for other functions, several steps, short ranges, stores without statistics, and when
 * any sample of the window is not a finite number, since statistics leave those out.
 */
export async function summarisedRanges(name: string, range: RangeEvaluation, keepsName: boolean): Promise<Column[] | undefined> {
  const { node, context } = range;
  const { store, budget, at } = context;
  const value = FROM_SUMMARY.get(name);
  if (value === undefined || node.kind !== 'matrix' || at.steps !== 1 || node.rangeMs < SHORTEST_RANGE_MS) return undefined;
  const { startMs: endMs } = shiftedSteps(context, node.selector);
  const columns: Column[] = [];
  for (const summary of store.summarize?.(node.selector.matchers, endMs - node.rangeMs + 1, endMs) ?? []) {
    await budget.breathe();
    if (summary.notFinite > 0) return undefined;
    const labels = keepsName ? { [METRIC_NAME]: summary.name, ...summary.labels } : summary.labels;
    columns.push({ labels, values: Float64Array.of(value(summary)), present: Uint8Array.of(1) });
  }
  budget.countValues(columns.length);
  return columns.length > 0 ? columns : undefined;
}
