import type { GivenLabels } from './label-table.ts';
import type { Aggregator, MetricObject, MetricValue } from './metric-object.ts';

type Aggregate = (metrics: readonly MetricObject[]) => MetricObject | undefined;

function keyOf({ metricName, labels }: MetricValue): string {
  const pairs = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([metricName, pairs.map(([name, value]) => [name, String(value)])]);
}

/** Makes an aggregator from what becomes of the values of one series. */
export function AggregatorFactory(
  combine: (values: readonly { readonly value: number; readonly labels: GivenLabels }[]) => number,
): Aggregate {
  return (metrics) => {
    const [first] = metrics;
    if (first === undefined) return undefined;
    const series = Map.groupBy(
      metrics.flatMap((metric) => metric.values),
      keyOf,
    );
    const values = Array.from(series.values(), (same): MetricValue => {
      const { labels, metricName } = same[0] as MetricValue;
      return { value: combine(same), labels, ...(metricName === undefined ? {} : { metricName }) };
    });
    return { ...first, values };
  };
}

const numbers = (values: readonly { readonly value: number }[]): number[] => values.map(({ value }) => value);
const sum = (values: readonly { readonly value: number }[]): number => values.reduce((total, { value }) => total + value, 0);

/** How metrics of several registries become one, as in prom-client. */
export const aggregators: Readonly<Record<Aggregator, Aggregate>> = {
  sum: AggregatorFactory(sum),
  first: AggregatorFactory((values) => values[0]?.value ?? NaN),
  omit: () => undefined,
  average: AggregatorFactory((values) => sum(values) / values.length),
  min: AggregatorFactory((values) => Math.min(...numbers(values))),
  max: AggregatorFactory((values) => Math.max(...numbers(values))),
};
