import { describe, expect, test } from 'vitest';
import { quantityText, wholeText } from './number.ts';

describe('quantityText', () => {
  test.each([
    [23.456, 'percent', '23.5 %'],
    [0, 'percent', '0.0 %'],
    [0.231, 'ratio', '23.1 %'],
    [1536, 'bytes', '1.5 KiB'],
    [512, 'bytes', '512 B'],
    [3 * 1024 ** 3, 'bytes', '3.0 GiB'],
    [2048, 'bytes_per_second', '2.0 KiB/s'],
    [2048, 'bytes/s', '2.0 KiB/s'],
    [1234, 'ms', '1.2 s'],
    [12.34, 'ms', '12.3 ms'],
    [0.05, 'ms', '50.0 µs'],
    [90, 'seconds', '90.0 s'],
    [7200, 'seconds', '2.0 h'],
    [42, 'count', '42'],
    [12_345, 'count', '12.3 k'],
    [3.5, 'orders', '3.5 orders'],
    [1500, 'orders', '1.5 k orders'],
  ])('%d %s reads %s', (value, unit, text) => {
    expect(quantityText(value, unit)).toBe(text);
  });

  test('a value that is not a number reads as a dash', () => {
    expect(quantityText(Number.NaN, 'ms')).toBe('—');
    expect(quantityText(undefined, 'percent')).toBe('—');
  });
});

test('whole numbers have their thousands apart', () => {
  expect(wholeText(1_234_567.4)).toBe('1\u202F234\u202F567');
});
