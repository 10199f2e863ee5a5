import type { MetricSummary } from '@bellwether/server/api';

export type SortKey = 'name' | 'current' | 'average' | 'min' | 'max';
export type MetricRow = readonly [string, MetricSummary];

/** The rows in the wanted order, by name where equal. Not modified: returns a new list. */
export function sortRows(rows: readonly MetricRow[], order: { readonly key: SortKey; readonly descending: boolean }): MetricRow[] {
  const { key, descending } = order;
  const byName = ([left]: MetricRow, [right]: MetricRow): number => left.localeCompare(right);
  const compare = (left: MetricRow, right: MetricRow): number => (key === 'name' ? byName(left, right) : left[1][key] - right[1][key]);
  return rows.toSorted((left, right) => (descending ? -1 : 1) * compare(left, right) || byName(left, right));
}
