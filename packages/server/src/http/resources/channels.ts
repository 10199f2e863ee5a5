import { shownChannel, type DeliveryRecord, type Engine } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { Channel, ChannelDetail, Delivery } from '../../api-types.ts';
import { channelDetailSchema, channelSchema } from '../alerting-schemas.ts';
import { ApiProblem } from '../problem.ts';
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

/** Fields that each kind has beside these are checked by the kind itself. */
const channelBody = z
  .looseObject({
    name: z.string().min(1).max(64),
    kind: z.string().max(40),
    minimum_severity: z.string().optional(),
    escalation: z.boolean().optional(),
    send_resolved: z.boolean().optional(),
    quiet_hours: z.array(z.record(z.string(), z.unknown())).max(50).optional(),
  })
  .refine((body) => Object.keys(body).length <= 40, 'has too many fields');
const namedChannel = z.object({ name: z.string() });

const FIELDS =
  'The fields are those of the configuration file; see the guide on channels. Secrets must be references: `env:BELLWETHER_SECRET_…`, or `file:NAME` of a file in the folder `secrets` of the data directory.';

/** Those at work, and those of the API whose name the file has taken. */
function channelsOf({ delivery, notifying }: Engine): readonly Channel[] {
  const saved = new Map(notifying.saved('channel').map((part) => [part.name, part]));
  const working = delivery.channels.map(({ name, kind, failures }): Channel => {
    const isOfApi = notifying.isOfApi('channel', name);
    return { name, kind, failures, origin: isOfApi ? 'api' : 'file', problem: (isOfApi ? saved.get(name)?.problem : undefined) ?? null };
  });
  const shadowed = [...saved.values()].filter(({ name }) => !notifying.isOfApi('channel', name));
  return [
    ...working,
    ...shadowed.map(({ name, body, problem }): Channel => {
      const { kind } = body as { readonly kind: string };
      return { name, kind, failures: 0, origin: 'api', problem: problem ?? null };
    }),
  ];
}

function channelNamed(name: string, engine: Engine): ChannelDetail {
  const channel = channelsOf(engine).find((one) => one.name === name);
  if (channel === undefined) throw new ApiProblem('state_not_found', `There is no channel ${JSON.stringify(name.slice(0, 80))}`);
  const config = engine.notifying.config.channels.find((one) => one.name === name);
  return { ...channel, ...(config === undefined ? { config: {}, hidden: [] } : shownChannel(config, channel.origin === 'file')) };
}

const changeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${BASE}/channels/:name`,
    tag: TAG,
    summary: 'One channel with its configuration',
    description: 'Secrets are shown as references, those that stand in the file as plain text not at all.',
    scope: 'admin',
    params: namedChannel,
    answer: channelDetailSchema,
    handle: ({ params }, { engine }) => channelNamed(params.name, engine),
  }),
  route({
    method: 'POST',
    path: `${BASE}/channels`,
    tag: TAG,
    summary: 'Save a new channel',
    description: FIELDS,
    scope: 'admin',
    body: channelBody,
    answer: channelDetailSchema,
    successStatus: 201,
    audit: 'channel.create',
    handle: async ({ body }, { engine }) => {
      await engine.notifying.create({ kind: 'channel', name: body.name, body });
      return channelNamed(body.name, engine);
    },
  }),
  route({
    method: 'PUT',
    path: `${BASE}/channels/:name`,
    tag: TAG,
    summary: 'Replace a channel of the API',
    description: `${FIELDS} What waits for it is sent by the new one.`,
    scope: 'admin',
    params: namedChannel,
    body: channelBody,
    answer: channelDetailSchema,
    audit: 'channel.replace',
    handle: async ({ params: { name }, body }, { engine }) => {
      if (body.name !== name) throw new ApiProblem('body_invalid', `name: must be ${JSON.stringify(name.slice(0, 80))}, as in the address`);
      await engine.notifying.replace({ kind: 'channel', name, body });
      return channelNamed(name, engine);
    },
  }),
  route({
    method: 'DELETE',
    path: `${BASE}/channels/:name`,
    tag: TAG,
    summary: 'Delete a channel of the API',
    description: 'What waits for it becomes a dead letter. One that a route or a ladder names is not deleted.',
    scope: 'admin',
    params: namedChannel,
    audit: 'channel.delete',
    handle: async ({ params: { name } }, { engine }) => {
      await engine.notifying.remove({ kind: 'channel', name });
      return `Deleted the channel ${JSON.stringify(name)}`;
    },
  }),
];

export const channelRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: `${BASE}/channels`,
    tag: TAG,
    summary: 'Where notifications go',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ channels: z.array(channelSchema), count: z.int() }),
    handle: (_request, { engine }) => {
      const channels = channelsOf(engine);
      return { channels, count: channels.length };
    },
  }),
  ...changeRoutes,
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
    query: strictObject({
      limit: wholeNumber({ from: 1, to: 1000, fallback: 100 }),
      offset: wholeNumber({ from: 0, to: 999_999_999, fallback: 0 }),
    }),
    answer: z.object({ deliveries: z.array(deliverySchema), count: z.int() }),
    handle: async ({ query }, { engine }) => {
      const deliveries = (await engine.delivery.recent(query.limit, query.offset)).map(deliveryView);
      return { deliveries, count: deliveries.length };
    },
  }),
];
