import { describe, expect, test } from 'vitest';
import { appendRow, EMPTY_HISTORY, tableFromMatrix, type HistoryTable } from './history-table.ts';

describe('tableFromMatrix', () => {
  test('series with different holes share one time axis', () => {
    const table = tableFromMatrix(
      [
        {
          metric: { __name__: 'cpu_usage' },
          values: [
            [110, '1'],
            [130, '3'],
          ],
        },
        { metric: { __name__: 'memory_usage' }, values: [[120, '20']] },
      ],
      { fromSeconds: 100, stepSeconds: 10 },
    );
    expect(table.timesSeconds).toEqual([110, 120, 130]);
    expect(table.columns.get('cpu_usage')).toEqual([1, null, 3]);
    expect(table.columns.get('memory_usage')).toEqual([null, 20, null]);
  });

  test('values that are no numbers are holes, and no series make no table', () => {
    const table = tableFromMatrix([{ metric: { __name__: 'x' }, values: [[0, 'NaN']] }], { fromSeconds: 0, stepSeconds: 1 });
    expect(table.columns.get('x')).toEqual([null]);
    expect(tableFromMatrix([], { fromSeconds: 0, stepSeconds: 1 })).toBe(EMPTY_HISTORY);
  });
});

describe('appendRow', () => {
  const limits = { windowSeconds: 100, stepSeconds: 10 };
  const row = (atSeconds: number, x: number) => ({ atSeconds, values: new Map([['x', x]]) });
  const rows = (...entries: [number, number][]): HistoryTable =>
    entries.reduce((table, [atSeconds, x]) => appendRow(table, row(atSeconds, x), limits), EMPTY_HISTORY);

  test('rows closer than a step replace the newest one', () => {
    const table = rows([0, 1], [10, 2], [12, 3], [14, 4], [20, 5], [21, 6]);
    expect(table.timesSeconds).toEqual([0, 10, 14, 21]);
    expect(table.columns.get('x')).toEqual([1, 2, 4, 6]);
  });

  test('an hour of seconds in a wide window keeps about one row a step', () => {
    const table = rows(...Array.from({ length: 100 }, (_, second): [number, number] => [second, second]));
    expect(table.timesSeconds.length).toBeLessThanOrEqual(22);
    expect(table.timesSeconds.length).toBeGreaterThanOrEqual(10);
  });

  test('rows that left the window go, and a row from the past changes nothing', () => {
    const table = rows([0, 1], [50, 2], [120, 3]);
    expect(table.timesSeconds).toEqual([50, 120]);
    expect(appendRow(table, row(60, 9), limits)).toBe(table);
  });

  test('a metric that appears later has holes before', () => {
    const table = appendRow(rows([0, 1]), { atSeconds: 10, values: new Map([['y', 7]]) }, limits);
    expect(table.columns.get('x')).toEqual([1, null]);
    expect(table.columns.get('y')).toEqual([null, 7]);
  });
});
