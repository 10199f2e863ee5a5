import type { Labels } from '../../model/labels.ts';

/** One element of what `query` gives. */
export interface TemplateSample {
  readonly kind: 'sample';
  readonly Labels: Labels;
  readonly Value: number;
}
/** An instant, as `toTime` gives it. */
export interface TemplateTime {
  readonly kind: 'time';
  readonly unixMs: number;
}

/**
 * What a template handles, after Go's kinds: `bigint` is Go's int, `number` its float64, for the two are compared and printed differently.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | TemplateSample
  | TemplateTime
  | readonly Value[]
  | { readonly kind: 'map'; readonly entries: Readonly<Record<string, Value>> };

/** A template that cannot be parsed or expanded. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Characters that a text may have, be it the result of a function or the whole output: a few steps can double a text again and again. */
export const LONGEST_TEXT = 65_536;

/** @throws TemplateError when it is longer than a text may be. */
export function bounded(text: string): string {
  if (text.length > LONGEST_TEXT) throw new TemplateError(`the text grows beyond ${LONGEST_TEXT} characters`);
  return text;
}

export function mapOf(entries: Readonly<Record<string, Value>>): Value {
  return { kind: 'map', entries };
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function typeName(value: Value): string {
  if (value === null) return 'nil';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isList(value)) return 'list';
  return value.kind;
}

/** Whether `if` takes its first branch: not for false, zero, nil and what is empty. */
export function isTruthy(value: Value): boolean {
  if (value === null) return false;
  if (isList(value)) return value.length > 0;
  if (typeof value === 'object') return value.kind !== 'map' || Object.keys(value.entries).length > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

/** A float with the shortest digits that give it back: `%v`. The exponent begins where Go's does: at a million. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) return `${mantissa}e${signedExponent(exponent)}`;
  return exponent < 0 ? value.toFixed(Math.min(100, decimalsOf(mantissa) - exponent)) : String(value);
}

export function signedExponent(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function decimalsOf(mantissa: string): number {
  return (mantissa.split('.')[1] ?? '').length;
}

/** `2015-01-01 12:00:00.5 +0000 UTC`. */
export function timeText(unixMs: number): string {
  const [date = '', clock = ''] = new Date(unixMs).toISOString().split('T');
  const [seconds = '', fraction = ''] = clock.replace('Z', '').split('.');
  const digits = fraction.replace(/0+$/, '');
  return `${date} ${seconds}${digits === '' ? '' : `.${digits}`} +0000 UTC`;
}

/** A value as Go prints it with `%v`. @throws TemplateError for more than a text may have: lists are long, and maps of maps grow exponentially */
export function valueText(value: Value): string {
  return withText('', value);
}

function withText(before: string, value: Value): string {
  if (value === null) return bounded(`${before}<no value>`);
  if (typeof value === 'string') return bounded(before + value);
  if (typeof value === 'number') return bounded(before + floatText(value));
  if (typeof value !== 'object') return bounded(before + String(value));
  if (isList(value)) return `${value.reduce<string>((text, one, i) => withText(i === 0 ? text : `${text} `, one), `${before}[`)}]`;
  if (value.kind === 'time') return bounded(before + timeText(value.unixMs));
  if (value.kind === 'sample') return `${withText(`${before}{`, mapOf(value.Labels))} ${floatText(value.Value)}}`;
  const names = Object.keys(value.entries).toSorted();
  const listed = names.reduce(
    (text, name, i) => withText(`${text}${i === 0 ? '' : ' '}${name}:`, value.entries[name] ?? null),
    `${before}map[`,
  );
  return `${listed}]`;
}
