export type Severity = 'low' | 'medium' | 'high' | 'critical';

export interface MetricSummary {
  readonly current: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly timestamp: string;
  readonly series?: number;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly hit_rate: number;
  readonly total_size: number;
  readonly entry_count: number;
  readonly max_size: number;
  readonly utilization: number;
}

export interface CacheEntry {
  readonly key: string;
  readonly size_bytes: number;
  readonly ttl_seconds: number | null;
  readonly tags: readonly string[];
}

export interface Alert {
  readonly id: string;
  readonly metric_name: string;
  readonly threshold: number;
  readonly current_value: number;
  readonly severity: Severity;
  readonly message: string;
  readonly timestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly acknowledged_by?: string | null;
  readonly silenced?: boolean;
}

export interface AlertRecord {
  readonly id: string;
  readonly metric_name: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fired_at: string;
  readonly resolved_at: string | null;
}

export interface Recommendation {
  readonly id: string;
  readonly category: string;
  readonly priority: Severity;
  readonly title: string;
  readonly description: string;
  readonly impact: string;
  readonly effort: string;
  readonly implementation: readonly string[];
  readonly created_at: string;
  readonly resource?: string;
  readonly evidence?: readonly { readonly statement: string }[];
  readonly verification?: string;
}

export interface Health {
  readonly health_score: number;
  readonly health_status: 'excellent' | 'good' | 'fair' | 'poor' | 'critical';
  readonly penalties?: readonly { readonly reason: string; readonly points: number }[];
}

export interface Instance {
  readonly instance: string;
  readonly job: string;
  readonly last_sample_at: string;
}

/** What the stream sends: everything the page shows at a glance, at one moment. */
export interface Frame {
  readonly timestamp: string;
  readonly summary: Readonly<Record<string, MetricSummary>>;
  readonly health: Health;
  readonly alerts: readonly Alert[];
  readonly recommendations: readonly Recommendation[];
  readonly cache: CacheStats;
}

export interface MatrixSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}
