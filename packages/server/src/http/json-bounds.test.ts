import { expect, test } from 'vitest';
import { checkJsonBounds } from './json-bounds.ts';

const check = (text: string): void => checkJsonBounds(new TextEncoder().encode(text), { depth: 3, elements: 3, values: 8 });

test('a body within its bounds passes, whatever its texts hold', () => {
  expect(() => check('[{"a":"[[[[{{{{,,,,,,,,,,\\\\"},{"b":"\\"[[[["},{}]')).not.toThrow();
  expect(() => check('')).not.toThrow();
});

test.each([
  ['nested more than 3 deep', '[[[[]]]]'],
  ['at most 3 items', '[{},{},{},{}]'],
  ['more than 8 values', '[{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}]'],
])('a body beyond its bounds is refused: %s', (why, text) => {
  expect(() => check(text)).toThrow(why);
});
