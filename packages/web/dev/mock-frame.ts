import { METRIC_NAMES, unitOf, valueAt, type WorldOptions } from './mock-world.ts';

const THRESHOLDS: readonly {
  readonly name: string;
  readonly title: string;
  readonly warning: number;
  readonly critical: number;
  readonly say: string;
}[] = [
  { name: 'cpu_usage', title: 'CPU usage', warning: 55, critical: 90, say: '%' },
  { name: 'api_response_time', title: 'API response time', warning: 500, critical: 1200, say: ' ms' },
  { name: 'database_query_time', title: 'Database query time', warning: 500, critical: 2000, say: ' ms' },
];

/** An alert as the API tells it. */
export interface MockAlert {
  readonly id: string;
  readonly metric_name: string;
  readonly severity: string;
  readonly message: string;
  readonly timestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly acknowledged_by: string | null;
  readonly silenced: boolean;
  readonly inhibited_by: string | null;
  readonly [field: string]: unknown;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const iso = (atMs: number): string => new Date(atMs).toISOString();

function summary(atMs: number, options: WorldOptions): Record<string, object> {
  const entries = METRIC_NAMES.map((name) => {
    const past = Array.from({ length: 30 }, (_, index) => valueAt(name, atMs / 1000 - index * 120, options) ?? 0);
    const average = past.reduce((sum, value) => sum + value, 0) / past.length;
    const current = valueAt(name, atMs / 1000, options) ?? 0;
    return [
      name,
      {
        current,
        average,
        min: Math.min(...past),
        max: Math.max(...past),
        unit: unitOf(name),
        timestamp: iso(atMs),
        series: 1,
        samples: 120,
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}

/** What fires at a moment, most severe first. */
export function alertsAt(atMs: number, options: WorldOptions, acknowledged: ReadonlySet<string>): MockAlert[] {
  const firedAtMs = Math.floor(atMs / 600_000) * 600_000 + 430_000;
  const firing = THRESHOLDS.flatMap(({ name, title, warning, critical, say }) => {
    const value = valueAt(name, atMs / 1000, options) ?? 0;
    if (value < warning) return [];
    const isCritical = value >= critical;
    const threshold = isCritical ? critical : warning;
    return {
      id: `alert-${name}`,
      metric_name: name,
      threshold,
      current_value: round(value),
      severity: isCritical ? 'critical' : 'medium',
      message: `${title} is ${value.toFixed(1)}${say}, exceeding threshold of ${threshold.toFixed(1)}`,
      timestamp: iso(Math.min(firedAtMs, atMs - 45_000)),
      labels: name === 'api_response_time' ? { route: '/markets/:id/orders' } : {},
      acknowledged_by: acknowledged.has(`alert-${name}`) ? 'you' : null,
      silenced: false,
      silenced_by: [],
      inhibited_by: null,
      cause: 'static',
      updated_at: iso(atMs),
      escalation_level: 0,
    };
  });
  return firing.toSorted((left, right) => left.severity.localeCompare(right.severity));
}

const ADVICE = {
  id: 'advice-slow-query',
  category: 'database',
  priority: 'high',
  resource: 'SELECT … FROM orders WHERE market_id = ?',
  title: 'Add an index on orders(market_id)',
  description: 'The query scans the whole table for each request of GET /markets/:id/orders, and its time grows with the number of orders.',
  impact: 'database_query_time falls by 60 to 85 %, api_response_time of the route by 40 to 70 %.',
  effort: 'low',
  implementation: [
    'CREATE INDEX orders_market_id ON orders(market_id);',
    'Run EXPLAIN QUERY PLAN and look for “SEARCH … USING INDEX”.',
    'Watch database_query_time for ten minutes under load.',
  ],
  evidence: [
    { statement: 'Its 95th percentile is 640 ms over the last 10 minutes; the next slowest query takes 14 ms.' },
    { statement: 'It takes 71 % of the time of GET /markets/:id/orders.' },
  ],
  verification: 'The 95th percentile of the query falls under 50 ms at the same request rate.',
};

const CACHE_ADVICE = {
  ...ADVICE,
  id: 'advice-cache',
  category: 'cache',
  priority: 'medium',
  title: 'Let the cache hold 4,000 entries instead of 2,000',
  description: 'Entries are evicted before they are read again: 31 % of the misses are for keys that were there a minute before.',
  impact: 'cache_hit_rate rises by 4 to 7 points.',
  implementation: ['Set CACHE_MAX_SIZE=4000.', 'Restart, or reload the configuration.', 'Compare the hit rate after an hour.'],
  evidence: [{ statement: '1,240 evictions in the last hour while the process has 180 MiB to spare.' }],
  verification: 'Evictions fall below 100 an hour.',
};

/** The whole picture at a moment, as the stream sends it. */
export function frameAt(atMs: number, options: WorldOptions, acknowledged: ReadonlySet<string>): Record<string, unknown> {
  const active = alertsAt(atMs, options, acknowledged);
  const countOf = (level: string): number => active.filter((alert) => 'severity' in alert && alert.severity === level).length;
  const score = round(Math.max(0, 94 - active.length * 14 - (valueAt('cpu_usage', atMs / 1000, options) ?? 0) / 12));
  const status = score >= 90 ? 'excellent' : score >= 75 ? 'good' : score >= 60 ? 'fair' : score >= 40 ? 'poor' : 'critical';
  const hits = 184_220 + (Math.floor(atMs / 50) % 100_000);
  const misses = Math.floor(hits / 10.3);
  return {
    timestamp: iso(atMs),
    summary: summary(atMs, options),
    health: {
      health_score: score,
      health_status: status,
      active_alerts: active.length,
      critical_alerts: active.filter(({ severity }) => severity === 'critical').length,
      monitoring: { running: true, interval: 1 },
      version: '0.0.0',
      penalties: active.length === 0 ? [] : [{ reason: 'Response time above its threshold', points: active.length * 14 }],
    },
    alerts: active,
    severity_breakdown: { low: 0, medium: countOf('medium'), high: 0, critical: countOf('critical') },
    recommendations: options.mood === 'calm' ? [] : [ADVICE, CACHE_ADVICE],
    cache: {
      hits,
      misses,
      evictions: 1240,
      hit_rate: round((100 * hits) / (hits + misses)),
      total_size: 3_412_992,
      entry_count: 1731,
      max_size: 2000,
      utilization: 86.6,
    },
  };
}

/** Alerts of the last hours, newest first. */
export function historyAt(atMs: number): object[] {
  const past = THRESHOLDS.flatMap(({ name, title, warning, say }, which) =>
    [which, which + 3].map((age) => {
      const firedAtMs = (Math.floor(atMs / 600_000) - age - 1) * 600_000 + 430_000;
      return {
        id: `past-${firedAtMs}`,
        metric_name: name,
        labels: {},
        acknowledged_at: null,
        acknowledged_by: which === 0 ? 'dana' : null,
        transitions: [],
        severity: which === 1 ? 'critical' : 'medium',
        message: `${title} is ${(warning * 1.2).toFixed(1)}${say}, exceeding threshold of ${warning.toFixed(1)}`,
        fired_at: iso(firedAtMs),
        resolved_at: iso(firedAtMs + 65_000 + age * 23_000),
        resolution_seconds: 65 + age * 23,
        notifications: 1,
      };
    }),
  );
  return past.toSorted((left, right) => right.fired_at.localeCompare(left.fired_at));
}
