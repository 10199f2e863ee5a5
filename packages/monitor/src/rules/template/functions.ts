import { isIP } from 'node:net';
import { RE2JS } from 're2js';
import { messageOf } from '../../base/errors.ts';
import { parseDurationMs } from '../../query/parse/literals.ts';
import { compare, equals } from './compare.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';
import { sprintf } from './printf.ts';
import { bounded, isList, isTruthy, mapOf, TemplateError, typeName, valueText, type TemplateSample, type Value } from './values.ts';

/** What functions reach beyond their arguments. */
export interface FunctionContext {
  /** Instant query at the moment of the evaluation. */
  readonly query: (expression: string) => readonly TemplateSample[];
  readonly externalUrl: string;
  readonly nowMs: number;
}

type TemplateFunction = (args: readonly Value[], context: FunctionContext) => Value;

const LONGEST_PATTERN = 1000;

/** Characters, and elements of a list, that are handled in the time of one step; patterns take longer. */
const CHARS_A_STEP = 64;
const PATTERN_CHARS_A_STEP = 1;
const SORTED_A_STEP = 8;

/** Steps that a call counts for beside the one it is. */
export function costOf(name: string, args: readonly Value[]): number {
  const perStep = name === 'match' || name === 'reReplaceAll' ? PATTERN_CHARS_A_STEP : CHARS_A_STEP;
  const cost = (arg: Value): number => {
    if (typeof arg === 'string') return arg.length / perStep;
    return name === 'sortByLabel' && isList(arg) ? arg.length / SORTED_A_STEP : 0;
  };
  return Math.floor(args.reduce<number>((sum, arg) => sum + cost(arg), 0));
}

function text(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(value === undefined ? 'wrong number of args' : `wrong type for value; expected string; got ${typeName(value)}`);
}

function sample(value: Value | undefined): TemplateSample {
  if (typeof value === 'object' && value !== null && !isList(value) && value.kind === 'sample') return value;
  throw new TemplateError(`wrong type for value; expected a sample; got ${typeName(value ?? null)}`);
}

function labelOf(from: Value | undefined, name: string): string {
  const { Labels: labels } = sample(from);
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

function list(value: Value | undefined): readonly Value[] {
  if (value !== undefined && isList(value)) return value;
  throw new TemplateError(`wrong type for value; expected a query result; got ${typeName(value ?? null)}`);
}

/** Numbers and texts that hold one. */
function float(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') {
    const infinity = /^([+-]?)inf(?:inity)?$/i.exec(value);
    if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
    const number = value.trim() === value && value !== '' && !/^0[bo]/i.test(value) ? Number(value) : Number.NaN;
    if (!Number.isNaN(number) || /^[+-]?nan$/i.test(value)) return number;
    throw new TemplateError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  throw new TemplateError(`can't convert ${typeName(value ?? null)} to float`);
}

function regex(pattern: string): RE2JS {
  if (pattern.length > LONGEST_PATTERN) throw new TemplateError(`a pattern may have ${LONGEST_PATTERN} characters`);
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new TemplateError(messageOf(error));
  }
}

/** Go's `$1`, `${1}`, `${name}` and `$$`, and the text between them; `$1x` is a group named `1x`, which is empty. */
const REPLACEMENT_PART = /\$(?:\$|\{(\w+)\}|(\w+))|[^$]+|\$/g;

function replaceAll(pattern: string, replacement: string, subject: string): string {
  const compiled = regex(pattern);
  const matcher = compiled.matcher(subject);
  const named = compiled.namedGroups();
  const group = (name: string): string => {
    const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(named, name) ? Number(named[name]) : -1;
    return index >= 0 && index <= matcher.groupCount() ? (matcher.group(index) ?? '') : '';
  };
  const parts = [...replacement.matchAll(REPLACEMENT_PART)];
  let result = '';
  let at = 0;
  while (matcher.find()) {
    result = bounded(result + subject.slice(at, matcher.start()));
    for (const [whole, braced, bare] of parts) {
      const name = braced ?? bare;
      result = bounded(result + (name === undefined ? whole.replace('$$', '$') : group(name)));
    }
    at = matcher.end();
  }
  return result + subject.slice(at);
}

function splitHostPort(hostPort: string): { readonly host: string; readonly port: string } | undefined {
  const bracketed = /^\[([^\][]*)\]:([^:]*)$/.exec(hostPort);
  const plain = bracketed ?? /^([^:\][]*):([^:\][]*)$/.exec(hostPort);
  return plain === null ? undefined : { host: plain[1] ?? '', port: plain[2] ?? '' };
}

function stripDomain(hostPort: string): string {
  const parts = splitHostPort(hostPort);
  const host = parts?.host ?? hostPort;
  if (isIP(host) !== 0) return hostPort;
  const short = host.split('.')[0] ?? '';
  return parts === undefined || parts.port === '' ? short : `${short}:${parts.port}`;
}

function timeOf(value: Value | undefined): Value {
  const seconds = float(value);
  if (!Number.isFinite(seconds)) throw new TemplateError(`${valueText(seconds)} is not an instant`);
  if (Math.abs(seconds) > 8.64e12) throw new TemplateError(`${valueText(seconds)} cannot be represented as a time`);
  return { kind: 'time', unixMs: seconds * 1000 };
}

function index(args: readonly Value[]): Value {
  const [whole, ...keys] = args;
  return keys.reduce<Value>((value, key) => {
    if (isList(value)) {
      const at = typeof key === 'bigint' ? Number(key) : Number.NaN;
      if (!(at >= 0 && at < value.length)) throw new TemplateError(`index out of range: ${valueText(key)}`);
      return value[at] ?? null;
    }
    if (typeof value !== 'object' || value === null || value.kind !== 'map')
      throw new TemplateError(`can't index item of type ${typeName(value)}`);
    return Object.hasOwn(value.entries, text(key)) ? (value.entries[text(key)] ?? null) : '';
  }, whole ?? null);
}

function length(value: Value | undefined): Value {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (value !== undefined && isList(value)) return BigInt(value.length);
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'map')
    return BigInt(Object.keys(value.entries).length);
  throw new TemplateError(`len of type ${typeName(value ?? null)}`);
}

/** Go's `fmt.Sprint`: a space between two operands when neither is a string. */
function print(args: readonly Value[]): string {
  const isSpaced = (i: number): boolean => i > 0 && typeof args[i] !== 'string' && typeof args[i - 1] !== 'string';
  return args.reduce<string>((text, arg, i) => bounded(text + (isSpaced(i) ? ' ' : '') + valueText(arg)), '');
}

const HTML: Readonly<Record<string, string>> = { '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;', '\0': '\ufffd' };

const titled = (value: string): string => value.replaceAll(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase());
const queryEscape = (value: string): string =>
  encodeURIComponent(value)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const link = (expression: string, tab: number): string => `/graph?g0.expr=${queryEscape(expression)}&g0.tab=${tab}`;

function sortByLabel(label: string, samples: readonly Value[]): readonly Value[] {
  return samples.toSorted((a, b) => {
    const [left, right] = [labelOf(a, label), labelOf(b, label)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

function first(samples: readonly Value[]): Value {
  if (samples.length === 0) throw new TemplateError('first() called on vector with no elements');
  return samples[0] ?? null;
}

/** Prometheus's functions, those of Go's template language beside them. None reaches a file, the network or code. */
const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  query: ([expression], context) => context.query(text(expression)),
  first: ([samples]) => first(list(samples)),
  label: ([name, from]) => labelOf(from, text(name)),
  value: ([from]) => sample(from).Value,
  strvalue: ([from]) => labelOf(from, '__value__'),
  sortByLabel: ([name, samples]) => sortByLabel(text(name), list(samples)),
  args: (args) => mapOf(Object.fromEntries(args.map((arg, i) => [`arg${i}`, arg]))),
  reReplaceAll: ([pattern, replacement, subject]) => replaceAll(text(pattern), text(replacement), text(subject)),
  match: ([pattern, subject]) => regex(text(pattern)).matcher(text(subject)).find(),
  safeHtml: ([value]) => text(value),
  title: ([value]) => titled(text(value)),
  toUpper: ([value]) => text(value).toUpperCase(),
  toLower: ([value]) => text(value).toLowerCase(),
  graphLink: ([expression]) => link(text(expression), 0),
  tableLink: ([expression]) => link(text(expression), 1),
  stripPort: ([hostPort]) => splitHostPort(text(hostPort))?.host ?? text(hostPort),
  stripDomain: ([hostPort]) => stripDomain(text(hostPort)),
  humanize: ([value]) => humanize(float(value)),
  humanize1024: ([value]) => humanize1024(float(value)),
  humanizeDuration: ([value]) => humanizeDuration(float(value)),
  humanizePercentage: ([value]) => humanizePercentage(float(value)),
  humanizeTimestamp: ([value]) => humanizeTimestamp(float(value)),
  toTime: ([value]) => timeOf(value),
  now: (_args, { nowMs }) => nowMs / 1000,
  externalURL: (_args, { externalUrl }) => externalUrl,
  pathPrefix: (_args, { externalUrl }) => (URL.canParse(externalUrl) ? new URL(externalUrl).pathname.replace(/^\/$/, '') : ''),
  parseDuration: ([value]) => {
    const durationMs = parseDurationMs(text(value));
    if (durationMs === undefined) throw new TemplateError(`not a valid duration string: ${JSON.stringify(value)}`);
    return durationMs / 1000;
  },
  not: ([value]) => !isTruthy(value ?? null),
  eq: ([value, ...others]) => {
    if (others.length === 0) throw new TemplateError('missing argument for comparison');
    return others.some((other) => equals(value ?? null, other));
  },
  ne: ([a, b]) => !equals(a ?? null, b ?? null),
  lt: ([a, b]) => compare(a ?? null, b ?? null) < 0,
  le: ([a, b]) => compare(a ?? null, b ?? null) <= 0,
  gt: ([a, b]) => compare(a ?? null, b ?? null) > 0,
  ge: ([a, b]) => compare(a ?? null, b ?? null) >= 0,
  len: ([value]) => length(value),
  index,
  print,
  println: (args) => `${args.reduce<string>((text, arg, i) => bounded(text + (i > 0 ? ' ' : '') + valueText(arg)), '')}\n`,
  printf: ([format, ...args]) => sprintf(text(format), args),
  html: (args) => print(args).replaceAll(/["'&<>\0]/g, (char) => HTML[char] ?? char),
  urlquery: (args) => queryEscape(print(args)),
  urlQueryEscape: ([value]) => queryEscape(text(value)),
};

/** Only as many arguments as they need are evaluated. */
export const LAZY: ReadonlySet<string> = new Set(['and', 'or']);

export function isFunctionName(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name) || LAZY.has(name);
}

/** @throws TemplateError */
export function callFunction(name: string, args: readonly Value[], context: FunctionContext): Value {
  const call = FUNCTIONS[name] as TemplateFunction;
  try {
    const result = call(args, context);
    return typeof result === 'string' ? bounded(result) : result;
  } catch (error) {
    if (error instanceof TemplateError) throw new TemplateError(`error calling ${name}: ${error.message}`);
    throw error;
  }
}
