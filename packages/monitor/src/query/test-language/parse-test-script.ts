import { messageOf } from '../../base/errors.ts';
import { parseDurationMs, unquote } from '../parse/literals.ts';
import { parseSeriesNotation, parseSeriesValues, type NotatedSeries, type NotatedValue } from './series-notation.ts';

/** `load`, `clear` or `eval`, with the number of the line it begins on, from 1. */
export type TestCommand = LoadCommand | ClearCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  readonly stepMs: number;
  readonly series: readonly NotatedSeries[];
}
export interface ClearCommand {
  readonly kind: 'clear';
  readonly line: number;
}
export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly expression: string;
  readonly times: EvalTimes;
  readonly expectations: readonly Expectation[];
  /** Series in the order written. */
  readonly series: readonly NotatedSeries[];
  /** Of a scalar result, a value per step. */
  readonly scalar: readonly NotatedValue[] | undefined;
  readonly text: string | undefined;
  /** What the values of `series` stand at when the result is a range vector. */
  readonly rangeVector: EvalTimes | undefined;
}
export interface EvalTimes {
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}
export interface Expectation {
  readonly kind: 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info' | 'ordered';
  /** The whole message must fit; `undefined` asks only for there being one. */
  readonly message?: string | RegExp;
}

/** A script that cannot be read. */
export class TestScriptError extends Error {
  override readonly name = 'TestScriptError';
  readonly line: number;
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

const LOAD = /^load\s+(\S+)$/;
const EVAL_INSTANT = /^eval(?:_(fail|warn|info|ordered))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/s;
const EVAL_RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/s;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(msg|regex):(.+))?$/;
const EXPECT_RANGE_VECTOR = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/;
const EXPECT_STRING = /^expect\s+string\s+(.+)$/;
const OLD_FAIL = /^expected_fail_(message|regexp)\s+(.+)$/;
const SCALAR = /^[+-]?(?:[\d.]|inf\b|nan\b)/i;

/**
 * Reads Prometheus's plain-text test language as of 3.x, its older `eval_fail` forms included.
 *
 * A script is a list of commands, each ended by an empty line, a comment or the next command. `load STEP` lines of series put samples at
 * 0, STEP, 2·STEP …; `clear` takes all away; `eval instant at TIME EXPRESSION` and `eval range from A to B step C EXPRESSION` name what
 * comes out, one series a line, `expect` lines before them. Times are durations since 1970.
 * @throws TestScriptError
 */
export function parseTestScript(script: string): TestCommand[] {
  const lines = script.split('\n').map((line) => line.trim());
  const commands: TestCommand[] = [];
  for (let at = 0; at < lines.length;) {
    const first = lines[at] as string;
    if (first === '' || first.startsWith('#')) {
      at++;
      continue;
    }
    let end = at + 1;
    while (end < lines.length && isBlock(lines[end] as string)) end++;
    commands.push(readCommand(first, { lines: lines.slice(at + 1, end), line: at + 1 }));
    at = end;
  }
  return commands;
}

function isBlock(line: string): boolean {
  return line !== '' && !line.startsWith('#') && !/^(?:load\s+\w+|clear|eval(?:_\w+)?\s+(?:instant|range)\s.+)$/.test(line);
}

interface Block {
  readonly lines: readonly string[];
  /** Of the command, so that `lines[i]` is line `line + 1 + i`. */
  readonly line: number;
}

function readCommand(text: string, block: Block): TestCommand {
  if (text === 'clear' && block.lines.length === 0) return { kind: 'clear', line: block.line };
  const load = LOAD.exec(text);
  if (load !== null) {
    const series = block.lines.map((line, i) => at(block.line + 1 + i, () => parseSeriesNotation(line)));
    return { kind: 'load', line: block.line, stepMs: duration(load[1] as string, block.line), series };
  }
  const instant = EVAL_INSTANT.exec(text);
  if (instant !== null) {
    const [, mode, time = '0', expression = ''] = instant;
    const ms = duration(time, block.line);
    return readEval(block, { mode, expression, times: { fromMs: ms, toMs: ms, stepMs: 0 } });
  }
  const range = EVAL_RANGE.exec(text);
  if (range === null) throw new TestScriptError(block.line, `"${text}" is no command: load, clear or eval is expected`);
  const [, mode, from, to, step, expression = ''] = range;
  return readEval(block, { mode, expression, times: timesOf([from, to, step], block.line) });
}

function readEval(
  block: Block,
  head: { readonly mode: string | undefined; readonly expression: string; readonly times: EvalTimes },
): EvalCommand {
  const { mode, ...rest } = head;
  const expectations: Expectation[] = mode === undefined ? [] : [{ kind: mode as Expectation['kind'] }];
  const result: { -readonly [K in keyof EvalCommand]: EvalCommand[K] } = {
    kind: 'eval',
    line: block.line,
    ...rest,
    expectations,
    series: [],
    scalar: undefined,
    text: undefined,
    rangeVector: undefined,
  };
  block.lines.forEach((text, i) => {
    const line = block.line + 1 + i;
    const expectation = readExpectation(text);
    const vector = EXPECT_RANGE_VECTOR.exec(text);
    const string = EXPECT_STRING.exec(text);
    if (expectation !== undefined) expectations.push(expectation);
    else if (vector !== null) result.rangeVector = timesOf(vector.slice(1), line);
    else if (string !== null) result.text = at(line, () => unquote(string[1] as string, 0));
    else if (SCALAR.test(text)) result.scalar = at(line, () => parseSeriesValues(text));
    else result.series = [...result.series, at(line, () => parseSeriesNotation(text))];
  });
  return result;
}

function readExpectation(text: string): Expectation | undefined {
  const old = OLD_FAIL.exec(text);
  if (old !== null) return { kind: 'fail', message: messageTest(old[1] === 'message' ? 'msg' : 'regex', old[2] as string) };
  const match = EXPECT.exec(text);
  if (match === null) return undefined;
  const [, kind, how, message] = match;
  const expected = { kind: kind as Expectation['kind'] };
  return how === undefined || message === undefined ? expected : { ...expected, message: messageTest(how, message) };
}

/** A message may stand in quotes or not. */
function messageTest(how: string, text: string): string | RegExp {
  const trimmed = text.trim();
  const message = /^(["'`]).*\1$/s.test(trimmed) ? unquote(trimmed, 0) : trimmed;
  return how === 'msg' ? message : new RegExp(message, 's');
}

function timesOf([from = '', to = '', step = '']: readonly (string | undefined)[], line: number): EvalTimes {
  return { fromMs: duration(from, line), toMs: duration(to, line), stepMs: duration(step, line) };
}

function duration(text: string, line: number): number {
  const isNegative = text.startsWith('-');
  const ms = text === '0' ? 0 : parseDurationMs(isNegative ? text.slice(1) : text);
  if (ms === undefined) throw new TestScriptError(line, `"${text}" is not a duration such as 5m`);
  return isNegative ? -ms : ms;
}

/** Reads one line, saying which when it cannot be read. */
function at<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new TestScriptError(line, messageOf(error));
  }
}
