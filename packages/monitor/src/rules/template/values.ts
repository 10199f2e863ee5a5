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

/** A value as Go prints it with `%v`. */
export function valueText(value: Value): string {
  if (value === null) return '<no value>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return floatText(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(valueText).join(' ')}]`;
  if (value.kind === 'time') return timeText(value.unixMs);
  if (value.kind === 'sample') return `{${valueText(mapOf(value.Labels))} ${floatText(value.Value)}}`;
  const names = Object.keys(value.entries).toSorted();
  return `map[${names.map((name) => `${name}:${valueText(value.entries[name] ?? null)}`).join(' ')}]`;
}
