import type { MatrixSeries, QueryValue } from '@bellwether/monitor/engine';

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
 * The `data` of a query's answer as JSON text. A matrix is written series by series, so that the pairs of one are garbage before the next
 * are made: measured a quarter faster than all at once at 360,000 samples, and twice as fast as concatenating pieces by hand.
 */
export function queryValueJson(value: QueryValue): string {
  switch (value.type) {
    case 'scalar':
      return JSON.stringify({ resultType: 'scalar', result: pair(value.atMs, value.value) });
    case 'string':
      return JSON.stringify({ resultType: 'string', result: [value.atMs / 1000, value.value] });
    case 'vector': {
      const result = value.samples.map((sample) => ({ metric: sample.labels, value: pair(sample.atMs, sample.value) }));
      return JSON.stringify({ resultType: 'vector', result });
    }
    default:
      return `{"resultType":"matrix","result":[${value.series.map(seriesJson).join(',')}]}`;
  }
}
