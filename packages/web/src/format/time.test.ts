import { expect, test } from 'vitest';
import { agoText, durationText } from './time.ts';

test.each([
  [-5, '0 s'],
  [45_000, '45 s'],
  [61_000, '1 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms reads %s', (lengthMs, text) => {
  expect(durationText(lengthMs)).toBe(text);
});

test('a moment ago is just now', () => {
  expect(agoText(1000, 6000)).toBe('just now');
  expect(agoText(0, 120_000)).toBe('2 min ago');
});
