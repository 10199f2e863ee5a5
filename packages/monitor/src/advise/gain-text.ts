import type { ExpectedGain } from './advisor.ts';

/** Names of metrics as a sentence says them. */
const NAMES: Readonly<Record<string, string>> = {
  api_response_time: 'mean API response time',
  cache_misses_total: 'loads behind the cache',
  database_calls: 'calls of this statement',
  database_query_time: 'time spent in the database',
  error_rate: 'failed requests',
  nodejs_eventloop_delay_p99_seconds: 'the delay of the event loop (p99)',
};

/** `Expect mean API response time to fall by 12 to 40 % (Amdahl's law …).` */
export function messageOfGain({ metric, lowerPercent, upperPercent, model }: ExpectedGain): string {
  const lower = lowerPercent.toFixed(0);
  const upper = upperPercent.toFixed(0);
  return `Expect ${NAMES[metric] ?? metric} to fall by ${lower === upper ? lower : `${lower} to ${upper}`} % (${model}).`;
}
