import { signature, type Column } from './frame.ts';

/** Names that can go through `or` twice: merges columns of equal labels that are never present together. */
export function mergeEqual(columns: readonly Column[], onConflict: (labels: Column['labels']) => Error): Column[] {
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
      if (present[step] === 1) throw onConflict(column.labels);
      values[step] = column.values[step] as number;
      present[step] = 1;
    }
    merged.set(key, { labels: known.labels, values, present });
  }
  return merged.size === columns.length ? [...columns] : [...merged.values()];
}
