import { DEFAULT_ROUTE, groupOf, type AlertRoute as EngineRoute, type Engine } from '@bellwether/monitor/engine';
import { z } from 'zod';
import type { AlertRoute } from '../../api-types.ts';
import { matcherView } from '../matchers.ts';
import { route, type Route } from '../route.ts';
import { alertRouteSchema } from '../alerting-schemas.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Channels';
const PATH = '/api/v1/alerting/routes';

function channelsOf({ receiver }: EngineRoute, { delivery, notifying }: Engine): readonly string[] {
  return notifying.routing.channelsOf(receiver) ?? delivery.channels.map(({ name }) => name);
}

function routeView(one: EngineRoute, engine: Engine): AlertRoute {
  const { grouping } = one;
  return {
    id: one.id,
    receiver: one.receiver,
    channels: channelsOf(one, engine),
    matchers: one.matchers.map(matcherView),
    continue: one.continues,
    grouping:
      grouping.kind === 'automatic'
        ? null
        : {
            group_by: grouping.by === 'all' ? null : grouping.by,
            group_wait_seconds: grouping.waitMs / 1000,
            group_interval_seconds: grouping.intervalMs / 1000,
            repeat_interval_seconds: grouping.repeatMs / 1000,
          },
    mute_time_intervals: one.muteTimes,
    active_time_intervals: one.activeTimes,
    routes: one.routes.map((child) => routeView(child, engine)),
  };
}

/** The tree that alerts walk down to their receivers. It is written in the configuration file; a reload takes a changed one. */
export const alertRouteRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'How alerts find their receivers',
    description: 'Routes stand in the configuration file, or in the one of Alertmanager; `POST /-/reload` takes a changed file.',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ route: alertRouteSchema }),
    handle: (_request, { engine }) => ({ route: routeView(engine.notifying.config.routing.root ?? DEFAULT_ROUTE, engine) }),
  }),
  route({
    method: 'POST',
    path: `${PATH}/test`,
    tag: TAG,
    summary: 'Who would hear of an alert with these labels',
    scope: 'read',
    body: strictObject({
      labels: z
        .record(z.string().max(200), z.string().max(10_000))
        .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels'),
    }),
    answer: z.object({
      receivers: z.array(
        z.object({ receiver: z.string(), channels: z.array(z.string()), route: z.string(), group: z.string().nullable() }),
      ),
    }),
    handle: ({ body }, { engine }) => ({
      receivers: engine.notifying.routing.find(body.labels).map((found) => ({
        receiver: found.receiver,
        channels: channelsOf(found, engine),
        route: found.id,
        group: found.grouping.kind === 'automatic' ? null : groupOf(found, body.labels).key,
      })),
    }),
  }),
];
