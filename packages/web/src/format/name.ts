const ACRONYMS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  api: 'API',
  http: 'HTTP',
  gc: 'GC',
  io: 'I/O',
  rss: 'RSS',
  db: 'DB',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
};

/** A metric's name for people: `api_response_time` reads `API response time`. */
export function metricTitle(name: string): string {
  const words = name.split('_').filter(Boolean);
  return words.map((word, index) => ACRONYMS[word] ?? (index === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word)).join(' ');
}
