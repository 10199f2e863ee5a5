import { expect, test } from 'vitest';
import { parseTestScript } from './parse-test-script.ts';
import { parseSeriesNotation, parseSeriesLabels, parseSeriesValues } from './series-notation.ts';

test.each([
  ['5', [5]],
  ['5x3', [5, 5, 5, 5]],
  ['0x2', [0, 0, 0]],
  ['5+2x3', [5, 7, 9, 11]],
  ['-2+4x3', [-2, 2, 6, 10]],
  ['1-2x4', [1, -1, -3, -5, -7]],
  ['1 _x3 stale', [1, undefined, undefined, undefined, 'stale']],
  ['_ 1, 2.5e1 .5', [undefined, 1, 25, 0.5]],
  ['+Inf -inf NaN', [Infinity, -Infinity, Number.NaN]],
  ['0+1.5x2 stalex1', [0, 1.5, 3, 'stale', 'stale']],
  ['', []],
] as const)('the values %s expand', (text, values) => {
  expect(parseSeriesValues(text)).toEqual(values);
});

test('a series has a name, labels in any quotes, and values', () => {
  expect(parseSeriesNotation('up{job="a\\"b", x=\'y\',} 1 2')).toEqual({ labels: { __name__: 'up', job: 'a"b', x: 'y' }, values: [1, 2] });
  expect(parseSeriesNotation('{"my.metric", "the.label"="v"} 1')).toEqual({
    labels: { __name__: 'my.metric', 'the.label': 'v' },
    values: [1],
  });
  expect(parseSeriesNotation('a:b:c 0x1')).toEqual({ labels: { __name__: 'a:b:c' }, values: [0, 0] });
  expect(parseSeriesNotation('{} 3')).toEqual({ labels: {}, values: [3] });
  expect(parseSeriesLabels('up{job="}"}')).toEqual({ __name__: 'up', job: '}' });
});

test.each([
  'up{job=api} 1',
  'up{job="api" 1',
  'up{job="a",job="b"} 1',
  '= 1',
  'up five',
  'up 1x',
  'up 1xx2',
  'up {{schema:1}}',
  'up 1x99999999',
])('the series %s is refused with a position', (text) => {
  expect(() => parseSeriesNotation(text)).toThrow(/at character \d+/);
});

test('a script is a list of commands; comments, empty lines and the next command end a block', () => {
  const commands = parseTestScript(`
# What is loaded
load 1m30s
  up 1 2
  down 3
eval instant at 5m up
  expect no_warn
  up 2

eval range from 0 to 10m step 5m sum(up)
  expect info regex: .*odd.*
  {} 1 _ 3
clear
eval instant at 0 1 + 1
2
eval_fail instant at 1m rate(up)
  expected_fail_message wrong
eval instant at 1m "x"
  expect string "x"
eval instant at 1m up[2m]
  expect range vector from 0s to 1m step 30s
  up 1 _ 2
`);
  expect(commands.map(({ kind, line }) => [kind, line])).toEqual([
    ['load', 3],
    ['eval', 6],
    ['eval', 10],
    ['clear', 13],
    ['eval', 14],
    ['eval', 16],
    ['eval', 18],
    ['eval', 20],
  ]);
  expect(commands[0]).toMatchObject({ stepMs: 90_000, series: [{ values: [1, 2] }, { values: [3] }] });
  expect(commands[2]).toMatchObject({
    times: { fromMs: 0, toMs: 600_000, stepMs: 300_000 },
    expectations: [{ kind: 'info', message: /.*odd.*/s }],
    series: [{ labels: {}, values: [1, undefined, 3] }],
  });
  expect(commands[4]).toMatchObject({ expression: '1 + 1', scalar: [2] });
  expect(commands[5]).toMatchObject({ expectations: [{ kind: 'fail' }, { kind: 'fail', message: 'wrong' }] });
  expect(commands[6]).toMatchObject({ text: 'x' });
  expect(commands[7]).toMatchObject({ rangeVector: { toMs: 60_000 } });
});

test.each(['load often\n up 1', 'evaluate this', 'eval instant at soon up', 'clear now', 'load 1m\n up{ 1'])(
  'the script %j is refused with its line',
  (script) => {
    expect(() => parseTestScript(script)).toThrow(/^line \d+: /);
  },
);
