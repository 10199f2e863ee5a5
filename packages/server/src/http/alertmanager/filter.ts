import type { Engine, Labels, Matcher } from '@bellwether/monitor/engine';
import { RE2JS } from 're2js';
import { ApiProblem } from '../problem.ts';

/** Conditions on labels, ready to be asked. */
export type Filters = readonly ((labels: Labels) => boolean)[];

function compile({ label, op, value }: Matcher): (labels: Labels) => boolean {
  if (op === '=') return (labels) => (labels[label] ?? '') === value;
  if (op === '!=') return (labels) => (labels[label] ?? '') !== value;
  const pattern = RE2JS.compile(value, RE2JS.DOTALL);
  return (labels) => pattern.matches(labels[label] ?? '') === (op === '=~');
}

/** Conditions of matchers that are known to be right. */
export function testsOf(matchers: readonly Matcher[]): Filters {
  return matchers.map(compile);
}

/**
 * Alertmanager's `filter` parameters, each one matcher such as `severity="critical"`; quotes may be left out.
 * @throws ApiProblem `parameter_invalid` | BellwetherError `query_invalid`
 */
export function parseFilters(filter: string | string[] | undefined, engine: Engine): Filters {
  const texts = filter === undefined ? [] : [filter].flat();
  return texts.flatMap((text) => {
    const match = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text);
    if (match === null)
      throw new ApiProblem(
        'parameter_invalid',
        `filter: ${JSON.stringify(text.slice(0, 80))} is not a matcher such as severity="critical"`,
      );
    const [, label = '', op = '=', raw = ''] = match;
    const value = raw.startsWith('"') ? raw : JSON.stringify(raw);
    // The query engine knows PromQL's quoting; a name beside it keeps the selector from matching everything.
    const selector = engine.query.parseSelector(`{__name__="x",${label}${op}${value}}`);
    return selector.filter((matcher) => matcher.label === label && label !== '__name__').map(compile);
  });
}

export function matchesAll(filters: Filters, labels: Labels): boolean {
  return filters.every((holds) => holds(labels));
}
