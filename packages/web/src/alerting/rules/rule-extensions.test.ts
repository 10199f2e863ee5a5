import { expect, test } from 'vitest';
import { extensionFacts } from './rule-extensions.ts';

test('limits, learned limits and policies are told in words', () => {
  const facts = extensionFacts({
    thresholds: { medium: { fire: 70, clear: 70 }, critical: { fire: 90, clear: 80 } },
    dynamic: { deviations: 6, window: '3600s', minimum: 0 },
    severity: 'low',
    direction: 'above',
    no_data: { policy: 'alert', severity: 'high', missing_series: '3600s' },
    error: { policy: 'resolve', severity: 'high' },
  });
  expect(facts).toEqual([
    ['medium', 'above 70'],
    ['critical', 'above 90, ends back across 80'],
    ['learned', '6 deviations from what the last 3600s make usual, on the side above: low'],
    ['without data', 'raises an alert of its own (high), also for each series gone within 3600s'],
    ['on an error', 'ends the alert'],
  ]);
});

test('a rule of Prometheus’s own has nothing to tell', () => {
  expect(extensionFacts(null)).toEqual([]);
});
