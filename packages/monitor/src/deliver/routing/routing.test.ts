import { expect, test } from 'vitest';
import { parseMatchers } from './parse-matchers.ts';
import { compileRoutes, groupOf, type Route } from './route-tree.ts';

const LABELS = { kind: 'labels', by: ['service'], waitMs: 30_000, intervalMs: 300_000, repeatMs: 14_400_000 } as const;

function route(id: string, matchers: string, some: Partial<Route> = {}): Route {
  return {
    id,
    receiver: id,
    matchers: parseMatchers(matchers),
    continues: false,
    grouping: LABELS,
    muteTimes: [],
    activeTimes: [],
    routes: [],
    ...some,
  };
}

const found = (root: Route, labels: Record<string, string>): readonly string[] =>
  compileRoutes(root)(labels).map(({ receiver }) => receiver);

test('an alert goes to the deepest route that fits, the first among siblings, and to the root when none fits', () => {
  const root = route('root', '', {
    routes: [route('web', 'team="web"', { routes: [route('web-critical', 'severity="critical"')] }), route('late', 'team=~"web|shop"')],
  });
  expect(found(root, { team: 'web', severity: 'critical' })).toEqual(['web-critical']);
  expect(found(root, { team: 'web', severity: 'low' })).toEqual(['web']);
  expect(found(root, { team: 'shop' })).toEqual(['late']);
  expect(found(root, {})).toEqual(['root']);
});

test('a route that continues lets its siblings have the alert, too', () => {
  const root = route('root', '', { routes: [route('log', '', { continues: true }), route('web', 'team="web"'), route('rest', '')] });
  expect(found(root, { team: 'web' })).toEqual(['log', 'web']);
  expect(found(root, {})).toEqual(['log', 'rest']);
});

test('groups are told apart by route and by the values of their labels', () => {
  const a = groupOf(route('r', ''), { service: 'a', instance: '1' });
  expect(groupOf(route('r', ''), { service: 'a', instance: '2' })).toEqual(a);
  expect(groupOf(route('r', ''), { service: 'b' }).key).not.toBe(a.key);
  expect(groupOf(route('s', ''), { service: 'a' }).key).not.toBe(a.key);
  expect(a.subject).toBe('service=a');
  expect(groupOf(route('r', '', { grouping: { ...LABELS, by: 'all' } }), { b: '1', a: '2' }).subject).toBe('a=2, b=1');
});

test.each([
  ['a="b"', [['a', '=', 'b']]],
  [
    '{a="b", c!="d"}',
    [
      ['a', '=', 'b'],
      ['c', '!=', 'd'],
    ],
  ],
  [
    'a=~"x|y",b!~"z.*"',
    [
      ['a', '=~', 'x|y'],
      ['b', '!~', 'z.*'],
    ],
  ],
  ['a = b c', [['a', '=', 'b c']]],
  ['a=""', [['a', '=', '']]],
  ['a=', [['a', '=', '']]],
  [String.raw`"my label"="q\"u\\o\nte"`, [['my label', '=', 'q"u\\o\nte']]],
  ['', []],
])('the matchers %s are read', (text, expected) => {
  expect(parseMatchers(text).map(({ label, op, value }) => [label, op, value])).toEqual(expected);
});

test.each(['a', '="b"', 'a=="b"', 'a="b" c="d"', 'a=~"("', 'a="b', '{a="b"'])('the text %s is no matcher', (text) => {
  expect(() => parseMatchers(text)).toThrow(expect.objectContaining({ code: 'query_invalid' }));
});
