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

export const originSchema: z.ZodType<api.Origin> = z
  .enum(['file', 'api'])
  .describe('`file`: changed in the configuration file. `api`: saved over the API');
const matchers: z.ZodType<readonly api.SilenceMatcher[]> = z.array(
  z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() }),
);
const problem = z.string().nullable().describe('Why it does not work as it was saved');
const definition = z.record(z.string(), z.unknown()).nullable().describe('As it was saved; null for one of the file');
const position = z.int().nullable().describe('Among those of the API; null for one of the file');

const steps = z.array(z.object({ after_seconds: z.number(), channels: z.array(z.string()).nullable() }));
const ladderShape = {
  name: z.string(),
  origin: originSchema,
  problem,
  matchers,
  minimum_severity: severity,
  repeat_seconds: z.number().nullable(),
  steps,
};

export const escalationsSchema: z.ZodType<api.Escalations> = z.object({
  minimum_severity: severity,
  repeat_seconds: z.number().nullable(),
  steps,
  ladders: z.array(z.object(ladderShape)).describe('In the order in which they are asked'),
  alerts: z.array(
    z.object({ id: z.string(), message: z.string(), severity: severity, ladder: z.string(), level: z.int(), next_at: iso.nullable() }),
  ),
});
export const ladderDetailSchema: z.ZodType<api.EscalationLadderDetail> = z
  .object({ ...ladderShape, position, definition })
  .meta({ id: 'EscalationLadder' });

const channelShape = { name: z.string(), kind: z.string(), failures: z.int(), origin: originSchema, problem };

export const channelSchema: z.ZodType<api.Channel> = z.object(channelShape);
export const channelDetailSchema: z.ZodType<api.ChannelDetail> = z
  .object({
    ...channelShape,
    config: z.record(z.string(), z.unknown()).describe('Secrets are shown as references'),
    hidden: z.array(z.string()).describe('Fields that stand in the file as plain text'),
  })
  .meta({ id: 'Channel' });

export const alertRouteSchema: z.ZodType<api.AlertRoute> = z
  .object({
    id: z.string(),
    origin: originSchema,
    receiver: z.string().describe('Empty: every channel. Of a route of the API that names channels: its id'),
    channels: z.array(z.string()),
    matchers,
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

export const routeDetailSchema: z.ZodType<api.AlertRouteDetail> = z.object({
  id: z.string(),
  origin: originSchema,
  position,
  problem,
  definition,
  route: alertRouteSchema.nullable(),
});
