import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import { SEVERITIES, type Severity } from '../model/severity.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../store/sample-store.ts';
import { parseSeriesLabels, parseSeriesValues, type NotatedSeries } from '../query/test-language/series-notation.ts';
import { readRuleFiles, type RuleFile } from '../rules/groups/rule-files.ts';
import { YamlReader } from '../rules/groups/yaml-reader.ts';

/** promtool's unit-test file, with `actions`, `channels` and `notification_test` of ours. */
export interface TestFile {
  readonly ruleFiles: readonly RuleFile[];
  readonly evaluationIntervalMs: number;
  readonly groupOrder: readonly string[];
  /** Compare floats with a relative tolerance instead of exactly. */
  readonly isFuzzy: boolean;
  readonly tests: readonly TestGroup[];
}

export interface TestGroup {
  readonly name: string;
  readonly intervalMs: number;
  readonly series: readonly NotatedSeries[];
  readonly alertTests: readonly AlertTest[];
  readonly expressionTests: readonly ExpressionTest[];
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly environment: string | undefined;
  readonly channels: readonly TestChannel[];
  readonly actions: readonly Action[];
  readonly notificationTests: readonly NotificationTest[];
}
export interface AlertTest {
  readonly atMs: number;
  readonly alertname: string;
  readonly expected: readonly { readonly labels: Labels; readonly annotations: Labels }[];
}
export interface ExpressionTest {
  readonly atMs: number;
  readonly expr: string;
  readonly expected: readonly { readonly labels: Labels; readonly value: number }[];
}
export interface TestChannel {
  readonly name: string;
  readonly minimumSeverity: Severity;
  readonly escalationOnly: boolean;
}
export type Action = { readonly atMs: number } & (
  | { readonly kind: 'silence'; readonly matchers: readonly Matcher[]; readonly forMs: number }
  | { readonly kind: 'ack'; readonly alertname: string; readonly labels: Labels; readonly by: string }
  | { readonly kind: 'channel_down' | 'channel_up'; readonly channel: string }
  | { readonly kind: 'crash' }
  | { readonly kind: 'clock_jump'; readonly byMs: number }
);
/** What was sent since the notification test before it, or since the start. */
export interface NotificationTest {
  readonly atMs: number;
  readonly expected: readonly ExpectedNotification[];
}
/** Members that are absent are not compared. */
export interface ExpectedNotification {
  readonly channel: string | undefined;
  readonly status: string | undefined;
  readonly reason: string | undefined;
  readonly severity: string | undefined;
  readonly late: boolean | undefined;
  /** Names of its alerts, sorted. */
  readonly alertnames: readonly string[] | undefined;
}

const FILE_KEYS = ['rule_files', 'evaluation_interval', 'group_eval_order', 'fuzzy_compare', 'tests'] as const;
const GROUP_KEYS = [
  'name',
  'interval',
  'input_series',
  'alert_rule_test',
  'promql_expr_test',
  'external_labels',
  'external_url',
  'environment',
  'channels',
  'actions',
  'notification_test',
] as const;
const MINUTE_MS = 60_000;
const ACTIONS = ['silence', 'ack', 'channel_down', 'channel_up', 'crash', 'clock_jump'] as const;
const MATCHER = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|.*)\s*$/;

/** @throws BellwetherError `rule_invalid`: one line with file and line */
export function parseTestFile(text: string, file: string): TestFile {
  const fields = YamlReader.parse(text, file).object(FILE_KEYS);
  const order = fields.group_eval_order.items().map((item) => item.text());
  const repeated = order.find((name, i) => order.indexOf(name) !== i);
  if (repeated !== undefined) fields.group_eval_order.refuse(`group name repeated in evaluation order: ${repeated}`);
  const evaluationIntervalMs = fields.evaluation_interval.durationMs(MINUTE_MS);
  return {
    ruleFiles: readRuleFiles(
      fields.rule_files.items().map((item) => item.text()),
      path.dirname(file),
    ),
    evaluationIntervalMs: evaluationIntervalMs === 0 ? MINUTE_MS : evaluationIntervalMs,
    groupOrder: order,
    isFuzzy: fields.fuzzy_compare.boolean(false),
    tests: fields.tests.items().map(readGroup),
  };
}

function readGroup(reader: YamlReader): TestGroup {
  const fields = reader.object(GROUP_KEYS);
  const intervalMs = fields.interval.durationMs(MINUTE_MS);
  return {
    name: fields.name.text(''),
    intervalMs: intervalMs === 0 ? MINUTE_MS : intervalMs,
    series: fields.input_series.items().map(readSeries),
    alertTests: fields.alert_rule_test.items().map(readAlertTest),
    expressionTests: fields.promql_expr_test.items().map(readExpressionTest),
    externalLabels: textsOf(fields.external_labels),
    externalUrl: fields.external_url.text(''),
    environment: fields.environment.isAbsent ? undefined : fields.environment.text(),
    channels: fields.channels.items().map(readChannel),
    actions: fields.actions.items().map(readAction),
    notificationTests: fields.notification_test.items().map(readNotificationTest),
  };
}

function readSeries(reader: YamlReader): NotatedSeries {
  const { series, values } = reader.object(['series', 'values']);
  return { labels: parsed(series, parseSeriesLabels), values: parsed(values, (text) => parseSeriesValues(text)) };
}

function readAlertTest(reader: YamlReader): AlertTest {
  const { eval_time: at, alertname, exp_alerts: expected } = reader.object(['eval_time', 'alertname', 'exp_alerts']);
  const name = alertname.text('');
  if (name === '') reader.refuse(`an item under alert_rule_test misses required attribute alertname at eval_time ${at.text('0s')}`);
  return {
    atMs: at.durationMs(0),
    alertname: name,
    expected: expected.items().map((item) => {
      const { exp_labels: labels, exp_annotations: annotations } = item.object(['exp_labels', 'exp_annotations']);
      return { labels: { ...textsOf(labels), alertname: name }, annotations: textsOf(annotations) };
    }),
  };
}

function readExpressionTest(reader: YamlReader): ExpressionTest {
  const { eval_time: at, expr, exp_samples: expected } = reader.object(['eval_time', 'expr', 'exp_samples']);
  return {
    atMs: at.durationMs(0),
    expr: expr.text(''),
    expected: expected.items().map((item) => {
      const { labels, value } = item.object(['labels', 'value']);
      return { labels: labels.isAbsent || labels.text('') === '' ? {} : parsed(labels, parseSeriesLabels), value: floatOf(value) };
    }),
  };
}

function readChannel(reader: YamlReader): TestChannel {
  if (!reader.isMap) return { name: reader.text(), minimumSeverity: 'low', escalationOnly: false };
  const { name, minimum_severity: minimum, escalation_only: only } = reader.object(['name', 'minimum_severity', 'escalation_only']);
  return { name: name.text(), minimumSeverity: minimum.choice(SEVERITIES, 'low'), escalationOnly: only.boolean(false) };
}

function readAction(reader: YamlReader): Action {
  const { at, ...actions } = reader.object(['at', ...ACTIONS]);
  const given = ACTIONS.filter((kind) => !actions[kind].isAbsent);
  const [kind] = given;
  if (kind === undefined || given.length > 1) return reader.refuse(`an action is "at" and one of: ${ACTIONS.join(', ')}`);
  const atMs = at.durationMs();
  const member = actions[kind];
  switch (kind) {
    case 'silence': {
      const { matchers, for: length } = member.object(['matchers', 'for']);
      return { atMs, kind, matchers: matchers.items().map(readMatcher), forMs: length.durationMs() };
    }
    case 'ack': {
      const { alertname, labels, by } = member.object(['alertname', 'labels', 'by']);
      return { atMs, kind, alertname: alertname.text(), labels: textsOf(labels), by: by.text('test') };
    }
    case 'crash':
      return member.boolean(false) ? { atMs, kind } : member.refuse('write true');
    case 'clock_jump': {
      const text = member.text();
      const sign = text.startsWith('-') ? -1 : 1;
      const length = YamlReader.parse(JSON.stringify(text.replace(/^[-+]/, '')), 'clock_jump').durationMs();
      return { atMs, kind, byMs: sign * length };
    }
    default:
      return { atMs, kind, channel: member.text() };
  }
}

function readMatcher(reader: YamlReader): Matcher {
  const [, label = '', op, quoted = ''] = MATCHER.exec(reader.text()) ?? [];
  if (op === undefined) return reader.refuse('a matcher is label="value", !=, =~ or !~');
  return { label, op: op as Matcher['op'], value: quoted.startsWith('"') ? (JSON.parse(quoted) as string) : quoted };
}

function readNotificationTest(reader: YamlReader): NotificationTest {
  const { eval_time: at, exp_notifications: expected } = reader.object(['eval_time', 'exp_notifications']);
  const keys = ['channel', 'status', 'reason', 'severity', 'late', 'alertnames'] as const;
  return {
    atMs: at.durationMs(),
    expected: expected.items().map((item) => {
      const fields = item.object(keys);
      const text = (field: YamlReader): string | undefined => (field.isAbsent ? undefined : field.text());
      return {
        channel: text(fields.channel),
        status: text(fields.status),
        reason: text(fields.reason),
        severity: text(fields.severity),
        late: fields.late.isAbsent ? undefined : fields.late.boolean(false),
        alertnames: fields.alertnames.isAbsent
          ? undefined
          : fields.alertnames
              .items()
              .map((name) => name.text())
              .toSorted(),
      };
    }),
  };
}

function parsed<T>(reader: YamlReader, parse: (text: string) => T): T {
  const text = reader.text();
  try {
    return parse(text);
  } catch (error) {
    return reader.refuse(messageOf(error));
  }
}

function textsOf(reader: YamlReader): Labels {
  return Object.fromEntries([...reader.members()].map(([name, value]) => [name, value.text('')]));
}

function floatOf(reader: YamlReader): number {
  const { scalar } = reader;
  return typeof scalar === 'number' ? scalar : reader.isAbsent ? 0 : reader.refuse('must be a number');
}
