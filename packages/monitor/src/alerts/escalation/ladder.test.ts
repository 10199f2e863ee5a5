import { expect, test } from 'vitest';
import { DEFAULT_LADDER, levelAt, stepOf, type Ladder } from './ladder.ts';

const MINUTE = 60_000;
const LADDER: Ladder = {
  steps: [
    { afterMs: 5 * MINUTE, channels: ['team'] },
    { afterMs: 15 * MINUTE, channels: ['boss'] },
  ],
  repeatMs: 30 * MINUTE,
  minimumSeverity: 'high',
};
const at = (minutes: number, level = 0, ladder = LADDER): number => levelAt(ladder, { severity: 'high', level, firedMs: minutes * MINUTE });

test('steps are taken one after another, and the last is repeated', () => {
  expect([4, 5, 14, 15, 44, 45, 75].map((minutes) => at(minutes))).toEqual([0, 1, 1, 2, 2, 3, 4]);
  expect([0, 1, 2, 3].map((level) => stepOf(LADDER, level)?.channels?.[0])).toEqual([undefined, 'team', 'boss', 'boss']);
});

test('a ladder never steps down, and without repetition it ends', () => {
  expect(at(1, 2)).toBe(2);
  expect(levelAt(DEFAULT_LADDER, { severity: 'critical', level: 1, firedMs: 10_000 * MINUTE })).toBe(1);
});

test('less severe alerts stay where they are', () => {
  expect(levelAt(LADDER, { severity: 'medium', level: 0, firedMs: 60 * MINUTE })).toBe(0);
});
