import { expect, test } from 'vitest';
import type { Backtest } from '@bellwether/server/api';
import { backtestWords } from './backtest-words.ts';

const quiet: Backtest = {
  from: '',
  to: '',
  interval_seconds: 30,
  evaluations: 100,
  series: 1,
  fired: 0,
  pending_only: 0,
  flaps: 0,
  firing_seconds: 0,
  longest_seconds: 0,
  firing_percent: 0,
  firings: [],
  notes: [],
};

test('a rule that stayed quiet says so, with what nearly fired', () => {
  expect(backtestWords(quiet)).toBe('Would not have fired.');
  expect(backtestWords({ ...quiet, pending_only: 2 })).toBe('Would not have fired. 2 breaches ended before the holding time.');
});

test('how often, how long, how unsteadily', () => {
  const busy = { ...quiet, fired: 4, flaps: 1, firing_seconds: 720, longest_seconds: 300, firing_percent: 1.2 };
  expect(backtestWords(busy)).toBe('Would have fired 4 times, for 12 min in all (1.2 % of the time), the longest 5 min, with 1 flap.');
  expect(backtestWords({ ...busy, series: 3 })).toContain('for 12 min in all over 3 series, at least one firing 1.2 % of the time');
  expect(backtestWords({ ...busy, fired: 1, flaps: 0 })).toBe(
    'Would have fired once, for 12 min in all (1.2 % of the time), without a flap.',
  );
});
