import { TemplateError, typeName, type Value } from './values.ts';

function sameKind(a: Value, b: Value): void {
  if (typeof a !== typeof b) throw new TemplateError('incompatible types for comparison');
}

/** Go's `eq`: of one kind only, so that an int is never compared with a float. @throws TemplateError */
export function equals(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  sameKind(a, b);
  if (typeof a === 'object') throw new TemplateError(`incompatible types for comparison: ${typeName(a)}`);
  return a === b;
}

/** Below, at or above 0, as `a` is before, with or after `b`; NaN for values without order. @throws TemplateError */
export function compare(a: Value, b: Value): number {
  sameKind(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b === 0 || a === b ? 0 : a < b ? -1 : a > b ? 1 : Number.NaN;
  if ((typeof a === 'bigint' && typeof b === 'bigint') || (typeof a === 'string' && typeof b === 'string'))
    return a < b ? -1 : a > b ? 1 : 0;
  throw new TemplateError('invalid type for comparison');
}
