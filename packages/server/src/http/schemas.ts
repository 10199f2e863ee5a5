import { SPAN_KINDS } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type * as api from '../api-types.ts';

/**
 * Schemas of the answers. Each is declared to produce exactly the type in `api-types.ts`; the documentation is generated from them and the
 * tests hold real answers against them.
 */
const severities = ['low', 'medium', 'high', 'critical'] as const;
const causes = ['static', 'learned', 'rule', 'no_data', 'error', 'pushed'] as const;
const iso = z.iso.datetime();
const percent = z.number().min(0).max(100);
const labels = z.record(z.string(), z.string());
const breakdown = z.object({ low: z.int(), medium: z.int(), high: z.int(), critical: z.int() });

export const metricSummarySchema: z.ZodType<api.MetricSummary> = z
  .object({
    current: z.number(),
    average: z.number(),
    min: z.number(),
    max: z.number(),
    unit: z.string(),
    timestamp: iso,
    samples: z.int(),
    series: z.int(),
  })
  .meta({ id: 'MetricSummary', description: 'One metric over the trailing hour.' });

const cacheStatsObject = z.object({
  hits: z.int(),
  misses: z.int(),
  evictions: z.int(),
  hit_rate: percent.describe('100 · hits / (hits + misses)'),
  total_size: z.number().describe('bytes'),
  entry_count: z.int(),
  max_size: z.number().describe('entries'),
  utilization: percent.describe('100 · entry_count / max_size'),
});
export const cacheStatsSchema: z.ZodType<api.CacheStats> = cacheStatsObject.meta({ id: 'CacheStats' });
const total = z.int().exactOptional();
export const fullCacheStatsSchema: z.ZodType<api.FullCacheStats> = cacheStatsObject
  .extend({
    expirations: total,
    invalidations: total,
    refused: total,
    writes: total,
    overwrites: total,
    loads: total,
    load_failures: total,
    load_waits: total,
    stale_serves: total,
    early_refreshes: total,
    load_seconds: z
      .object({ sum: z.number(), count: z.int(), buckets: z.array(z.object({ le: z.number().nullable(), count: z.int() })) })
      .exactOptional(),
  })
  .meta({ id: 'FullCacheStats', description: 'What the contract promises, and what the caches tell besides.' });

export const summarySchema: z.ZodType<api.Summary> = z
  .object({ cache: cacheStatsSchema, health_score: percent })
  .catchall(metricSummarySchema)
  .meta({ id: 'Summary', description: 'One member per metric beside the two fixed ones.' });

export const alertSchema: z.ZodType<api.Alert> = z
  .object({
    id: z.string(),
    metric_name: z.string(),
    threshold: z.number(),
    current_value: z.number(),
    severity: z.enum(severities),
    message: z.string(),
    timestamp: iso.describe('When it began to fire'),
    labels,
    cause: z.enum(causes),
    updated_at: iso,
    acknowledged_by: z.string().nullable(),
    silenced: z.boolean(),
    silenced_by: z.array(z.string()).readonly().describe('Ids of the silences that cover it'),
    inhibited_by: z.string().nullable(),
    escalation_level: z.int(),
  })
  .meta({ id: 'Alert' });

export const alertListSchema: z.ZodType<api.AlertList> = z.object({
  alerts: z.array(alertSchema),
  count: z.int().describe('Number of alerts listed'),
  severity_breakdown: breakdown.describe('Over all active alerts, whatever the filter'),
});

export const coveredAlertsSchema: z.ZodType<api.AlertPage> = z.object({
  alerts: z.array(alertSchema),
  count: z.int().describe('Number of alerts listed'),
  total: z.int().describe('Number of alerts covered, listed or not'),
  severity_breakdown: breakdown.describe('Over all that are covered'),
});

const alertTransitionSchema: z.ZodType<api.AlertTransition> = z
  .object({
    kind: z.enum(['pending', 'lapsed', 'fired', 'changed', 'escalated', 'acknowledged', 'unacknowledged', 'resolved']),
    at: iso,
    severity: z.enum(severities),
    value: z.number().nullable(),
    cause: z.enum(causes).nullable(),
    by: z.string().nullable(),
    reason: z.enum(['recovered', 'rule_removed', 'limit_exceeded']).nullable(),
  })
  .meta({ id: 'AlertTransition' });

const alertRecordSchema: z.ZodType<api.AlertRecord> = z
  .object({
    id: z.string(),
    metric_name: z.string(),
    labels,
    severity: z.enum(severities),
    message: z.string(),
    fired_at: iso,
    resolved_at: iso.nullable(),
    resolution_seconds: z.number().nullable(),
    acknowledged_at: iso.nullable(),
    acknowledged_by: z.string().nullable(),
    notifications: z.int(),
    transitions: z.array(alertTransitionSchema),
  })
  .meta({ id: 'AlertRecord' });

const ruleRecordSchema: z.ZodType<api.RuleRecord> = z
  .object({
    metric_name: z.string(),
    fired: z.int(),
    acknowledged: z.int(),
    resolved: z.int(),
    mean_time_to_acknowledge_seconds: z.number().nullable(),
    mean_time_to_resolve_seconds: z.number().nullable(),
  })
  .meta({ id: 'RuleRecord' });

const alertRuleSchema: z.ZodType<api.AlertRule> = z
  .object({
    id: z.string(),
    kind: z.enum(['alerting', 'recording']),
    name: z.string(),
    expr: z.string(),
    for_seconds: z.number(),
    keep_firing_for_seconds: z.number(),
    labels,
    annotations: labels,
    x_bellwether: z.record(z.string(), z.unknown()).nullable(),
    state: z.enum(['inactive', 'pending', 'firing']),
    firing: z.int(),
    pending: z.int(),
    health: z.enum(['unknown', 'ok', 'err']),
    last_error: z.string().nullable(),
    evaluated_at: iso.nullable(),
  })
  .meta({ id: 'AlertRule' });

export const ruleGroupSchema: z.ZodType<api.RuleGroup> = z
  .object({
    name: z.string(),
    file: z.string().describe('Empty when it came over the API'),
    interval_seconds: z.number(),
    limit: z.int(),
    evaluated_at: iso.nullable(),
    evaluation_seconds: z.number(),
    rules: z.array(alertRuleSchema),
  })
  .meta({ id: 'RuleGroup' });

export const backtestSchema: z.ZodType<api.Backtest> = z
  .object({
    from: iso,
    to: iso,
    interval_seconds: z.number(),
    evaluations: z.int(),
    series: z.int(),
    fired: z.int().describe('How often the alert would have fired'),
    pending_only: z.int().describe('Breaches that ended before `for` had passed'),
    flaps: z.int().describe('Firings that began within 15 minutes of the end of the one before'),
    firing_seconds: z.number(),
    longest_seconds: z.number(),
    firing_percent: percent.describe('Share of the window in which at least one alert fired'),
    firings: z.array(
      z.object({
        labels,
        severity: z.enum(severities),
        fired_at: iso,
        resolved_at: iso.nullable(),
        peak: z.number().nullable().describe('The value farthest out'),
      }),
    ),
    notes: z.array(z.string()),
  })
  .meta({ id: 'Backtest' });

export const alertHistorySchema: z.ZodType<api.AlertHistory> = z.object({
  alerts: z.array(alertRecordSchema),
  rules: z.array(ruleRecordSchema).describe('Over all alerts that began in the window, whatever the limit'),
  count: z.int(),
  average_resolution_seconds: z.number().nullable(),
});

const evidenceSchema: z.ZodType<api.Evidence> = z
  .object({ statement: z.string(), expression: z.string().nullable(), value: z.number().nullable(), unit: z.string().nullable() })
  .meta({ id: 'Evidence' });

export const recommendationSchema: z.ZodType<api.Recommendation> = z
  .object({
    id: z.string(),
    category: z.string(),
    priority: z.enum(severities),
    resource: z.string(),
    title: z.string(),
    description: z.string(),
    impact: z.string(),
    effort: z.string(),
    implementation: z.array(z.string()).describe('Steps, in order'),
    evidence: z.array(evidenceSchema),
    expected_gain: z.object({ metric: z.string(), lower_percent: z.number(), upper_percent: z.number(), model: z.string() }).nullable(),
    verification: z.string(),
    labels,
    created_at: iso,
  })
  .meta({ id: 'Recommendation' });

export const recommendationListSchema: z.ZodType<api.RecommendationList> = z.object({
  recommendations: z.array(recommendationSchema),
  count: z.int(),
  priority_breakdown: breakdown.describe('Over all recommendations, whatever the filter'),
});

export const monitoringSchema: z.ZodType<api.Monitoring> = z
  .object({ running: z.boolean(), interval: z.number().describe('Seconds between collections') })
  .meta({ id: 'Monitoring' });

export const healthSchema: z.ZodType<api.Health> = z
  .object({
    health_score: percent,
    health_status: z.enum(['excellent', 'good', 'fair', 'poor', 'critical']),
    active_alerts: z.int(),
    critical_alerts: z.int(),
    recommendations: z.array(recommendationSchema),
    overall_security_score: percent.describe('Alias of health_score'),
    penalties: z.array(z.object({ reason: z.string(), points: z.number() })),
    monitoring: monitoringSchema,
    version: z.string(),
    started_at: iso,
  })
  .meta({ id: 'Health' });

export const cacheEntryListSchema: z.ZodType<api.CacheEntryList> = z.object({
  entries: z.array(
    z
      .object({ key: z.string(), size_bytes: z.number(), ttl_seconds: z.number().nullable(), tags: z.array(z.string()) })
      .meta({ id: 'CacheEntry', description: 'Never holds the value.' }),
  ),
  count: z.int(),
  total: z.int(),
  offset: z.int(),
  limit: z.int(),
});

export const instanceListSchema: z.ZodType<api.InstanceList> = z.object({
  instances: z.array(z.object({ instance: z.string(), job: z.string(), last_sample_at: iso })),
  count: z.int(),
});

export const traceListSchema: z.ZodType<api.TraceList> = z.object({
  traces: z.array(
    z.object({
      trace_id: z.string(),
      name: z.string(),
      started_at: iso,
      duration_ms: z.number(),
      failed: z.boolean(),
      spans: z.array(
        z.object({
          span_id: z.string(),
          parent_span_id: z.string().nullable(),
          name: z.string(),
          kind: z.enum(SPAN_KINDS),
          service: z.string(),
          offset_ms: z.number(),
          duration_ms: z.number(),
          status: z.int(),
          failed: z.boolean(),
        }),
      ),
    }),
  ),
  count: z.int(),
});

export const metricHistorySchema: z.ZodType<api.MetricHistory> = z.object({
  metric: z.string(),
  unit: z.string(),
  from: iso,
  to: iso,
  step_seconds: z.number(),
  series: z.array(z.object({ labels, points: z.array(z.tuple([z.number(), z.number().nullable()])) })),
});

export const thresholdsSchema: z.ZodType<api.Thresholds> = z
  .record(z.string(), z.union([z.number(), z.object({ warning: z.number(), critical: z.number() })]))
  .meta({ id: 'Thresholds', description: 'A number is one limit of severity high; critical below warning says that lower is worse.' });

export const incidentSchema: z.ZodType<api.Incident> = z
  .object({
    id: z.string(),
    title: z.string(),
    likely_root: z.string().nullable(),
    started_at: iso,
    ended_at: iso.nullable(),
    member_count: z.int().describe('Number of its alerts, listed or not'),
    alerts: z.array(
      z.object({
        id: z.string(),
        metric_name: z.string(),
        labels: z.record(z.string(), z.string()),
        severity: z.enum(['low', 'medium', 'high', 'critical']),
        message: z.string(),
        began_at: iso,
        ended_at: iso.nullable(),
      }),
    ),
  })
  .meta({ id: 'Incident' });

export const silenceSchema: z.ZodType<api.Silence> = z
  .object({
    id: z.string(),
    matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() })),
    starts_at: iso,
    ends_at: iso,
    state: z.enum(['pending', 'active', 'expired']),
    times: z.array(z.record(z.string(), z.unknown())).exactOptional(),
    author: z.string(),
    comment: z.string(),
  })
  .meta({ id: 'Silence' });

export const deliverySchema: z.ZodType<api.Delivery> = z
  .object({
    id: z.string(),
    channel: z.string(),
    group_key: z.string(),
    title: z.string(),
    status: z.enum(['waiting', 'delivered', 'superseded', 'dead']),
    attempts: z.int(),
    created_at: iso,
    delivered_at: iso.nullable(),
    last_error: z.string().nullable(),
  })
  .meta({ id: 'Delivery' });

export const dashboardSchema: z.ZodType<api.Dashboard> = z
  .object({ id: z.string(), name: z.string(), owner: z.string(), updated_at: iso, content: z.record(z.string(), z.unknown()) })
  .meta({ id: 'Dashboard' });

export const accessTokenSchema: z.ZodType<api.AccessToken> = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(['read', 'ingest', 'admin']),
    created_at: iso,
    last_used_at: iso.nullable(),
    revoked_at: iso.nullable(),
  })
  .meta({ id: 'AccessToken' });

export const auditEntrySchema: z.ZodType<api.AuditEntry> = z
  .object({
    id: z.string(),
    at: iso,
    actor: z.string(),
    action: z.string(),
    outcome: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });

export const sessionSchema: z.ZodType<api.Session> = z
  .object({ scope: z.enum(['read', 'ingest', 'admin']), name: z.string(), expires_at: iso.nullable() })
  .meta({ id: 'Session' });
