import { expect, test } from 'vitest';
import { exactMatchers, filterOf, OPERATORS, operatorOf, withOperator } from './label-matchers.ts';

test('each operator survives being written into a matcher and read again', () => {
  const matcher = { name: 'job', value: 'web', isRegex: false, isEqual: true };
  for (const { operator } of OPERATORS) expect(operatorOf(withOperator(matcher, operator))).toBe(operator);
});

test('labels become a filter in which a value cannot end its quotes, and rows without a name are left out', () => {
  expect(filterOf([...exactMatchers({ route: '/a"b', job: 'web' }), ...exactMatchers({ '': 'x' })])).toBe('route="/a\\"b",job="web"');
});
