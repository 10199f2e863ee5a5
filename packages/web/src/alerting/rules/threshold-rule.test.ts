import { expect, test } from 'vitest';
import type { AlertRule } from '@bellwether/server/api';
import { ruleOfThreshold, thresholdRuleOf } from './threshold-rule.ts';

const rule = (expr: string): AlertRule => ({
  id: '1',
  kind: 'alerting',
  name: 'Slow',
  expr,
  for_seconds: 60,
  keep_firing_for_seconds: 0,
  labels: { severity: 'high' },
  annotations: {},
  x_bellwether: null,
  state: 'inactive',
  firing: 0,
  pending: 0,
  health: 'ok',
  last_error: null,
  evaluated_at: null,
});

test('a comparison with a number can be moved, and keeps its holding time and labels', () => {
  const found = thresholdRuleOf(rule('rate(errors_total{path=~"a>b and c"}[5m]) > 0.5'));
  expect(found).toMatchObject({ isAbove: true, limits: [{ value: 0.5 }] });
  expect(found?.expression(300)).toBe('max(max_over_time((rate(errors_total{path=~"a>b and c"}[5m]))[300s:60s]))');
  expect(found?.body([2])).toEqual({
    rule: {
      alert: 'Slow',
      expr: 'rate(errors_total{path=~"a>b and c"}[5m]) > 2',
      for: '60s',
      keep_firing_for: '0s',
      labels: { severity: 'high' },
    },
  });
});

test('a comparison downwards draws the least of the series', () => {
  const found = thresholdRuleOf(rule('free_bytes <= 1e9'));
  expect(found).toMatchObject({ isAbove: false, limits: [{ value: 1e9 }] });
  expect(found?.expression(2)).toBe('min(min_over_time((free_bytes)[2s:1s]))');
});

test.each(['up == 0', 'a > 1 and b > 2', 'a > b', 'absent(up)', 'a > bool 1', '(a > 1) or (b > 2)', '1 < a'])(
  '%s has no threshold to move',
  (expr) => {
    expect(thresholdRuleOf(rule(expr))).toBeUndefined();
  },
);

test('a pair of limits keeps its order and tells by it which way is worse', () => {
  const found = ruleOfThreshold('cache_hit_rate', { warning: 70, critical: 50 });
  expect(found).toMatchObject({
    isAbove: false,
    limits: [
      { key: 'warning', value: 70 },
      { key: 'critical', value: 50 },
    ],
  });
  expect(found.body([60, 40])).toEqual({ metric: 'cache_hit_rate', threshold: { warning: 60, critical: 40 } });
  expect(found.expression(300)).toBe('min(min_over_time(cache_hit_rate[300s]))');
  expect(found.expression(13)).toBe('min(min_over_time(cache_hit_rate[60s]))');
  expect(ruleOfThreshold('cpu_usage', 80).body([85])).toEqual({ metric: 'cpu_usage', threshold: 85 });
});

test('limits by severity are moved one by one, and the end of an alert keeps its distance from the beginning', () => {
  const thresholds = { medium: { fire: 70, clear: 70 }, critical: { fire: 90, clear: 80 } };
  const no_data = { policy: 'alert', severity: 'high' };
  const found = thresholdRuleOf({ ...rule('temperature'), x_bellwether: { thresholds, direction: 'above', no_data } });
  expect(found).toMatchObject({
    isAbove: true,
    limits: [
      { key: 'medium', value: 70 },
      { key: 'critical', value: 90 },
    ],
  });
  expect(found?.body([75, 95])).toMatchObject({
    rule: {
      expr: 'temperature',
      x_bellwether: {
        thresholds: { medium: { fire: 75, clear: 75 }, critical: { fire: 95, clear: 85 } },
        direction: 'above',
        no_data,
      },
    },
  });
});
