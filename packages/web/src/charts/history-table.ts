import type { MatrixSeries } from '@bellwether/server/api';

/** Points of several metrics on one time axis, oldest first. `null` is a hole: nothing was measured then. */
export interface HistoryTable {
  readonly timesSeconds: readonly number[];
  readonly columns: ReadonlyMap<string, readonly (number | null)[]>;
}

export const EMPTY_HISTORY: HistoryTable = { timesSeconds: [], columns: new Map() };

const holes = (length: number): (number | null)[] => Array.from({ length }, () => null);

/** A row to append: one moment, the newest value of each metric. */
export interface HistoryRow {
  readonly atSeconds: number;
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Lays the answers of `query_range` on one grid of times that begins at `fromSeconds` and advances by `stepSeconds`; leading and
 * trailing rows that nobody has are left out.
 */
export function tableFromMatrix(
  series: readonly MatrixSeries[],
  grid: { readonly fromSeconds: number; readonly stepSeconds: number },
): HistoryTable {
  const { fromSeconds, stepSeconds } = grid;
  const position = (atSeconds: number): number => Math.round((atSeconds - fromSeconds) / stepSeconds);
  let first = Infinity;
  let last = -Infinity;
  for (const { values } of series) {
    if (values.length === 0) continue;
    first = Math.min(first, position((values[0] as readonly [number, string])[0]));
    last = Math.max(last, position((values.at(-1) as readonly [number, string])[0]));
  }
  if (!(first <= last)) return EMPTY_HISTORY;
  const timesSeconds = Array.from({ length: last - first + 1 }, (_, row) => fromSeconds + (first + row) * stepSeconds);
  const columns = new Map<string, (number | null)[]>();
  for (const { metric, values } of series) {
    const column = columns.get(metric['__name__'] ?? '') ?? holes(timesSeconds.length);
    for (const [atSeconds, text] of values) {
      const value = Number(text);
      if (Number.isFinite(value)) column[position(atSeconds) - first] = value;
    }
    columns.set(metric['__name__'] ?? '', column);
  }
  return { timesSeconds, columns };
}

/**
 * The table with one more row, without rows older than `windowSeconds`. A row that follows the one before the last by less than a step replaces the
 * last: so the newest point moves smoothly while a wide window keeps its number of points. Not modified: returns a new table.
 */
export function appendRow(
  table: HistoryTable,
  row: HistoryRow,
  limits: { readonly windowSeconds: number; readonly stepSeconds: number },
): HistoryTable {
  const { timesSeconds } = table;
  const last = timesSeconds.length - 1;
  if (last >= 0 && row.atSeconds <= (timesSeconds[last] as number)) return table;
  const replaces = last >= 1 && row.atSeconds - (timesSeconds[last - 1] as number) < limits.stepSeconds;
  const end = replaces ? last : last + 1;
  let start = 0;
  while (start < end && (timesSeconds[start] as number) < row.atSeconds - limits.windowSeconds) start++;
  const columns = new Map<string, (number | null)[]>();
  for (const name of new Set([...table.columns.keys(), ...row.values.keys()])) {
    const column = table.columns.get(name)?.slice(start, end) ?? holes(end - start);
    columns.set(name, [...column, row.values.get(name) ?? null]);
  }
  return { timesSeconds: [...timesSeconds.slice(start, end), row.atSeconds], columns };
}
