import { expect, test } from 'vitest';
import { breachMessage, displayName, learnedMessage, thresholdText } from './message.ts';

test('the sentences of the contract come out literally', () => {
  const above = { severity: 'high', direction: 'above' } as const;
  expect(breachMessage('cpu_usage', { value: 85.2, unit: 'percent', breach: { ...above, limit: 80 } })).toBe(
    'CPU usage is 85.2%, exceeding threshold of 80.0',
  );
  expect(
    breachMessage('cache_hit_rate', { value: 45, unit: 'percent', breach: { severity: 'critical', direction: 'below', limit: 50 } }),
  ).toBe('Cache hit rate is 45.0%, below threshold of 50.0');
  expect(breachMessage('api_response_time', { value: 1200, unit: 'ms', breach: { ...above, limit: 1000 } })).toBe(
    'API response time is 1200.0 ms, exceeding threshold of 1000.0',
  );
});

test.each([
  [80, '80.0'],
  [0.01, '0.01'],
  [99.95, '99.95'],
])('a threshold of %d reads %s', (threshold, text) => {
  expect(thresholdText(threshold)).toBe(text);
});

test.each([
  ['queue_depth', 'Queue depth'],
  ['http_client_errors', 'HTTP client errors'],
  ['execution_time_db_query', 'Execution time DB query'],
  ['job:latency', 'Job latency'],
  ['_', '_'],
])('%s is shown as %s', (metric, shown) => {
  expect(displayName(metric)).toBe(shown);
});

test('a learned limit says so', () => {
  expect(learnedMessage('error_rate', { value: 4, unit: 'percent', limit: 1.23456 })).toBe(
    'Error rate is 4.0%, exceeding learned threshold of 1.23',
  );
});
