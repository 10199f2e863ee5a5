import { expect, test } from 'vitest';
import { sortRows, type MetricRow } from './sort-rows.ts';

const row = (name: string, current: number): MetricRow => [
  name,
  { current, average: 0, min: 0, max: 0, unit: '', timestamp: '', samples: 1, series: 1 },
];
const names = (rows: readonly MetricRow[]): string[] => rows.map(([name]) => name);

test('rows sort by value, and by name among equals in both directions', () => {
  const rows = [row('b', 1), row('c', 2), row('a', 1)];
  expect(names(sortRows(rows, { key: 'current', descending: false }))).toEqual(['a', 'b', 'c']);
  expect(names(sortRows(rows, { key: 'current', descending: true }))).toEqual(['c', 'a', 'b']);
  expect(names(sortRows(rows, { key: 'name', descending: true }))).toEqual(['c', 'b', 'a']);
});
