import { knownMetric, type Combine } from './catalogue.ts';

/** One question to `query_range`. `name`: the metric that an answer without a name belongs to. */
export interface HistoryQuery {
  readonly expression: string;
  readonly name: string | undefined;
}

const FUNCTIONS: Readonly<Record<Combine, string>> = { average: 'avg', sum: 'sum', max: 'max' };

/**
 * PromQL for one line a metric of one instance (empty: the server's own). Gauges that combine alike share one question; a histogram's mean
 * needs one of its own, over a sliding window of `windowSeconds`.
 */
export function historyQueries(names: readonly string[], instance: string, windowSeconds: number): readonly HistoryQuery[] {
  const matcher = `instance=${JSON.stringify(instance)}`;
  const gauges = new Map<Combine, string[]>();
  const means: HistoryQuery[] = [];
  for (const name of names) {
    const line = knownMetric(name)?.line ?? 'average';
    const rate = (part: string): string => `sum(rate(${name}_${part}{${matcher}}[${windowSeconds}s]))`;
    if (line === 'mean') means.push({ name, expression: `${rate('sum')} / ${rate('count')}` });
    else gauges.set(line, [...(gauges.get(line) ?? []), name]);
  }
  const combined = [...gauges].map(([combine, group]) => ({
    name: undefined,
    expression: `${FUNCTIONS[combine]} by (__name__) ({__name__=~"${group.join('|')}",${matcher}})`,
  }));
  return [...combined, ...means];
}
