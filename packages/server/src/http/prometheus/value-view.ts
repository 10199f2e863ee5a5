import type { Exemplar, MatrixSeries, QueryValue } from '@bellwether/monitor/engine';

type Pair = readonly [seconds: number, value: string];

/** A sample's value as Prometheus writes it. */
export function valueText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function pair(atMs: number, value: number): Pair {
  return [atMs / 1000, valueText(value)];
}

function seriesJson({ labels, timesMs, values }: MatrixSeries): string {
  return JSON.stringify({ metric: labels, values: timesMs.map((atMs, index) => pair(atMs, values[index] ?? Number.NaN)) });
}

/**
 * The `data` of a query's answer as JSON text in parts, one per series, so that the pairs of one are garbage before the next are made.
 * @param statsJson JSON text of `stats`, when they are wanted.
 */
export function* queryValueJson(value: QueryValue, statsJson?: string): Generator<string> {
  yield `{"resultType":"${value.type}","result":`;
  if (value.type === 'scalar') yield JSON.stringify(pair(value.atMs, value.value));
  else if (value.type === 'string') yield JSON.stringify([value.atMs / 1000, value.value]);
  else {
    let separator = '[';
    for (const part of value.type === 'vector' ? vectorJson(value.samples) : matrixJson(value.series)) {
      yield separator + part;
      separator = ',';
    }
    yield separator === '[' ? '[]' : ']';
  }
  yield statsJson === undefined ? '}' : `,"stats":${statsJson}}`;
}

function* vectorJson(samples: Extract<QueryValue, { type: 'vector' }>['samples']): Generator<string> {
  for (const { labels, atMs, value } of samples) yield JSON.stringify({ metric: labels, value: pair(atMs, value) });
}

function* matrixJson(series: readonly MatrixSeries[]): Generator<string> {
  for (const one of series) yield seriesJson(one);
}

/** Exemplars by series, as `/api/v1/query_exemplars` tells them; JSON text. */
export function exemplarsJson(exemplars: readonly Exemplar[]): string {
  const bySeries = Map.groupBy(exemplars, ({ series }) => JSON.stringify({ __name__: series.name, ...series.labels }));
  const shown = Array.from(
    bySeries,
    ([labels, same]) =>
      `{"seriesLabels":${labels},"exemplars":${JSON.stringify(same.map((one) => ({ labels: one.labels, value: valueText(one.value), timestamp: one.atMs / 1000 })))}}`,
  );
  return `[${shown.join(',')}]`;
}
