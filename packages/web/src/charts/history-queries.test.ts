import { expect, test } from 'vitest';
import { historyQueries } from './history-queries.ts';

test('gauges that combine alike share one question', () => {
  expect(historyQueries(['cpu_usage', 'memory_usage', 'disk_usage'], '', 60).map(({ expression }) => expression)).toEqual([
    'avg by (__name__) ({__name__=~"cpu_usage|memory_usage",instance=""})',
    'max by (__name__) ({__name__=~"disk_usage",instance=""})',
  ]);
});

test('a histogram is asked for as its mean, and its answer knows its name', () => {
  expect(historyQueries(['api_response_time'], 'a:1', 120)).toEqual([
    {
      name: 'api_response_time',
      expression: 'sum(rate(api_response_time_sum{instance="a:1"}[120s])) / sum(rate(api_response_time_count{instance="a:1"}[120s]))',
    },
  ]);
});

test('an instance cannot end its quotes', () => {
  expect(historyQueries(['cpu_usage'], '"} or vector(1)', 60)[0]?.expression).toContain('instance="\\"} or vector(1)"');
});
