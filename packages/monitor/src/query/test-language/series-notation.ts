import { METRIC_NAME } from '../context/frame.ts';
import { parseNumber, unquote } from '../parse/literals.ts';
import { queryInvalid } from '../parse/query-error.ts';

/**
 * The notation of promtool's unit tests for series: `up{job="api"} 1x3 0 _ stale`.
 *
 * | item | samples |
 * |---|---|
 * | `5` | one of 5 |
 * | `5x3` | four of 5 |
 * | `5+2x3`, `5-2x3` | 5 7 9 11, 5 3 1 -1 |
 * | `_`, `_x3` | none, none three times |
 * | `stale` | the marker that the series has ended |
 *
 * Native histograms (`{{…}}`) are refused: the store keeps floats alone.
 */
export interface NotatedSeries {
  /** With `__name__`, when it has a name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly NotatedValue[];
}
/** A value, the staleness marker, or nothing at this step. */
export type NotatedValue = number | 'stale' | undefined;

/** The most values that one series may expand to. */
const MOST_VALUES = 1_000_000;

/** `name{label="value", …} values …`. @throws BellwetherError `query_invalid` with the position. */
export function parseSeriesNotation(text: string): NotatedSeries {
  const { labels, end } = readLabels(text);
  return { labels, values: parseSeriesValues(text.slice(end), end) };
}

/** `name{label="value", …}` alone, as promtool's `series:` and `labels:` hold it. @throws BellwetherError `query_invalid` */
export function parseSeriesLabels(text: string): Readonly<Record<string, string>> {
  const { labels, end } = readLabels(text);
  if (text.slice(end).trim() !== '') throw queryInvalid(`"${text.slice(end).trim()}" is not expected behind the labels`, end);
  return labels;
}

const NUMBER = String.raw`(?:inf|nan|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)`;
const ITEM = new RegExp(`^([+-]?${NUMBER})(?:([+-]${NUMBER})?x(\\d+))?$`, 'i');
const NOTHING = /^_(?:x(\d+))?$/;
const STALE = /^stale(?:x(\d+))?$/;

/**
 * `1+2x3 _ stale`, as promtool's `values:` holds it; commas between the items are allowed.
 * @param position Where `text` stands in what the user wrote, for messages.
 * @throws BellwetherError `query_invalid`
 */
export function parseSeriesValues(text: string, position = 0): NotatedValue[] {
  const values: NotatedValue[] = [];
  const add = (value: NotatedValue, count: number): void => {
    if (values.length + count > MOST_VALUES) throw queryInvalid(`A series may have ${MOST_VALUES} values at most`, position);
    for (let i = 0; i < count; i++) values.push(value);
  };
  for (const match of text.matchAll(/[^\s,]+/g)) {
    const [item] = match;
    const nothing = NOTHING.exec(item);
    const stale = STALE.exec(item);
    if (nothing !== null) add(undefined, Number(nothing[1] ?? 1));
    else if (stale !== null) add('stale', Number(stale[1] ?? 0) + 1);
    else addNumbers(item, position + match.index, add);
  }
  return values;
}

function addNumbers(item: string, position: number, add: (value: number, count: number) => void): void {
  const match = ITEM.exec(item);
  if (match === null)
    throw queryInvalid(
      item.startsWith('{{') ? 'Native histograms are not supported' : `"${item}" is not a value such as 5, 5x3, 5+2x3, _ or stale`,
      position,
    );
  const [, first = '', step, times = '0'] = match;
  let value = parseNumber(first, position);
  if (step === undefined) return add(value, Number(times) + 1);
  const delta = parseNumber(step, position);
  for (let i = 0; i <= Number(times); i++, value += delta) add(value, 1);
}

const NAME = /^\s*([a-zA-Z_:][\w:]*)?\s*/;
const STRING = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + '`[^`]*`';
const PAIR = new RegExp(String.raw`\s*(?:(${STRING}|[a-zA-Z_][\w]*)\s*=\s*)?(${STRING})\s*(,|(?=\}))`, 'y');

function readLabels(text: string): { readonly labels: Record<string, string>; readonly end: number } {
  const [whole = '', name] = NAME.exec(text) ?? [];
  const labels: Record<string, string> = name === undefined ? {} : { [METRIC_NAME]: name };
  let at = whole.length;
  if (text[at] !== '{') {
    if (name === undefined) throw queryInvalid('A series begins with its name or {', 0);
    return { labels, end: at };
  }
  at++;
  while (!/^\s*\}/.test(text.slice(at))) {
    PAIR.lastIndex = at;
    const pair = PAIR.exec(text);
    if (pair === null) throw queryInvalid('label="value" is expected here', at);
    const [, label, value = ''] = pair;
    const key = label === undefined ? METRIC_NAME : /^["'`]/.test(label) ? unquote(label, at) : label;
    if (key in labels) throw queryInvalid(`The label ${key} is given twice`, at);
    labels[key] = unquote(value, at);
    at = PAIR.lastIndex;
  }
  return { labels, end: text.indexOf('}', at) + 1 };
}
