import type { DeliveryRecord } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { Delivery } from '../../api-types.ts';
import { wholeNumber } from '../parameters.ts';
import { route, type Route } from '../route.ts';
import { deliverySchema } from '../schemas.ts';
import { isoTime, isoTimeOrNull } from '../time-view.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Channels';
const BASE = '/api/v1/alerting';

function deliveryView(record: DeliveryRecord): Delivery {
  return {
    id: record.id,
    channel: record.channel,
    group_key: record.groupKey,
    title: record.title,
    status: record.status,
    attempts: record.attempts,
    created_at: isoTime(record.createdAtMs),
    delivered_at: isoTimeOrNull(record.deliveredAtMs),
    last_error: record.lastError ?? null,
  };
}

export const channelRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${BASE}/channels`,
    tag: TAG,
    summary: 'Where notifications go',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ channels: z.array(z.object({ name: z.string(), kind: z.string(), failures: z.int() })), count: z.int() }),
    handle: (_request, { engine }) => {
      const { channels } = engine.delivery;
      return { channels, count: channels.length };
    },
  }),
  route({
    method: 'POST',
    path: `${BASE}/channels/:name/test`,
    tag: TAG,
    summary: 'Send a marked test message',
    scope: 'admin',
    params: z.object({ name: z.string() }),
    body: strictObject({}).optional(),
    answer: z.object({ status: z.enum(['sent', 'failed']), detail: z.string(), permanent: z.boolean() }),
    audit: 'channel.test',
    handle: async ({ params }, { engine }) => {
      const outcome = await engine.delivery.test(params.name);
      return outcome.status === 'sent'
        ? { status: 'sent', detail: outcome.detail, permanent: false }
        : { status: 'failed', detail: outcome.error, permanent: outcome.permanent };
    },
  }),
  route({
    method: 'POST',
    path: `${BASE}/channels/:name/replay`,
    tag: TAG,
    summary: 'Put messages that were given up back in line',
    scope: 'admin',
    params: z.object({ name: z.string() }),
    body: strictObject({}).optional(),
    audit: 'channel.replay',
    handle: async ({ params }, { engine }) => `Put ${await engine.delivery.replay(params.name)} messages back in line`,
  }),
  route({
    method: 'GET',
    path: `${BASE}/deliveries`,
    tag: TAG,
    summary: 'Notifications sent, waiting and given up',
    scope: 'read',
    query: strictObject({ limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }) }),
    answer: z.object({ deliveries: z.array(deliverySchema), count: z.int() }),
    handle: async ({ query }, { engine }) => {
      const deliveries = (await engine.delivery.recent(query.limit)).map(deliveryView);
      return { deliveries, count: deliveries.length };
    },
  }),
];
