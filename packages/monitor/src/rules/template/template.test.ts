import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { TemplateBudget, TemplateBudgetError } from './template-budget.ts';
import { compileTemplate, type TemplateSample } from './template.ts';

const SAMPLES: readonly TemplateSample[] = [
  { kind: 'sample', Labels: { instance: 'b', __value__: 'text' }, Value: 1 },
  { kind: 'sample', Labels: { instance: 'a' }, Value: 0.25 },
];

interface Expansion {
  readonly asked?: string[];
  readonly budget?: TemplateBudget;
}

async function expand(source: string, { asked = [], budget = new TemplateBudget(new FakeClock(0)) }: Expansion = {}): Promise<string> {
  const data = {
    labels: { instance: 'web-1.example.org:9100', job: 'api' },
    value: 0.12345,
    externalLabels: { region: 'eu' },
    externalUrl: 'https://watch.example.org/bell',
    nowMs: 1_420_113_600_500,
  };
  const query = async (expression: string): Promise<readonly TemplateSample[]> => {
    asked.push(expression);
    return expression === 'up' ? SAMPLES : [];
  };
  return await compileTemplate(source).expand(data, query, budget);
}

test.each([
  ['plain text', 'plain text'],
  ['{{ $labels.instance }}/{{ $labels.nothing }}/{{ .Labels.job }}', 'web-1.example.org:9100//api'],
  ['{{ $value }} {{ .Value | printf "%.1f" }} {{ $value | humanizePercentage }}', '0.12345 0.1 12.35%'],
  [
    '{{ $externalLabels.region }} {{ $externalURL }} {{ externalURL }} {{ pathPrefix }}',
    'eu https://watch.example.org/bell https://watch.example.org/bell /bell',
  ],
  ['{{ if gt $value 0.1 }}high{{ else }}low{{ end }}', 'high'],
  ['{{ if and (eq $labels.job "api") (not false) }}yes{{ end }}', 'yes'],
  ['{{ if eq $labels.job "x" }}1{{ else if eq $labels.job "y" "api" }}2{{ else }}3{{ end }}', '2'],
  ['{{ with query "up" }}{{ . | first | value | humanize }}{{ end }}', '1'],
  ['{{ range query "up" | sortByLabel "instance" }}{{ .Labels.instance }}={{ .Value }};{{ end }}', 'a=0.25;b=1;'],
  [
    '{{ range $i, $s := query "up" }}{{ $i }}{{ label "instance" $s }}{{ end }}{{ range query "none" }}x{{ else }}empty{{ end }}',
    '0b1aempty',
  ],
  ['{{ query "up" | first | strvalue }}', 'text'],
  ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}', '2'],
  ['{{ define "greet" }}hello {{ .arg0 }}{{ end }}{{ template "greet" (args "you" 5) }}', 'hello you'],
  ['a {{- /* nothing */ -}} b {{- " c" }}', 'ab c'],
  [
    '{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ stripDomain "10.0.0.1:80" }} {{ stripPort "[::1]:80" }}',
    'web-1.example.org web-1:9100 10.0.0.1:80 ::1',
  ],
  [
    '{{ title "high error rate" }} {{ toUpper "x" }} {{ toLower "X" }} {{ safeHtml "<b>" }} {{ "<" | html }}',
    'High Error Rate X x <b> &lt;',
  ],
  [
    '{{ reReplaceAll "(.*)\\\\.example\\\\.(org):.*" "$2-${1}$$" $labels.instance }} {{ match "^web-\\\\d" $labels.instance }}',
    'org-web-1$ true',
  ],
  [
    '{{ humanize 12345678.0 }} {{ humanize 0.00012 }} {{ humanize1024 2048.0 }} {{ humanizeDuration 93784 }} {{ humanizeDuration 0.0032 }} {{ humanizeDuration -61 }}',
    '12.35M 120u 2ki 1d 2h 3m 4s 3.2ms -1m 1s',
  ],
  [
    '{{ humanizeTimestamp 1420113600.5 }} {{ (toTime 1420113600).Year }} {{ parseDuration "1h30m" }} {{ now }}',
    '2015-01-01 12:00:00.5 +0000 UTC 2015 5400 1.4201136005e+09',
  ],
  [
    '{{ printf "%5.2f|%-5s|%05d|%q|%+d|%x|%t|%%|%e|%v" 3.14159 "ab" 42 "q" 7 255 true 12345.678 nil }}',
    ' 3.14|ab   |00042|"q"|+7|ff|true|%|1.234568e+04|<nil>',
  ],
  ['{{ printf "%d %s" 1.5 2 }} {{ printf "%d" }} {{ printf "x" 1 }}', '%!d(float64=1.5) %!s(int=2) %!d(MISSING) x%!(EXTRA int=1)'],
  [
    '{{ 1e21 }} {{ 1e20 }} {{ 0.00001 }} {{ 100000.5 }} {{ len "abc" }} {{ index $labels "job" }} {{ print 1 2 "a" 3 }}',
    '1e+21 1e+20 1e-05 100000.5 3 api 1 2a3',
  ],
  ['{{ range query "up" }}{{ if eq .Labels.instance "a" }}{{ break }}{{ end }}{{ .Value }}{{ end }}', '1'],
  ['{{ graphLink "up > 1" }}', '/graph?g0.expr=up+%3E+1&g0.tab=0'],
])('%s', async (source, text) => {
  expect(await expand(source)).toBe(text);
});

test.each([
  ['{{ nosuch }}', 'function "nosuch" not defined'],
  ['{{ $nosuch }}', 'undefined variable "$nosuch"'],
  ['{{ if true }}', 'unexpected EOF'],
  ['{{ end }}', 'unexpected {{end}}'],
  ['{{', 'unclosed action'],
  ['{{ }}', 'missing value for command'],
  ['{{ "a" | "b" }}', 'non executable command in pipeline'],
  ['{{ (1 }}', 'unclosed left paren'],
  ['{{ break }}', 'outside {{range}}'],
  ['{{ if true }}'.repeat(60), 'nested too deeply'],
])('%s cannot be a template', (source, reason) => {
  expect(() => compileTemplate(source)).toThrow(reason);
});

test.each([
  ['{{ first (query "none") }}', 'first() called on vector with no elements'],
  ['{{ eq 1 1.0 }}', 'incompatible types for comparison'],
  ['{{ gt $value 1 }}', 'incompatible types for comparison'],
  ['{{ humanize "abc" }}', 'invalid syntax'],
  ['{{ $labels.job.name }}', "can't evaluate field name in type string"],
  ['{{ .Nothing.x }}', ''],
  ['{{ match "(" "x" }}', 'error calling match'],
  ['{{ template "nosuch" }}', 'not defined'],
])('%s fails when it is expanded', async (source, reason) => {
  await expect(expand(source)).rejects.toThrow(reason);
});

test('a template that recurses, loops or grows without end is stopped', async () => {
  await expect(expand('{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}')).rejects.toThrow('deep');
  const nested = `${'{{ range query "up" }}'.repeat(20)}x${'{{ end }}'.repeat(20)}`;
  await expect(expand(nested)).rejects.toThrow('steps');
  const long = `{{ define "a" }}${'y'.repeat(9000)}{{ end }}${'{{ template "a" . }}'.repeat(9)}`;
  await expect(expand(long)).rejects.toThrow('grows beyond');
  const many = Array.from({ length: 30 }, (_, i) => `{{ query "q${i}" }}`).join('');
  await expect(expand(many)).rejects.toThrow('more than 20 queries');
});

test('nothing of JavaScript can be reached', async () => {
  expect(await expand('{{ $labels.constructor }}|{{ $labels.__proto__ }}|{{ index $labels "toString" }}')).toBe('||');
  await expect(expand('{{ $value.constructor }}')).rejects.toThrow("can't evaluate field");
  expect(() => compileTemplate('{{ constructor }}')).toThrow('not defined');
  expect(() => compileTemplate('{{ toString }}')).toThrow('not defined');
});

test('each query is asked once', async () => {
  const asked: string[] = [];
  await expand('{{ query "up" | first | value }}{{ query "up" | first | value }}{{ range query "none" }}{{ end }}', { asked });
  expect(asked).toEqual(['up', 'none']);
});

test.each([
  ['a text that doubles', `{{ $x := "abcdefgh" }}${'{{ $x = printf "%s%s" $x $x }}'.repeat(30)}{{ len $x }}`, 'grows beyond'],
  ['a pattern whose replacements multiply', `{{ $x := "${'x'.repeat(900)}" }}{{ len (reReplaceAll "x" $x $x) }}`, 'grows beyond'],
  ['a group repeated in its replacement', `{{ len (reReplaceAll "x+" "${'$0'.repeat(900)}" "${'x'.repeat(900)}") }}`, 'grows beyond'],
  ['maps of maps', `{{ $x := args 1 2 }}${'{{ $x = args $x $x }}'.repeat(40)}{{ print $x }}`, 'grows beyond'],
  ['arguments that nothing asked for', `{{ $x := "${'x'.repeat(900)}" }}{{ printf ""${' $x'.repeat(900)} }}`, 'grows beyond'],
  ['a sort in a loop', '{{ range query "many" }}{{ if sortByLabel "i" (query "many") }}{{ end }}{{ end }}', 'steps'],
  [
    'a pattern over a long text in a loop',
    `{{ range query "many" }}{{ if match "(x+x+)+y" "${'x'.repeat(9000)}" }}{{ end }}{{ end }}`,
    'steps',
  ],
  ['a loop in a loop with an empty body', '{{ range query "many" }}{{ range query "many" }}{{ end }}{{ end }}', 'steps'],
])('regression: %s costs little before it is stopped', async (_name, source, reason) => {
  const many = Array.from({ length: 20_000 }, (_, i): TemplateSample => ({ kind: 'sample', Labels: { i: String(i) }, Value: i }));
  const data = { labels: {}, value: 1, externalLabels: {}, externalUrl: '', nowMs: 0 };
  await expect(
    (async () => compileTemplate(source).expand(data, async () => many, new TemplateBudget(new FakeClock(0))))(),
  ).rejects.toThrow(reason);
});

test('regression: a label that is named like a member of every object is empty', async () => {
  expect(await expand('{{ range query "up" }}{{ label "constructor" . }}|{{ end }}')).toBe('||');
});

test('regression: the expansions of one evaluation share a budget of steps and of queries', async () => {
  const steps = new TemplateBudget(new FakeClock(0), { steps: 100 });
  const source = '{{ $labels.job }}'.repeat(10);
  expect(await expand(source, { budget: steps })).toBe('api'.repeat(10));
  await expect(Promise.all(Array.from({ length: 5 }, () => expand(source, { budget: steps })))).rejects.toThrow(TemplateBudgetError);
  const queries = new TemplateBudget(new FakeClock(0), { queries: 2 });
  expect(await expand('{{ query "a" }}{{ query "b" }}', { budget: queries })).toBe('[][]');
  await expect(expand('{{ query "c" }}', { budget: queries })).rejects.toThrow('more than 2 queries');
});

test('regression: the queries of the templates of one evaluation share a time', async () => {
  const clock = new FakeClock(0);
  const budget = new TemplateBudget(clock, { queriesMs: 1000 });
  const slow = async (timeoutMs: number): Promise<number> => {
    await clock.advance(600);
    return timeoutMs;
  };
  expect(await budget.spendQuery(slow)).toBe(1000);
  expect(await budget.spendQuery(slow)).toBe(400);
  await expect(budget.spendQuery(slow)).rejects.toThrow('queries for more than 1000 ms');
});
