import type { Clock } from '../base/clock.ts';

type Random = Pick<Clock, 'random'>;

/** A rule file and a test file that expects nothing, so that what is found is told. */
export interface RandomCase {
  readonly rules: string;
  readonly tests: string;
}

const MINUTES = 20;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random.random() * from.length)] as T;
}

function times<T>(random: Random, most: number, make: (i: number) => T): T[] {
  return Array.from({ length: 1 + Math.floor(random.random() * most) }, (_, i) => make(i));
}

/** Ranges are no multiples of the minute between samples: there Prometheus 2 (closed) and 3 (left-open) agree. */
const EXPRESSIONS = [
  'up == 0',
  'up',
  'load > 3',
  'load > 2 unless on (instance) up == 0',
  'sum by (job) (up) < 2',
  'avg without (instance) (load)',
  'max_over_time(load[150s]) > 4',
  'absent(gone)',
  'absent(up{instance="a"})',
  'load * on (instance) group_left (job) up > 1',
  'count(load > 2) by (job)',
  'changes(total[330s]) > 1',
  'load > bool 2',
  'vector(1)',
  'vector(time()) > 600',
  '{__name__=~"up|load"} > 1',
  'rec:0 > 2',
  'rec:1',
  'ALERTS{alertname="A0",alertstate="firing"}',
  'count(ALERTS) > 1',
  'ALERTS_FOR_STATE',
  'vector(scalar(sum(load))) > 5',
  'label_replace(up, "instance", "same", "", "")',
  'stddev(load)',
];
const TEXTS = [
  'plain',
  '{{ $labels.instance }}',
  '{{ $value }}',
  '{{ $value | humanize }} of {{ $labels.job }}',
  '{{ printf "%.3f" $value }}{{ if gt $value 1.0 }} much{{ end }}',
  '{{ $externalLabels.region }}',
  '{{ range query "up" | sortByLabel "instance" }}{{ .Labels.instance }}={{ .Value }} {{ end }}',
  '{{ with query "load" | sortByLabel "instance" }}{{ . | first | value | humanizeDuration }}{{ end }}',
  '{{ humanizePercentage $value }} {{ humanize1024 $value }}',
  '{{ $labels }} {{ .Value }}',
  '{{ title "many words" }} {{ toUpper $labels.job }} {{ reReplaceAll "(.)pi" "$1xy" $labels.job }}',
  '{{ range $i, $s := query "load" | sortByLabel "instance" }}{{ if eq $i 0 }}{{ $s.Labels.instance }}{{ end }}{{ end }}',
  '{{ $value | humanizeTimestamp }}',
  '{{ len (query "ALERTS") }}',
];
const LABELS = ['severity', 'team', 'instance'];
const LABEL_TEXTS = ['page', 'of {{ $labels.job }}', '', 'x{{ $value }}'];
const DURATIONS = ['0s', '1m', '2m', '90s', '5m', '1h'];

function mapping(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([name, text]) => `${name}: ${JSON.stringify(text)}`).join(', ')} }`;
}

function rule(random: Random, place: string): string {
  const expr = `    expr: ${JSON.stringify(pick(random, EXPRESSIONS))}`;
  const labels = random.random() < 0.5 ? [] : [`    labels: ${mapping([[pick(random, LABELS), pick(random, LABEL_TEXTS)]])}`];
  if (random.random() < 0.3) {
    const plain = random.random() < 0.5 ? [] : [`    labels: ${mapping([[pick(random, LABELS), pick(random, ['page', ''])]])}`];
    return [`  - record: rec:${place.slice(1)}`, expr, ...plain].join('\n');
  }
  const hold = random.random() < 0.6 ? [`    for: ${pick(random, DURATIONS)}`] : [];
  const keep = random.random() < 0.3 ? [`    keep_firing_for: ${pick(random, DURATIONS)}`] : [];
  const annotations = random.random() < 0.7 ? [`    annotations: ${mapping([['text', pick(random, TEXTS)]])}`] : [];
  return [`  - alert: ${place}`, expr, ...hold, ...keep, ...labels, ...annotations].join('\n');
}

function values(random: Random): string {
  const items = ['_'];
  for (let count = 0; count < MINUTES;) {
    const length = 1 + Math.floor(random.random() * 6);
    items.push(pick(random, [`0x${length - 1}`, `1x${length - 1}`, `_x${length}`, `1+1x${length - 1}`, `6-0.5x${length - 1}`, 'stale']));
    count += length;
  }
  return items.join(' ');
}

/** The same for the same clock. */
export function randomCase(random: Random): RandomCase {
  let alerts = 0;
  const groups = times(random, 2, (i) => {
    const limit = random.random() < 0.15 ? [`  limit: ${1 + Math.floor(random.random() * 3)}`] : [];
    return [`- name: g${i}`, ...limit, '  rules:', ...times(random, 5, () => rule(random, `A${alerts++}`))].join('\n');
  });
  const series = [
    'up{instance="a",job="api"}',
    'up{instance="b",job="api"}',
    'load{instance="a",job="api"}',
    'load{instance="b",job="db"}',
    'total{job="api"}',
  ];
  const moments = [0, 3, 7, 11, 15, 19];
  const tests = [
    'rule_files: [rules.yml]',
    'evaluation_interval: 1m',
    `group_eval_order: [${groups.map((_, i) => `g${i}`).join(', ')}]`,
    'tests:',
    // Samples never fall on the edge of a look-back or a range, which Prometheus 2 includes and 3 does not.
    '- interval: 61s',
    '  external_labels: { region: eu }',
    '  input_series:',
    ...series.map((name) => `  - { series: ${JSON.stringify(name)}, values: ${JSON.stringify(values(random))} }`),
    '  alert_rule_test:',
    ...moments.flatMap((minute) => Array.from({ length: alerts }, (_, i) => `  - { eval_time: ${minute}m, alertname: A${i} }`)),
    '  promql_expr_test:',
    ...moments.flatMap((minute) =>
      ['ALERTS', 'ALERTS_FOR_STATE', '{__name__=~"rec:.*"}'].map((expr) => `  - { eval_time: ${minute}m, expr: ${JSON.stringify(expr)} }`),
    ),
  ];
  return { rules: `groups:\n${groups.join('\n')}\n`, tests: `${tests.join('\n')}\n` };
}
