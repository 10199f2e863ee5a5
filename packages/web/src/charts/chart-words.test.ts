import { expect, test } from 'vitest';
import { lineFacts, lineSentence } from './chart-words.ts';

test('a flat line is steady, a ramp rises, its mirror falls', () => {
  const ramp = Array.from({ length: 60 }, (_, index) => index);
  expect(lineFacts(ramp.map(() => 5))?.trend).toBe('steady');
  expect(lineFacts(ramp)?.trend).toBe('rising');
  expect(lineFacts(ramp.toReversed())?.trend).toBe('falling');
});

test('holes are not counted as zero', () => {
  expect(lineFacts([null, 4, null, 6, null])).toMatchObject({ newest: 6, average: 5, min: 4, max: 6 });
});

test('the sentence tells newest, trend and spread, or that there is nothing', () => {
  expect(lineSentence('CPU', [10, 20], 'percent')).toBe('CPU 20.0 %, rising; average 15.0 %, between 10.0 % and 20.0 %.');
  expect(lineSentence('CPU', [null], 'percent')).toBe('CPU: no data.');
});
