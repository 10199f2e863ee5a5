import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SEVERITIES, severityBreakdown } from '../model/severity.ts';
import { healthScore, healthStatus } from './health-score.ts';

const idle = (): number | undefined => undefined;

test('a process without alerts and with room to spare scores 100', () => {
  expect(healthScore(severityBreakdown([]), (metric) => (metric === 'cpu_usage' ? 12 : 30))).toEqual({
    score: 100,
    status: 'excellent',
    penalties: [],
  });
});

test('nearly used-up resources cost points before any alert', () => {
  const { score, penalties } = healthScore(severityBreakdown([]), (metric) => (metric === 'cpu_usage' ? 100 : undefined));
  expect(score).toBe(92);
  expect(penalties).toEqual([{ reason: 'cpu_usage at 100.0 %', points: 8 }]);
});

test('one critical alert takes the health out of the green', () => {
  expect(healthScore(severityBreakdown(['critical']), idle)).toMatchObject({ score: 70, status: 'fair' });
});

test('the bands are those of the contract', () => {
  expect([90, 89.9, 75, 74.9, 60, 59.9, 40, 39.9].map(healthStatus)).toEqual([
    'excellent',
    'good',
    'good',
    'fair',
    'fair',
    'poor',
    'poor',
    'critical',
  ]);
});

test('property: more alerts never raise the score, and penalties explain what is missing', () => {
  const severities = fc.array(fc.constantFrom(...SEVERITIES), { maxLength: 40 });
  fc.assert(
    fc.property(severities, fc.constantFrom(...SEVERITIES), fc.double({ min: 0, max: 100, noNaN: true }), (list, extra, cpu) => {
      const current = (metric: string): number | undefined => (metric === 'cpu_usage' ? cpu : undefined);
      const before = healthScore(severityBreakdown(list), current);
      const after = healthScore(severityBreakdown([...list, extra]), current);
      expect(after.score).toBeLessThanOrEqual(before.score);
      const lost = before.penalties.reduce((total, penalty) => total + penalty.points, 0);
      expect(Math.abs(Math.max(0, 100 - lost) - before.score)).toBeLessThanOrEqual(0.05 + 1e-9);
    }),
  );
});
