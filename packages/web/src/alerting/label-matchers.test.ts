import { expect, test } from 'vitest';
import { exactMatchers, filterOf, mayCover, OPERATORS, operatorOf, withOperator } from './label-matchers.ts';

test('each operator survives being written into a matcher and read again', () => {
  const matcher = { name: 'job', value: 'web', isRegex: false, isEqual: true };
  for (const { operator } of OPERATORS) expect(operatorOf(withOperator(matcher, operator))).toBe(operator);
});

test('labels become a filter in which a value cannot end its quotes, and rows without a name are left out', () => {
  expect(filterOf([...exactMatchers({ route: '/a"b', job: 'web' }), ...exactMatchers({ '': 'x' })])).toBe('route="/a\\"b",job="web"');
});

test('an absent label counts as empty, and patterns are left to the server', () => {
  const [job, pattern] = exactMatchers({ job: 'web', path: '/.*' });
  expect(mayCover([job!], { job: 'web' })).toBe(true);
  expect(mayCover([job!], {})).toBe(false);
  expect(mayCover([withOperator(job!, '!=')], {})).toBe(true);
  expect(mayCover([withOperator(pattern!, '=~')], {})).toBe(true);
});
