import type { Labels, SilenceMatcher } from '@bellwether/server/api';

/** How a matcher compares, as people write it. */
export type Operator = '=' | '!=' | '=~' | '!~';
export const OPERATORS: readonly { readonly operator: Operator; readonly words: string }[] = [
  { operator: '=', words: 'is' },
  { operator: '!=', words: 'is not' },
  { operator: '=~', words: 'matches' },
  { operator: '!~', words: 'does not match' },
];

export function operatorOf({ isRegex, isEqual }: SilenceMatcher): Operator {
  if (isRegex) return isEqual ? '=~' : '!~';
  return isEqual ? '=' : '!=';
}

export function withOperator(matcher: SilenceMatcher, operator: Operator): SilenceMatcher {
  return { ...matcher, isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=') };
}

/** `job="web"`, quoted as PromQL quotes. */
export function matcherText(matcher: SilenceMatcher): string {
  return `${matcher.name}${operatorOf(matcher)}${JSON.stringify(matcher.value)}`;
}

/** All of them as one `filter` of the API, without those that have no name yet. */
export function filterOf(matchers: readonly SilenceMatcher[]): string {
  return matchers
    .filter(({ name }) => name.trim() !== '')
    .map(matcherText)
    .join(',');
}

/** One matcher a label, which asks for exactly its value. */
export function exactMatchers(labels: Labels): readonly SilenceMatcher[] {
  return Object.entries(labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
}
