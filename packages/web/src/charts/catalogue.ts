/** How the series of one metric with several label sets become one line. */
export type Combine = 'average' | 'sum' | 'max';

/** A metric the page knows by name. `worse` says which way is bad, for colouring and wording. */
export interface KnownMetric {
  readonly name: string;
  /** On tiles. */
  readonly title: string;
  /** In the legend of its chart. */
  readonly short: string;
  readonly combine: Combine;
  /** Used until the server tells the unit. */
  readonly unit: string;
  /** Why there may be no data, and what brings it. */
  readonly absent: string;
}

/** One chart: what it draws, in drawing order, and its scale. */
export interface ChartGroup {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly metrics: readonly string[];
  /** Fixed top of the scale; the data's own when absent. */
  readonly top?: number;
}

const COLLECTED = 'Collected by itself while collection runs.';

function metric(name: string, title: string, short: string, rest: { unit: string; combine?: Combine; absent?: string }): KnownMetric {
  return { name, title, short, unit: rest.unit, combine: rest.combine ?? 'average', absent: rest.absent ?? COLLECTED };
}

/** Headline metrics in the order of their tiles. */
export const KNOWN_METRICS: readonly KnownMetric[] = [
  metric('cpu_usage', 'CPU', 'CPU', { unit: 'percent' }),
  metric('memory_usage', 'Memory', 'Memory', { unit: 'percent' }),
  metric('disk_usage', 'Disk', 'Disk', { unit: 'percent', combine: 'max' }),
  metric('network_receive_rate', 'Network in', 'In', { unit: 'bytes_per_second', combine: 'sum' }),
  metric('network_transmit_rate', 'Network out', 'Out', { unit: 'bytes_per_second', combine: 'sum' }),
  metric('process_cpu_usage', 'Process CPU', 'Process', { unit: 'percent' }),
  metric('process_heap_used', 'Heap used', 'Heap used', { unit: 'bytes' }),
  metric('event_loop_delay', 'Event-loop delay', 'Delay', { unit: 'ms', combine: 'max' }),
  metric('api_response_time', 'Response time', 'Responses', {
    unit: 'ms',
    absent: 'Appears with the first HTTP request your service answers.',
  }),
  metric('database_query_time', 'Query time', 'Queries', { unit: 'ms', absent: 'Appears with the first measured database query.' }),
  metric('error_rate', 'Error rate', 'Errors', { unit: 'percent', absent: 'Appears with the first HTTP request your service answers.' }),
  metric('cache_hit_rate', 'Cache hit rate', 'Cache hits', { unit: 'percent', absent: 'Appears when a cache is read.' }),
];

export const CHART_GROUPS: readonly ChartGroup[] = [
  { key: 'cpu', title: 'CPU', unit: 'percent', metrics: ['cpu_usage', 'process_cpu_usage'], top: 100 },
  { key: 'memory', title: 'Memory and disk', unit: 'percent', metrics: ['memory_usage', 'disk_usage'], top: 100 },
  { key: 'times', title: 'Response and query time', unit: 'ms', metrics: ['api_response_time', 'database_query_time'] },
  { key: 'loop', title: 'Event-loop delay', unit: 'ms', metrics: ['event_loop_delay'] },
  { key: 'network', title: 'Network', unit: 'bytes_per_second', metrics: ['network_receive_rate', 'network_transmit_rate'] },
  { key: 'quality', title: 'Errors and cache hits', unit: 'percent', metrics: ['error_rate', 'cache_hit_rate'], top: 100 },
  { key: 'heap', title: 'Heap', unit: 'bytes', metrics: ['process_heap_used'] },
];

/** The known metric of that name, or one made up from the name for a custom metric. */
export function knownMetric(name: string): KnownMetric | undefined {
  return KNOWN_METRICS.find((candidate) => candidate.name === name);
}

/** PromQL for the given metrics of one instance, one line a metric, by way of combining. Empty groups give no expression. */
export function historyExpressions(names: readonly string[], instance: string): readonly string[] {
  const wanted = new Map<Combine, string[]>();
  for (const name of names) {
    const combine = knownMetric(name)?.combine ?? 'average';
    wanted.set(combine, [...(wanted.get(combine) ?? []), name]);
  }
  const functions: Record<Combine, string> = { average: 'avg', sum: 'sum', max: 'max' };
  return [...wanted].map(
    ([combine, group]) => `${functions[combine]} by (__name__) ({__name__=~"${group.join('|')}",instance=${JSON.stringify(instance)}})`,
  );
}
