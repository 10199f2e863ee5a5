import { expect, test } from 'vitest';
import { ExpressionCache } from './expression-cache.ts';

test('the same text is parsed once; a bad one is told each time', () => {
  const cache = new ExpressionCache();
  expect(cache.parse('rate(a[1m])')).toBe(cache.parse('rate(a[1m])'));
  for (let time = 0; time < 2; time++) expect(() => cache.parse('rate(a')).toThrow('The expression ends too early');
});

test('only the expressions asked last are kept, and no long ones', () => {
  const cache = new ExpressionCache();
  const [often, once] = [cache.parse('often'), cache.parse('once')];
  for (let i = 0; i < 511; i++) {
    cache.parse(`other_${i}`);
    expect(cache.parse('often')).toBe(often);
  }
  expect(cache.parse('once')).not.toBe(once);
  const long = `a + ${'b + '.repeat(600)}c`;
  expect(cache.parse(long)).not.toBe(cache.parse(long));
});
