import type { Breach } from './thresholds.ts';

/** Names people know, where the metric's own words would read badly. */
const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  cpu_usage: 'CPU usage',
  memory_usage: 'Memory usage',
  disk_usage: 'Disk usage',
  heap_usage: 'Heap usage',
  api_response_time: 'API response time',
  database_query_time: 'Database query time',
  cache_hit_rate: 'Cache hit rate',
  error_rate: 'Error rate',
};

const UPPER_CASE: ReadonlySet<string> = new Set([
  'api',
  'cpu',
  'db',
  'dns',
  'gc',
  'http',
  'https',
  'id',
  'io',
  'ip',
  'os',
  'ram',
  'sql',
  'tcp',
  'tls',
  'ttl',
  'url',
]);

/** `queue_depth` → `Queue depth`, `http_errors` → `HTTP errors`. */
export function displayName(metric: string): string {
  const known = DISPLAY_NAMES[metric];
  if (known !== undefined) return known;
  const words = metric.split(/[_:]+/).filter((word) => word !== '');
  const cased = words.map((word, index) => {
    if (UPPER_CASE.has(word.toLowerCase())) return word.toUpperCase();
    return index === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  });
  return cased.length === 0 ? metric : cased.join(' ');
}

/** One decimal and the unit: `85.2%`, `1200.0 ms`, `12.0`. */
export function valueText(value: number, unit: string): string {
  const number = value.toFixed(1);
  if (unit === 'percent') return `${number}%`;
  return unit === '' || unit === 'count' ? number : `${number} ${unit}`;
}

/** At least one decimal, and all that the number has: 80 → `80.0`, 0.01 → `0.01`. */
export function thresholdText(threshold: number): string {
  return Number.isInteger(threshold) ? threshold.toFixed(1) : String(threshold);
}

/** The contract's sentence for a crossed threshold. */
export function breachMessage(metric: string, reading: { readonly value: number; readonly unit: string; readonly breach: Breach }): string {
  const { value, unit, breach } = reading;
  const crossed = breach.direction === 'above' ? 'exceeding' : 'below';
  return `${displayName(metric)} is ${valueText(value, unit)}, ${crossed} threshold of ${thresholdText(breach.limit)}`;
}

/** The sentence for a value that only its own history makes remarkable. */
export function learnedMessage(metric: string, reading: { readonly value: number; readonly unit: string; readonly limit: number }): string {
  const limit = Number(reading.limit.toPrecision(3));
  return `${displayName(metric)} is ${valueText(reading.value, reading.unit)}, exceeding learned threshold of ${thresholdText(limit)}`;
}
