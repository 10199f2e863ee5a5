import { BellwetherError } from '../../base/errors.ts';
import { compileMatcher } from '../../store/label-matcher.ts';
import type { Matcher } from '../../store/sample-store.ts';

const MATCHER = /^\s*(?:([a-zA-Z_:][\w:.]*)|("(?:[^"\\]|\\.)*"))\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^",{}\s][^",{}]*?|)\s*(?:,|$)/s;
const MOST_MATCHERS = 100;

function refuse(text: string): never {
  throw new BellwetherError('query_invalid', `${JSON.stringify(text.slice(0, 80))} is not a matcher`, {
    hint: 'Write it as severity="critical", team=~"web|shop" or env!="test".',
  });
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replaceAll(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

/**
 * Reads matchers as Alertmanager writes them: one or several joined by commas, with or without braces, quotes optional around values without
 * commas, quotes or braces. Regular expressions are RE2 and anchored.
 * @throws BellwetherError `query_invalid`
 */
export function parseMatchers(text: string): readonly Matcher[] {
  const trimmed = text.trim();
  let rest = trimmed.startsWith('{') && trimmed.endsWith('}') ? trimmed.slice(1, -1) : trimmed;
  const matchers: Matcher[] = [];
  while (rest.trim() !== '') {
    const match = MATCHER.exec(rest);
    if (match === null || matchers.length >= MOST_MATCHERS) return refuse(text);
    const [whole, bare, quoted = '', op = '=', value = ''] = match;
    const matcher: Matcher = { label: bare ?? unquoted(quoted), op: op as Matcher['op'], value: unquoted(value) };
    compileMatcher(matcher);
    matchers.push(matcher);
    rest = rest.slice(whole.length);
  }
  return matchers;
}
