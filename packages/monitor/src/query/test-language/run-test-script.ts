import type { MatrixSeries, QueryResult, QueryValue } from '../query-engine.ts';
import { messageOf } from '../../base/errors.ts';
import { signature } from '../context/frame.ts';
import { formatLabels } from '../context/frame.ts';
import type { EvalCommand, EvalTimes, Expectation, TestCommand } from './parse-test-script.ts';
import type { NotatedSeries, NotatedValue } from './series-notation.ts';

/** What a script is run against. Samples stand at `i · stepMs` since 1970. */
export interface TestBench {
  load(series: readonly NotatedSeries[], stepMs: number): Promise<void>;
  clear(): Promise<void>;
  instant(expression: string, atMs: number): Promise<QueryResult>;
  range(expression: string, times: EvalTimes): Promise<QueryResult>;
}

const MINUTE_MS = 60_000;
/** Relative difference at which two values count as the same. */
const TOLERANCE = 1e-6;

/**
 * Runs a script's commands in order and lists what came out otherwise than expected, each with its line and expression; empty when all is as
 * written. Every instant query is also asked as the middle of a range query, which must say the same.
 */
export async function runTestScript(commands: readonly TestCommand[], bench: TestBench): Promise<string[]> {
  const failures: string[] = [];
  for (const command of commands) {
    if (command.kind === 'clear') await bench.clear();
    else if (command.kind === 'load') await bench.load(command.series, command.stepMs);
    else failures.push(...(await evaluate(command, bench)).map((failure) => `line ${command.line}: ${command.expression}: ${failure}`));
  }
  return failures;
}

async function evaluate(command: EvalCommand, bench: TestBench): Promise<string[]> {
  const { expression, times, expectations } = command;
  const shouldFail = expectations.filter(({ kind }) => kind === 'fail');
  let result: QueryResult;
  try {
    result = times.stepMs === 0 ? await bench.instant(expression, times.fromMs) : await bench.range(expression, times);
  } catch (error) {
    const message = messageOf(error);
    if (shouldFail.length === 0) return [`it fails: ${message}`];
    return shouldFail.every((expected) => fits(expected, message)) ? [] : [`it fails with another message: ${message}`];
  }
  if (shouldFail.length > 0) return ['it does not fail'];
  const problems = [
    ...annotationProblems(expectations, 'warn', result.warnings),
    ...annotationProblems(expectations, 'info', result.infos),
    ...valueProblems(command, result.value),
  ];
  if (problems.length > 0 || times.stepMs !== 0 || !isSteppable(command, result.value)) return problems;
  return await rangeProblems(command, result.value, bench);
}

/** Whether a range query around the instant can be compared: it has no order and needs a type that has steps. */
function isSteppable({ times }: EvalCommand, value: QueryValue): boolean {
  return value.type === 'vector' && times.fromMs >= MINUTE_MS;
}

async function rangeProblems({ expression, times }: EvalCommand, value: QueryValue, bench: TestBench): Promise<string[]> {
  if (value.type !== 'vector') return [];
  const around = { fromMs: times.fromMs - MINUTE_MS, toMs: times.fromMs + MINUTE_MS, stepMs: MINUTE_MS };
  // @ start() and @ end() mean another time there.
  if (/@\s*(?:start|end)/.test(expression)) return [];
  let range: QueryValue;
  try {
    range = (await bench.range(expression, around)).value;
  } catch {
    return []; // Fails at a neighbouring step.
  }
  if (range.type !== 'matrix') return ['as a range query it gives no matrix'];
  const middle = range.series.flatMap((series) => {
    const i = series.timesMs.indexOf(times.fromMs);
    return i < 0 ? [] : [{ labels: series.labels, values: [series.values[i]] }];
  });
  const expected = value.samples.map((sample) => ({ labels: sample.labels, values: [sample.value] }));
  return compareSeries(expected, middle, { isOrdered: false }).map((problem) => `as a range query: ${problem}`);
}

function fits({ message }: Expectation, text: string): boolean {
  return message === undefined || (typeof message === 'string' ? message === text : message.test(text));
}

/** Every expectation needs a note, and where one is written every note needs an expectation. */
function annotationProblems(expectations: readonly Expectation[], kind: 'warn' | 'info', notes: readonly string[]): string[] {
  const wanted = expectations.filter((expectation) => expectation.kind === kind);
  if (expectations.some((expectation) => expectation.kind === `no_${kind}`) && notes.length > 0)
    return [`unexpected ${kind}: ${notes.join('; ')}`];
  const missing = wanted.filter((expected) => !notes.some((note) => fits(expected, note)));
  const surplus = wanted.length === 0 ? [] : notes.filter((note) => !wanted.some((expected) => fits(expected, note)));
  return [
    ...missing.map(({ message }) => `no ${kind} ${message === undefined ? '' : `"${String(message)}" `}but ${notes.join('; ') || 'none'}`),
    ...surplus.map((note) => `unexpected ${kind}: ${note}`),
  ];
}

interface PlainSeries {
  readonly labels: MatrixSeries['labels'];
  readonly values: readonly NotatedValue[];
}

function valueProblems(command: EvalCommand, value: QueryValue): string[] {
  const { times, scalar, text, rangeVector, series } = command;
  const isOrdered = command.expectations.some(({ kind }) => kind === 'ordered');
  if (value.type === 'string') return value.value === text ? [] : [`"${value.value}" instead of "${text ?? 'no string'}"`];
  if (value.type === 'scalar') {
    const expected = scalar?.length === 1 ? scalar[0] : undefined;
    return typeof expected === 'number' && isNear(value.value, expected) ? [] : [`${value.value} instead of ${String(expected)}`];
  }
  const expected = scalar === undefined ? series : [{ labels: {}, values: scalar }];
  if (value.type === 'vector') {
    const found = value.samples.map((sample) => ({ labels: sample.labels, values: [sample.value] }));
    return compareSeries(expected, found, { isOrdered });
  }
  const steps = times.stepMs === 0 ? rangeVector : times;
  if (steps === undefined) return ['a range vector needs "expect range vector from … to … step …"'];
  return compareSeries(
    expected,
    value.series.map((one) => atSteps(one, steps)),
    { isOrdered },
  );
}

function atSteps({ labels, timesMs, values }: MatrixSeries, { fromMs, toMs, stepMs }: EvalTimes): PlainSeries {
  const byTime = new Map(timesMs.map((atMs, i) => [atMs, values[i]]));
  const steps = Math.floor((toMs - fromMs) / stepMs) + 1;
  return { labels, values: Array.from({ length: steps }, (_, step) => byTime.get(fromMs + step * stepMs)) };
}

function compareSeries(
  expected: readonly PlainSeries[],
  found: readonly PlainSeries[],
  options: { readonly isOrdered: boolean },
): string[] {
  const wantedByKey = new Map(expected.map((one) => [signature(one.labels), one]));
  if (wantedByKey.size < expected.length) return ['the same series is expected twice'];
  const problems: string[] = [];
  found.forEach((one, i) => {
    const key = signature(one.labels);
    const wanted = wantedByKey.get(key);
    wantedByKey.delete(key);
    if (wanted === undefined) problems.push(`unexpected ${formatLabels(one.labels)} ${one.values.map(show).join(' ')}`);
    else if (!isSame(wanted.values, one.values))
      problems.push(`${formatLabels(one.labels)} is ${one.values.map(show).join(' ')} instead of ${wanted.values.map(show).join(' ')}`);
    else if (options.isOrdered && expected.indexOf(wanted) !== i) problems.push(`${formatLabels(one.labels)} is number ${i + 1} in order`);
  });
  return [...problems, ...[...wantedByKey.values()].map(({ labels }) => `${formatLabels(labels)} is missing`)];
}

/** Missing values at the end need not be written. */
function isSame(expected: readonly NotatedValue[], found: readonly NotatedValue[]): boolean {
  return Array.from({ length: Math.max(expected.length, found.length) }, (_, i) => [expected[i], found[i]] as const).every(([a, b]) =>
    typeof a === 'number' && typeof b === 'number' ? isNear(a, b) : a === b,
  );
}

function isNear(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

function show(value: NotatedValue): string {
  return value === undefined ? '_' : String(value);
}
