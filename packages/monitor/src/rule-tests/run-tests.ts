import { readFileSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import type { Labels } from '../model/labels.ts';
import { formatDuration } from '../query/parse/literals.ts';
import { alertsText, compareLabels, labelsText, notificationText, samplesText, type NamedAlert } from './describe.ts';
import { Rehearsal, type SentMessage } from './rehearsal.ts';
import {
  parseTestFile,
  type AlertTest,
  type ExpectedNotification,
  type ExpressionTest,
  type TestFile,
  type TestGroup,
} from './test-file.ts';

/** Runs one file of rule tests; returns what failed, in promtool's words where promtool has them. Never rejects for a test that fails. */
export async function runRuleTests(file: string): Promise<readonly string[]> {
  try {
    const tests = parseTestFile(readFileSync(file, 'utf8'), file);
    const failures: string[] = [];
    for (const group of tests.tests) failures.push(...(await runGroup(tests, group)));
    return failures;
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Lets time run in steps of the evaluation interval; what is asked at a moment is asked of the last step at or before it. */
async function runGroup(file: TestFile, group: TestGroup): Promise<readonly string[]> {
  await using rehearsal = await Rehearsal.open(file, group);
  const { evaluationIntervalMs } = file;
  const failures: string[] = [];
  const lastMs = Math.max(
    0,
    ...[group.alertTests, group.expressionTests, group.notificationTests].flatMap((tests) => tests.map(({ atMs }) => atMs)),
  );
  for (let atMs = 0; atMs <= lastMs; atMs += evaluationIntervalMs) {
    for (const action of group.actions.filter((one) => one.atMs > atMs - evaluationIntervalMs && one.atMs <= atMs)) {
      await rehearsal.passTo(action.atMs);
      await rehearsal.act(action);
    }
    await rehearsal.step(atMs);
    const broken = rehearsal.failures();
    if (broken.length > 0)
      return [...failures, ...broken.map(({ rule, error }) => `    rule: ${rule}, time: ${formatDuration(atMs)}, err: ${error}`)];
    const isNow = (test: { readonly atMs: number }): boolean => test.atMs >= atMs && test.atMs < atMs + evaluationIntervalMs;
    for (const test of byTime(group.alertTests.filter(isNow))) failures.push(...checkAlerts(test, rehearsal, group));
    for (const test of byTime(group.notificationTests.filter(isNow))) {
      await rehearsal.passTo(test.atMs);
      failures.push(...checkNotifications(test.atMs, test.expected, rehearsal.takeSent()));
    }
  }
  for (const test of group.expressionTests) failures.push(...(await checkExpression(test, rehearsal, file.isFuzzy)));
  return failures;
}

function byTime<T extends { readonly atMs: number }>(tests: readonly T[]): readonly T[] {
  return tests.toSorted((a, b) => a.atMs - b.atMs);
}

function checkAlerts({ alertname, atMs, expected }: AlertTest, rehearsal: Rehearsal, group: TestGroup): readonly string[] {
  const got = sortedAlerts(rehearsal.firing(alertname));
  const wanted = sortedAlerts(expected);
  if (JSON.stringify(got.map(keyOf)) === JSON.stringify(wanted.map(keyOf))) return [];
  const name = group.name === '' ? '' : `    name: ${group.name},\n`;
  return [
    `${name}    alertname: ${alertname}, time: ${formatDuration(atMs)}, \n        exp:${alertsText(wanted)}, \n        got:${alertsText(got)}`,
  ];
}

function keyOf({ labels, annotations }: NamedAlert): readonly [string, string] {
  return [labelsText(labels), labelsText(annotations)];
}

function sortedAlerts(alerts: readonly NamedAlert[]): readonly NamedAlert[] {
  return alerts.toSorted((a, b) => compareLabels(a.labels, b.labels) || compareLabels(a.annotations, b.annotations));
}

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

async function checkExpression(
  { expr, atMs, expected }: ExpressionTest,
  rehearsal: Rehearsal,
  isFuzzy: boolean,
): Promise<readonly string[]> {
  const place = `    expr: ${JSON.stringify(expr)}, time: ${formatDuration(atMs)},`;
  let got: readonly Sample[];
  try {
    const { value } = await rehearsal.query.instant(expr, rehearsal.wallMs(atMs));
    if (value.type !== 'vector' && value.type !== 'scalar') return [`${place} err: rule result is not a vector or scalar`];
    got = value.type === 'vector' ? value.samples : [{ labels: {}, value: value.value }];
  } catch (error) {
    return [`${place} err: ${messageOf(error)}`];
  }
  const [wanted, found] = [expected, got].map((samples) => samples.toSorted((a, b) => compareLabels(a.labels, b.labels)));
  if (wanted === undefined || found === undefined || isSame(wanted, found, isFuzzy)) return [];
  return [`${place}\n        exp: ${samplesText(wanted)}\n        got: ${samplesText(found)}`];
}

function isSame(wanted: readonly Sample[], found: readonly Sample[], isFuzzy: boolean): boolean {
  return (
    wanted.length === found.length &&
    wanted.every((sample, i) => {
      const other = found[i] as Sample;
      return (
        labelsText(sample.labels) === labelsText(other.labels) &&
        (isFuzzy ? isNear(sample.value, other.value) : sample.value === other.value || bothNaN(sample.value, other.value))
      );
    })
  );
}

function bothNaN(a: number, b: number): boolean {
  return Number.isNaN(a) && Number.isNaN(b);
}

/** Within promtool's relative tolerance for `fuzzy_compare`. */
function isNear(a: number, b: number): boolean {
  return a === b || bothNaN(a, b) || Math.abs(a - b) <= 1e-15 * Math.max(Math.abs(a), Math.abs(b));
}

function checkNotifications(atMs: number, expected: readonly ExpectedNotification[], sent: readonly SentMessage[]): readonly string[] {
  const got = sent.map(({ channel, notification }) => ({
    channel,
    status: notification.status,
    reason: notification.reason,
    severity: notification.severity,
    late: notification.deliveredLate,
    alertnames: notification.alerts.map(({ metricName }) => metricName).toSorted(),
  }));
  const fits =
    got.length === expected.length &&
    expected.every((wanted, i) =>
      Object.entries(wanted).every(([name, value]) => value === undefined || String(got[i]?.[name as 'channel']) === String(value)),
    );
  if (fits) return [];
  const list = (messages: readonly ExpectedNotification[]): string =>
    `[${messages.map((one) => `\n            ${notificationText(one)}`).join(',')}]`;
  return [`    notifications until ${formatDuration(atMs)}, \n        exp:${list(expected)}, \n        got:${list(got)}`];
}
