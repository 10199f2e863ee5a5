import { queryFailed } from '../parse/query-error.ts';
import type { Span } from '../parse/ast.ts';
import { formatLabels, signature, type Column } from './frame.ts';

/**
 * Joins columns of equal labels that are never present together, as they come about when names are dropped or labels replaced.
 * @throws BellwetherError `query_failed` when two are present at one step.
 */
export function mergeEqual(columns: readonly Column[], at: Span): Column[] {
  const merged = new Map<string, Column>();
  for (const column of columns) {
    const key = signature(column.labels);
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, column);
      continue;
    }
    const values = known.values.slice();
    const present = known.present.slice();
    for (let step = 0; step < present.length; step++) {
      if (column.present[step] !== 1) continue;
      if (present[step] === 1) throw sameLabels(column, at);
      values[step] = column.values[step] as number;
      present[step] = 1;
    }
    merged.set(key, { labels: known.labels, values, present });
  }
  return merged.size === columns.length ? [...columns] : [...merged.values()];
}

/** Refuses columns of equal labels even where they are present at different steps. @throws BellwetherError `query_failed` */
export function refuseEqual(columns: readonly Column[], at: Span): void {
  const seen = new Set<string>();
  for (const column of columns) {
    const key = signature(column.labels);
    if (seen.has(key)) throw sameLabels(column, at);
    seen.add(key);
  }
}

function sameLabels({ labels }: Column, at: Span): Error {
  return queryFailed(`Several series of the result would have the labels ${formatLabels(labels)}`, at);
}
