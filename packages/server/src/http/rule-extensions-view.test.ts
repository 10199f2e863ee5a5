import { ruleOf } from '@bellwether/monitor/engine';
import { expect, test } from 'vitest';
import { ruleExtensionsView } from './rule-extensions-view.ts';

const rule = (x_bellwether: object | undefined): ReturnType<typeof ruleOf> =>
  ruleOf({ alert: 'Hot', expr: 'temperature', ...(x_bellwether === undefined ? {} : { x_bellwether }) });

test('a rule of Prometheus has no extensions to show', () => {
  expect(ruleExtensionsView(rule(undefined).extensions)).toBeUndefined();
});

test.each([
  [{ fire: 85, clear: 75, severity: 'critical' }],
  [{ thresholds: { medium: 70, critical: { fire: 90, clear: 80 } }, no_data: 'alert' }],
  [{ fire: 5, direction: 'below', error: { policy: 'alert', severity: 'critical' } }],
  [{ dynamic: true }],
  [{ dynamic: { deviations: 4, window: '2h', minimum: 3 }, direction: 'both', severity: 'medium', no_data: 'keep' }],
  [{ thresholds: { high: 85 }, dynamic: true, severity: 'low' }],
  [{ fire: 1, no_data: { policy: 'alert', severity: 'low', missing_series: '90m' } }],
  [{ error: 'resolve' }],
])('what is shown reads as the same rule: %j', (extensions) => {
  const given = rule(extensions).extensions;
  expect(rule(ruleExtensionsView(given)).extensions).toEqual(given);
});
