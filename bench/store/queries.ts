/** The queries of the benchmark. A range goes over the whole load, a step a minute; an instant is its end. */
export interface BenchQuery {
  readonly title: string;
  readonly expression: string;
  readonly kind: 'instant' | 'range';
  /** The mark, in ms. */
  readonly markMs: number;
}

export const STEP_MS = 60_000;
/** How often each is asked: CPU time is told in hundredths of a second by /proc. */
export const ROUNDS = 10;

export const QUERIES: readonly BenchQuery[] = [
  { title: 'avg_over_time[6h], 1,000 series', expression: 'avg_over_time(cpu_percent[6h])', kind: 'instant', markMs: 50 },
  {
    title: 'sum by (service)(rate[5m]) over 6 h, 1,000 series',
    expression: 'sum by (service) (rate(requests_total[5m]))',
    kind: 'range',
    markMs: 100,
  },
  {
    title: 'histogram_quantile over 6 h, 1,000 buckets',
    expression: 'histogram_quantile(0.99, sum by (le, service) (rate(duration_bucket[5m])))',
    kind: 'range',
    markMs: 150,
  },
  {
    title: 'quantile_over_time[10m] over 6 h, 1,000 series',
    expression: 'quantile_over_time(0.95, latency_ms[10m])',
    kind: 'range',
    markMs: 800,
  },
  { title: '11 MB of JSON: a range of 1,000 series', expression: 'cpu_percent', kind: 'range', markMs: 300 },
  { title: 'one raw series, 6 h', expression: 'cpu_percent{instance="host-7"}[6h]', kind: 'instant', markMs: 1 },
];

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
}
