import { SEVERITIES } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type * as api from '../api-types.ts';
import { alertListSchema } from './schemas.ts';

/** Schemas of the answers about alerts that fire, who has taken them and where they go. */

const iso = z.iso.datetime();
const severity = z.enum(SEVERITIES as unknown as [api.Severity, ...api.Severity[]]);

export const alertPageSchema: z.ZodType<api.AlertPage> = z.intersection(
  alertListSchema,
  z.object({ total: z.int().describe('Alerts that match, on all pages') }),
);

export const acknowledgementSchema: z.ZodType<api.Acknowledgement> = z
  .object({
    alert_id: z.string(),
    metric_name: z.string(),
    labels: z.record(z.string(), z.string()),
    severity: severity,
    message: z.string(),
    acknowledged_by: z.string(),
  })
  .meta({ id: 'Acknowledgement' });

export const escalationsSchema: z.ZodType<api.Escalations> = z.object({
  minimum_severity: severity,
  repeat_seconds: z.number().nullable(),
  steps: z.array(z.object({ after_seconds: z.number(), channels: z.array(z.string()).nullable() })),
  alerts: z.array(z.object({ id: z.string(), message: z.string(), severity: severity, level: z.int(), next_at: iso.nullable() })),
});

export const alertRouteSchema: z.ZodType<api.AlertRoute> = z
  .object({
    id: z.string(),
    receiver: z.string().describe('Empty: every channel'),
    channels: z.array(z.string()),
    matchers: z.array(z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() })),
    continue: z.boolean(),
    grouping: z
      .object({
        group_by: z.array(z.string()).nullable(),
        group_wait_seconds: z.number(),
        group_interval_seconds: z.number(),
        repeat_interval_seconds: z.number(),
      })
      .nullable(),
    mute_time_intervals: z.array(z.string()),
    active_time_intervals: z.array(z.string()),
    get routes(): z.ZodType<readonly api.AlertRoute[]> {
      return z.array(alertRouteSchema);
    },
  })
  .meta({ id: 'AlertRoute' });
