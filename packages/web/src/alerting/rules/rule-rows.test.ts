import { expect, test } from 'vitest';
import type { RuleRecord } from '@bellwether/server/api';
import { ruleRows, THRESHOLD_GROUP } from './rule-rows.ts';

const record = (metric_name: string, fired: number, resolved: number): RuleRecord => ({
  metric_name,
  fired,
  resolved,
  acknowledged: 0,
  mean_time_to_acknowledge_seconds: null,
  mean_time_to_resolve_seconds: null,
});

test('a threshold fires while more alerts began than ended', () => {
  const rows = ruleRows({
    groups: [],
    thresholds: { cpu_usage: { warning: 70, critical: 90 }, error_rate: 5 },
    records: [record('cpu_usage', 3, 2), record('error_rate', 4, 4)],
    unitOf: () => 'percent',
  });
  expect(rows.map(({ group, name, state, firing }) => [group, name, state, firing])).toEqual([
    [THRESHOLD_GROUP, 'cpu_usage', 'firing', 1],
    [THRESHOLD_GROUP, 'error_rate', 'inactive', 0],
  ]);
  expect(rows.map(({ text }) => text)).toEqual(['warning 70.0 %, critical 90.0 %', 'limit 5.0 %']);
});
