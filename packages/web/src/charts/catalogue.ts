/** How the series of one metric with several label sets become one line. */
export type Combine = 'average' | 'sum' | 'max';

/** A metric the page knows by name. */
export interface KnownMetric {
  readonly name: string;
  /** On tiles. */
  readonly title: string;
  /** In the legend of its chart. */
  readonly short: string;
  /** `mean`: a histogram, drawn as the mean over a sliding window; else how its gauges are combined. */
  readonly line: Combine | 'mean';
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
  /** Top of the scale when the data come near it; the data's own when absent. */
  readonly top?: number;
}

const COLLECTED = 'Collected by itself while collection runs.';
const REQUESTS = 'Appears with the first HTTP request your service answers.';

type Rest = { readonly unit: string; readonly line?: KnownMetric['line']; readonly absent?: string };

function metric(name: string, [title, short]: readonly [string, string], rest: Rest): KnownMetric {
  return { name, title, short, unit: rest.unit, line: rest.line ?? 'average', absent: rest.absent ?? COLLECTED };
}

/** Headline metrics in the order of their tiles. */
export const KNOWN_METRICS: readonly KnownMetric[] = [
  metric('cpu_usage', ['CPU', 'CPU'], { unit: 'percent' }),
  metric('memory_usage', ['Memory', 'Memory'], { unit: 'percent' }),
  metric('disk_usage', ['Disk', 'Disk'], { unit: 'percent', line: 'max' }),
  metric('network_receive_bytes_per_second', ['Network in', 'In'], { unit: 'bytes_per_second', line: 'sum' }),
  metric('network_transmit_bytes_per_second', ['Network out', 'Out'], { unit: 'bytes_per_second', line: 'sum' }),
  metric('process_cpu_usage', ['Process CPU', 'Process'], { unit: 'percent' }),
  metric('process_heap_used_bytes', ['Heap used', 'Heap used'], { unit: 'bytes' }),
  metric('nodejs_eventloop_delay_p99_seconds', ['Event-loop delay', 'p99'], { unit: 'seconds', line: 'max' }),
  metric('api_response_time', ['Response time', 'Responses'], { unit: 'ms', line: 'mean', absent: REQUESTS }),
  metric('database_query_time', ['Query time', 'Queries'], {
    unit: 'ms',
    line: 'mean',
    absent: 'Appears with the first measured database query.',
  }),
  metric('error_rate', ['Error rate', 'Errors'], { unit: 'percent', absent: REQUESTS }),
  metric('cache_hit_rate', ['Cache hit rate', 'Cache hits'], { unit: 'percent', absent: 'Appears when a cache is read.' }),
];

/** Metrics that have a line in a chart but no tile. */
const CHARTED_METRICS: readonly KnownMetric[] = [
  metric('nodejs_eventloop_delay_max_seconds', ['Longest event-loop delay', 'Longest'], { unit: 'seconds', line: 'max' }),
  metric('process_resident_memory_bytes', ['Process memory', 'Process memory'], { unit: 'bytes' }),
];

export const CHART_GROUPS: readonly ChartGroup[] = [
  { key: 'cpu', title: 'CPU', unit: 'percent', metrics: ['cpu_usage', 'process_cpu_usage'], top: 100 },
  { key: 'memory', title: 'Memory and disk', unit: 'percent', metrics: ['memory_usage', 'disk_usage'], top: 100 },
  { key: 'times', title: 'Response and query time', unit: 'ms', metrics: ['api_response_time', 'database_query_time'] },
  { key: 'quality', title: 'Errors and cache hits', unit: 'percent', metrics: ['error_rate', 'cache_hit_rate'], top: 100 },
  {
    key: 'loop',
    title: 'Event-loop delay',
    unit: 'seconds',
    metrics: ['nodejs_eventloop_delay_p99_seconds', 'nodejs_eventloop_delay_max_seconds'],
  },
  {
    key: 'network',
    title: 'Network',
    unit: 'bytes_per_second',
    metrics: ['network_receive_bytes_per_second', 'network_transmit_bytes_per_second'],
  },
  { key: 'heap', title: 'Process memory', unit: 'bytes', metrics: ['process_heap_used_bytes', 'process_resident_memory_bytes'] },
];

/** Names of all metrics drawn by the charts that are always there. */
export const CHARTED_NAMES: readonly string[] = CHART_GROUPS.flatMap(({ metrics }) => metrics);

/** The known metric of that name; `undefined` for any other. */
export function knownMetric(name: string): KnownMetric | undefined {
  return KNOWN_METRICS.find((candidate) => candidate.name === name) ?? CHARTED_METRICS.find((candidate) => candidate.name === name);
}

/** Whether the newest value of the summary carries the line on; a mean is fetched again instead. */
export function growsByItself(name: string): boolean {
  return knownMetric(name)?.line !== 'mean';
}
