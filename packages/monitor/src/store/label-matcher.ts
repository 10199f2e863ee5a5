import { RE2JS } from 're2js';
import { BellwetherError, messageOf } from '../base/errors.ts';
import type { Matcher } from './sample-store.ts';

/** Says whether a label's value fits; an absent label is the empty string. */
export type ValueTest = (value: string) => boolean;

const LITERAL = /^[^\\.+*?()[\]{}|^$]*$/;
const LITERALS = /^[^\\.+*?()[\]{}^$]*$/;

/**
 * Compiles a foreign regular expression, anchored at both ends, `.` matching newlines too, in time linear in the text.
 * Literals, alternatives of literals and the usual prefix and presence patterns never reach the regex engine.
 * @throws BellwetherError `query_invalid` when it is not RE2 syntax.
 */
export function compilePattern(pattern: string): ValueTest {
  if (LITERAL.test(pattern)) return (value) => value === pattern;
  if (LITERALS.test(pattern)) {
    const allowed = new Set(pattern.split('|'));
    return (value) => allowed.has(value);
  }
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (value) => value !== '';
  const prefix = pattern.slice(0, -2);
  if (LITERAL.test(prefix)) {
    if (pattern.endsWith('.*')) return (value) => value.startsWith(prefix);
    if (pattern.endsWith('.+')) return (value) => value.length > prefix.length && value.startsWith(prefix);
  }
  const compiled = compileRegex(pattern);
  return (value) => compiled.testExact(value);
}

/** A linear-time regex with `.` matching newlines too. @throws BellwetherError `query_invalid` */
export function compileRegex(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (error) {
    throw new BellwetherError('query_invalid', `The regular expression "${pattern}" is not valid: ${messageOf(error)}`, {
      hint: 'Write it in RE2 syntax: no look-around, no back-references.',
    });
  }
}

/** The values that a pattern of plain alternatives allows, `undefined` for any other pattern: lets an index look them up. */
export function literalAlternatives(pattern: string): readonly string[] | undefined {
  return LITERALS.test(pattern) ? pattern.split('|') : undefined;
}

/** @throws BellwetherError `query_invalid` */
export function compileMatcher(matcher: Matcher): ValueTest {
  const { op, value } = matcher;
  if (op === '=') return (candidate) => candidate === value;
  if (op === '!=') return (candidate) => candidate !== value;
  const test = compilePattern(value);
  return op === '=~' ? test : (candidate) => !test(candidate);
}
