import type { Labels, QueryValue } from '@bellwether/monitor/engine';

/** A sample's value as Prometheus writes it. */
export function valueText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function point(atMs: number, value: number): string {
  return `[${atMs / 1000},"${valueText(value)}"]`;
}

function metric(labels: Labels): string {
  return JSON.stringify(labels);
}

/**
 * The `data` of a query's answer as JSON text. Written piece by piece: a large matrix has millions of pairs, and arrays of arrays only to
 * be serialised would cost several times as much.
 */
export function queryValueJson(value: QueryValue): string {
  switch (value.type) {
    case 'scalar':
      return `{"resultType":"scalar","result":${point(value.atMs, value.value)}}`;
    case 'string':
      return `{"resultType":"string","result":[${value.atMs / 1000},${JSON.stringify(value.value)}]}`;
    case 'vector': {
      const samples = value.samples.map((sample) => `{"metric":${metric(sample.labels)},"value":${point(sample.atMs, sample.value)}}`);
      return `{"resultType":"vector","result":[${samples.join(',')}]}`;
    }
    default: {
      const series = value.series.map(({ labels, timesMs, values }) => {
        let points = '';
        for (let i = 0; i < timesMs.length; i++) points += `${i === 0 ? '' : ','}${point(timesMs[i] ?? 0, values[i] ?? Number.NaN)}`;
        return `{"metric":${metric(labels)},"values":[${points}]}`;
      });
      return `{"resultType":"matrix","result":[${series.join(',')}]}`;
    }
  }
}
